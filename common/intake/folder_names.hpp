#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

// What names of files and folders say about mailboxes.

namespace mox::intake {

using FolderName = std::vector<std::string>;  // parts, outermost first

// What a folder adds to the names of the mailboxes in it: ".A.B" is Maildir++, "X.sbd" and "X.mbox" are "X". Modified
// UTF-7 is decoded, and so are the escapes of mox-export (docs/exporting.md) in names in which every "%" is one.
[[nodiscard]] FolderName parts_of_folder(std::string_view folder);
// What an mbox file adds to the name of its folder: nothing when it is called "mbox".
[[nodiscard]] FolderName parts_of_mbox(std::string_view file);
// What a line of a file "subscriptions" may mean. Maildir++ has '.' between parts; elsewhere it may be '/' too.
[[nodiscard]] std::vector<FolderName> parts_of_subscription(std::string_view line, bool in_maildir);
[[nodiscard]] FolderName joined(const FolderName& parent, const FolderName& parts);

// Whether a file that starts with these bytes, mbox_start_bytes of them unless it is shorter, is an mbox: its first
// line that is not empty starts with "From ".
inline constexpr std::size_t mbox_start_bytes = 64;
[[nodiscard]] bool starts_like_mbox(std::string_view start);

// Files that mail programs keep beside mail and that tell nothing: indices, settings.
[[nodiscard]] bool is_bookkeeping(std::string_view file);
// Folders without mail of their own: "X.mozmsgs", "__MACOSX".
[[nodiscard]] bool is_skipped_folder(std::string_view folder);
// Whether an empty file of that name is an mbox without messages.
[[nodiscard]] bool may_be_empty_mbox(std::string_view file);

}  // namespace mox::intake
