#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

#include "mime/message_view.hpp"

namespace mox::imap {

// What a client can read in a string of an answer.
enum class Texts {
    ascii,  // all else only in literals, or encoded
    utf8,   // after ENABLE IMAP4rev2 or UTF8=ACCEPT: also in quoted strings (RFC 9051 section 4.3, RFC 9755)
};

// Appends the words of answers (RFC 9051 section 9) to a text.
class Writer {
public:
    Writer(std::string& out, Texts texts) : out_(out), texts_(texts) {}

    [[nodiscard]] Texts texts() const { return texts_; }
    [[nodiscard]] std::string& out() { return out_; }

    void raw(char c) { out_ += c; }
    void raw(std::string_view text) { out_ += text; }
    void number(std::unsigned_integral auto value) { write_number(value); }
    // Quoted, or a literal where that is needed.
    void string(std::string_view value);
    // The same, ASCII letters in upper case.
    void upper_string(std::string_view value);
    // NIL when empty.
    void nstring(std::string_view value);
    // Text of a header, UTF-8: encoded words (RFC 2047) for a client that takes ASCII only.
    void text(std::string_view utf8);
    void ntext(std::string_view utf8);
    // An atom, or a string where that is needed.
    void astring(std::string_view value);
    // Of a Content-Type or Content-Disposition; NIL when there are none. RFC 2231 for a client that takes ASCII only.
    void parameters(const mime::ParametersView& list);

private:
    void write_number(std::uint64_t value);

    std::string& out_;
    Texts texts_;
};

}  // namespace mox::imap
