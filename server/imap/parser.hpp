#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/cursor.hpp"

// The words of IMAP's grammar (RFC 9051 section 9), read from one complete command. All throw SyntaxError.

namespace mox::imap {

class Parser {
public:
    explicit Parser(std::string_view command) : in_(command) {}

    [[nodiscard]] std::string tag();
    [[nodiscard]] std::string atom();
    void space() { in_.expect(' '); }
    // An atom (with "]"), a quoted string or a literal.
    [[nodiscard]] std::string astring();
    // A quoted string or a literal.
    [[nodiscard]] std::string string();
    // An unsigned number (RFC 9051 number64).
    [[nodiscard]] std::int64_t number() { return static_cast<std::int64_t>(in_.expect_number(INT64_MAX)); }
    void expect(char c) { in_.expect(c); }
    // True, and behind it, when an atom follows that is `word` in any case.
    bool take_word(std::string_view word);
    // A mailbox with wildcards (list-mailbox).
    [[nodiscard]] std::string list_mailbox();
    // The same or NIL.
    [[nodiscard]] std::optional<std::string> nstring();
    bool take(char c) { return in_.take(c); }
    // For grammars of their own.
    [[nodiscard]] Cursor& cursor() { return in_; }
    [[nodiscard]] bool at_end() const { return in_.at_end(); }
    // What is left, as it is.
    [[nodiscard]] std::string rest();
    void end() const { in_.expect_end(); }
    [[noreturn]] void fail(std::string message) const { in_.fail(std::move(message)); }

private:
    [[nodiscard]] std::string quoted();
    [[nodiscard]] std::string literal();

    Cursor in_;
};

// As a string of the grammar: quoted, or a literal where that is needed.
[[nodiscard]] std::string to_string(std::string_view value);

}  // namespace mox::imap
