#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mime/message.hpp"
#include "model/flags.hpp"

namespace mox::exporting {

// Which messages; all that are not given hold for every message.
struct Criteria {
    std::optional<std::string> mailbox;  // normalised; else all
    bool recursive = false;              // and everything below it
    std::optional<std::int64_t> since;   // received at or after, Unix seconds
    std::optional<std::int64_t> before;  // received before
    model::Flags flags;                  // all of them
    model::Keywords keywords;            // all of them
    std::string from, subject;           // parts of the fields, in lower case

    [[nodiscard]] bool looks_at_header() const { return !from.empty() || !subject.empty(); }
};

// "2024-03-01" (the start of that day in UTC) or RFC 3339, as Unix seconds. Error{usage} naming the option.
[[nodiscard]] std::int64_t parse_since(std::string_view text);
// What is received in the last second, or on the last day, that `text` names still counts: the first second after it.
[[nodiscard]] std::int64_t parse_until(std::string_view text);
// Adds "seen", "\Seen", "$Junk", "todo", …: names of flags without backslash too. Error{usage}.
void add_name(Criteria& to, std::string_view name);

// In lower case and normalised, for comparing.
[[nodiscard]] std::string folded(std::string_view text);
[[nodiscard]] bool matches_header(const Criteria& criteria, const mime::Envelope& envelope);

}  // namespace mox::exporting
