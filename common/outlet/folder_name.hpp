#pragma once

#include <optional>
#include <string>
#include <string_view>

// Names of mailboxes ("Lists/C++") as names of files and folders, and back. What cannot stand in a file's name becomes
// "%" and two lower-case hexadecimal digits; docs/exporting.md has the tables.

namespace mox::outlet {

// Layouts of several mailboxes in one folder.
enum class Layout {
    maildirpp,  // the root is Inbox, others are ".Lists.C++" beside each other, in modified UTF-7 (RFC 3501 5.1.3)
    nested,     // "Lists/C++", each a maildir
    mbox_tree,  // "Lists/C++.mbox"
};

// Relative to the root of the export; "" for the root itself (Inbox in Maildir++). `name` is a valid mailbox name.
[[nodiscard]] std::string path_of_mailbox(std::string_view name, Layout layout);
// The reverse; nullopt when no mailbox has that path.
[[nodiscard]] std::optional<std::string> mailbox_of_path(std::string_view path, Layout layout);

// A line of the file "subscriptions" in the root of the export, without line end, as Dovecot writes it: as
// path_of_mailbox() without leading dot or ".mbox"; "INBOX" for Inbox.
[[nodiscard]] std::string subscription_line(std::string_view name, Layout layout);

// Modified UTF-7. The reverse is nullopt for what is not well formed.
[[nodiscard]] std::string to_modified_utf7(std::string_view utf8);
[[nodiscard]] std::optional<std::string> from_modified_utf7(std::string_view text);

}  // namespace mox::outlet
