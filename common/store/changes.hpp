#pragma once

#include <optional>
#include <vector>

#include "store/transaction.hpp"

// Flags, copies, moves, expunges: on sets of UIDs, with the work done inside the database. UIDs that do not exist are
// skipped silently, as IMAP wants it.

namespace mox::store {

struct FlagChange {
    enum class Mode { add, remove, replace };
    Mode mode = Mode::add;
    model::Flags flags;
    model::Keywords keywords;               // normalised and valid
    std::optional<ModSeq> unchanged_since;  // RFC 7162 section 3.1.3: messages changed later stay as they are
};
struct FlagChangeResult {
    std::int64_t changed = 0;        // messages whose flags or keywords are other than before
    std::vector<Uid> changed_later;  // those that unchanged_since protected
};
// The mailbox remembers the keywords even when no message changes.
FlagChangeResult change_flags(Transaction& tx, MailboxId mailbox, const UidRanges& uids, const FlagChange& change);

// New UIDs are first_new_uid, first_new_uid + 1, … in the order of `sources`.
struct CopyResult {
    std::vector<Uid> sources;
    Uid first_new_uid{};
};
// Copies share message and file. The target's junk flags apply (junk_effect); a message leaving Rejects counts for the
// mailbox that it was meant for (docs/data-directory.md, "Rejects").
CopyResult copy_messages(Transaction& tx, MailboxId from, const UidRanges& uids, MailboxId to);
CopyResult move_messages(Transaction& tx, MailboxId from, const UidRanges& uids, MailboxId to);

enum class Expunge { all, only_deleted };
// Removes placements; their tombstones stay. Messages without any placement are queued for erasure. Returns the UIDs.
std::vector<Uid> expunge(Transaction& tx, MailboxId mailbox, const UidRanges& uids, Expunge which);

// Brings trained states in line with flags for all placements of `mailbox` that this transaction changed, and logs each
// change for the junk filter. Nothing when the account does not train.
void update_training(Transaction& tx, MailboxId mailbox);

// What becomes of the junk flags of a message that is put into a mailbox, by its special use and the account's rules.
[[nodiscard]] model::AutomaticJunkFlags::Effect junk_effect(const Account& account, const Mailbox& mailbox);
// By its special use alone.
[[nodiscard]] model::Flags with_junk_flags(const Mailbox& mailbox, model::Flags flags);

}  // namespace mox::store
