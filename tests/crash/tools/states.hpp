#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "datadir/layout.hpp"
#include "support/fault_run.hpp"

// What a directory holds, to compare it before and after a disturbed run.

namespace mox::test {

// What an account promises to keep, without what differs from run to run (save dates, modseqs).
struct AccountState {
    std::vector<std::string> mailboxes;  // "name uidvalidity uidnext total keywords subscribed"
    std::vector<std::string> mail;       // one line per placement: mailbox, UID, flags, keywords, date, size, SHA-256
    std::vector<std::int64_t> ids;       // of all messages, also those that wait for erasure; ascending
    std::int64_t next_id = 0;            // above every id ever given out
    std::size_t id_blocks = 0;           // entries of the journal

    // Alike but for ids: those of an import that did not happen are burnt.
    [[nodiscard]] bool has_same_mail(const AccountState& other) const {
        return mailboxes == other.mailboxes && mail == other.mail;
    }
};
// Lines about the mailbox `without` and its messages are left out.
[[nodiscard]] AccountState state_of(const datadir::Layout& layout, const std::string& account,
                                    const std::string& without = {});

// Every name below `root` ("d", or the contents' SHA-256), but for what readers may leave behind: lock files, shared
// memory of databases, empty logs.
using Tree = std::map<std::string, std::string>;
[[nodiscard]] Tree tree_of(const std::filesystem::path& root);

// Names in tmp/.
[[nodiscard]] std::vector<std::string> temporary_files(const datadir::Layout& layout);

// What a loss of power could undo although the commit that needs it is on disk: at each sync of a log ("…-wal" below
// `account`), the files below msg/ and the folders that name them must have been synced. Empty when all is well.
[[nodiscard]] std::vector<std::string> unsynced_at_commits(const std::vector<FaultCall>& calls,
                                                           const std::string& account);

}  // namespace mox::test
