#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "snapshot/select.hpp"
#include "snapshot/source.hpp"
#include "snapshot/take.hpp"
#include "store/account.hpp"

// Messages of a snapshot into an account that is in use: docs/restoring.md.

namespace mox::snapshot {

struct MessagesOptions {
    Selection selection;
    std::string into_mailbox;  // normalised; empty: the mailboxes that they were in
    bool duplicates = false;   // also what the target mailbox still has
    bool damaged = false;      // also files with other contents than were recorded
    unsigned jobs = 1;
};

// A message in two mailboxes counts twice.
struct MessagesTotals {
    std::int64_t messages = 0, size_bytes = 0;
    std::int64_t present = 0;  // left out: the target mailbox has them
    std::int64_t failed = 0;   // left out: their files are missing or not what they were
    std::int64_t damaged = 0;  // restored with other contents
    std::int64_t created_mailboxes = 0;
};

// Restores what is selected as new messages with their flags, keywords and dates, all at once or nothing; durable at
// return. What a target mailbox has already, contents alike, is left out unless asked for. Files whose SHA-256 is not
// the recorded one are problems told to the observer; the others are restored. When it throws, the account is as
// before.
MessagesTotals restore_messages(Source& source, SnapshotAccount& from, store::Account& into,
                                const MessagesOptions& options, Observer& observer);

// What restore_messages() would do, without reading message files. `into`: null when it does not exist yet.
[[nodiscard]] MessagesTotals plan_messages(SnapshotAccount& from, store::Account* into, const MessagesOptions& options);

}  // namespace mox::snapshot
