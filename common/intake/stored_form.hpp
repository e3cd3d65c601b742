#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "intake/header_fields.hpp"
#include "intake/message.hpp"

namespace mox::intake {

enum class Quoting { none, mbox };

// Turns the text of one message into its stored form (see convert()), piece by piece.
class StoredForm {
public:
    StoredForm(Quoting quoting, HeaderFields& header, const Sink& sink);

    // With Quoting::mbox the whole message in one call, otherwise any pieces.
    void feed(std::string_view text);
    void finish();

    [[nodiscard]] std::uint64_t size_bytes() const { return size_bytes_; }
    [[nodiscard]] std::uint64_t bare_cr() const { return cr_ - cr_in_line_ends_; }
    [[nodiscard]] std::uint64_t nul() const { return nul_; }

private:
    // `line` is complete: from its first byte to its LF.
    void whole_line(std::string_view line);
    // Up to the next LF of a line of which a part has come, or of which the end is missing. Returns what is left.
    std::string_view continued_line(std::string_view text);
    void end_line();
    void put(std::string_view text);
    void flush();

    const Quoting quoting_;
    HeaderFields& header_;
    const Sink& sink_;
    std::unique_ptr<char[]> buffer_;
    std::size_t used_ = 0;
    bool within_line_ = false;
    bool held_cr_ = false;  // the last byte so far was a CR: part of a line end if LF comes next
    std::uint64_t size_bytes_ = 0, cr_ = 0, cr_in_line_ends_ = 0, nul_ = 0;
};

}  // namespace mox::intake
