#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

// Names of mailboxes: UTF-8 in NFC, parts separated by '/'. The rules are those of the original's newest release.

namespace mox::model {

inline constexpr std::string_view inbox_name = "Inbox";
// Longest full name and deepest nesting; both far beyond what people use, and what clients show.
inline constexpr std::size_t max_mailbox_name_bytes = 1'000;
inline constexpr std::size_t max_mailbox_depth = 50;

// NFC, with a first part that equals "inbox" in any case written as "Inbox". What is not UTF-8 stays as it is.
[[nodiscard]] std::string normalised_mailbox_name(std::string_view name);

// Why a normalised name cannot be a mailbox's, for people; empty when it can. Not allowed: empty, a slash at either end
// or two in a row, parts "." and "..", a leading '#', control characters (U+0000 to U+001F, U+007F to U+009F, U+2028,
// U+2029), what is not UTF-8 or not normalised, more than the limits above.
[[nodiscard]] std::string_view mailbox_name_problem(std::string_view name);

// "a/b/c" gives "a/b"; "" for a name without parent.
[[nodiscard]] std::string_view parent_of(std::string_view name);
// "a/b/c" gives "a", "a/b".
[[nodiscard]] std::vector<std::string_view> ancestors_of(std::string_view name);

}  // namespace mox::model
