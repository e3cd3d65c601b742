#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/flags.hpp"

// Names of files in a maildir: "<time>.<unique>.<host>[,S=<size>…][:2,<letters>]"
// (https://cr.yp.to/proto/maildir.html).

namespace mox::intake {

struct MaildirName {
    std::string_view base;     // what stays when flags change: everything before the information part
    std::string_view letters;  // of the information part, "" without one; extra fields after a comma are left out
    // Seconds since 1970 when the name tells a plausible delivery time: 9 or 10 digits without leading zeros before the
    // first of at least two dots, that is 1973 to 2286.
    std::optional<std::int64_t> time;
};

// Never fails; the parts point into `name`. The information part starts at ":2,", or at ";2," or "!2,", which systems
// use whose file names cannot have a colon.
[[nodiscard]] MaildirName parse_maildir_name(std::string_view name);

// Order of files: by the number that a name starts with (no number: last), then by bytes.
[[nodiscard]] bool maildir_order(std::string_view a, std::string_view b);
// A number of 59 bits that sorts files of `new` before those of `cur` and then in that order, as far as the number is
// below 2^34 and the three bytes behind it tell.
[[nodiscard]] std::int64_t maildir_rank(std::string_view name, bool in_cur);

// What the letters a to z stand for, as other software named it; empty: nothing.
struct MaildirKeywords {
    std::array<std::string, 26> names;
};

// Reads the text of a dovecot-keywords file: lines "<0 to 25> <name>", in any order, with gaps. Lines with a problem
// are skipped and described in `problems`, each starting with "<line number>: ". A name that cannot be a keyword is
// kept, so that it is reported as rejected where a message has it.
[[nodiscard]] MaildirKeywords parse_dovecot_keywords(std::string_view text, std::vector<std::string>& problems);

// Adds what the letters mean: R S T D F are flags, P (passed on) is ignored, a to z are keywords. Returns the letters
// that mean nothing, each once.
std::string add_maildir_letters(model::FlagsAndKeywords& to, std::string_view letters, const MaildirKeywords& keywords);

}  // namespace mox::intake
