#pragma once

#include <string>
#include <string_view>

// What can be done about each finding, in words: the table of docs/verification.md, and the hints of the command.

namespace mox::repair {

struct Remedy {
    std::string_view check;    // id
    std::string_view repair;   // what is done; empty: nothing can be mended
    std::string_view by_hand;  // what a person can do about what cannot be mended; may be empty
};
// Of a check of check/checks.hpp.
[[nodiscard]] const Remedy& remedy_of(std::string_view check);

// A Markdown table with a row for each check.
[[nodiscard]] std::string remedy_table();

}  // namespace mox::repair
