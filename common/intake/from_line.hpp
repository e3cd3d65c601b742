#pragma once

#include <optional>
#include <string_view>

#include "base/clock.hpp"

namespace mox::intake {

// Longest "From " line, in bytes without its line end, that can separate entries of an mbox.
inline constexpr std::size_t max_from_line_bytes = 1000;

// The date of the line "From <sender> <date>", without its line end; nullopt when it is not such a line. The sender is
// one word, a quoted string (with a domain), or several words; it may be missing. Dates, blanks may repeat:
//   Mon Jan  2 15:04:05 2006        UTC
//   Mon Jan  2 15:04:05 MST 2006    Unix, with zone name
//   Mon Jan 02 15:04:05 -0700 2006  Ruby
//   Mon Jan  2 15:04:05 2006 -0700  also with a zone name, and followed by "remote from <host>"
//   Mon, 2 Jan 2006 15:04:05 -0700  RFC 5322
// Seconds may be missing in the first four.
[[nodiscard]] std::optional<Timestamp> parse_from_line(std::string_view line);

}  // namespace mox::intake
