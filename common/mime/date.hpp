#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"

// Dates in mail. Parsers give nullopt for whatever has a field out of its range; the weekday is never compared with the
// date. Years 0 to 9999.

namespace mox::mime {

// RFC 5322 section 3.3 with the obsolete forms of section 4.3: years of two and three digits, zone names (unknown ones
// and military letters as -0000, so offset 0), comments, no weekday, no seconds. Also, as found in mail: any weekday
// word, no zone (UTC), text after the zone.
[[nodiscard]] std::optional<Timestamp> parse_date(std::string_view text);

// The date of an mbox "From " line in one of three forms; blanks may repeat.
//   Mon Jan  2 15:04:05 2006        ANSI C, UTC
//   Mon Jan  2 15:04:05 MST 2006    Unix, zone name as in parse_date()
//   Mon Jan 02 15:04:05 -0700 2006  Ruby
[[nodiscard]] std::optional<Timestamp> parse_mbox_date(std::string_view text);

// "Mon, 02 Jan 2006 15:04:05 -0700", in the offset of `time` (RFC 5322 section 3.3).
[[nodiscard]] std::string format_date(const Timestamp& time);
// "Mon Jan  2 15:04:05 2006", in UTC, for mbox "From " lines.
[[nodiscard]] std::string format_mbox_date(const Timestamp& time);
// "02-Jan-2006 15:04:05 -0700" (RFC 9051 section 9, date-time, with a blank instead of a leading zero: " 2-Jan-2006").
[[nodiscard]] std::string format_internal_date(const Timestamp& time);
// The reverse; a leading zero is accepted too.
[[nodiscard]] std::optional<Timestamp> parse_internal_date(std::string_view text);

}  // namespace mox::mime
