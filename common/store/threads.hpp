#pragma once

#include <cstdint>

#include "db/database.hpp"
#include "mime/threading.hpp"
#include "store/types.hpp"

// Which message answers which. Rules (docs/data-directory.md, "Threads"): (1) a message with the Message-ID of another
// is that one's child; (2) the nearest reference whose message has the same base subject is the parent; (3) a reply
// without references is the child of the newest message with its base subject in the same mailbox, from four weeks
// before to one day after; (4) otherwise it starts a thread. For many messages at once: store/thread_batch.hpp.

namespace mox::store {

// The window of rule 3, in seconds.
inline constexpr std::int64_t reply_window_before = 28 * 86'400;
inline constexpr std::int64_t reply_window_after = 86'400;

// For one message, among those in the database. Two or three look-ups.
[[nodiscard]] ThreadLink find_thread(db::Database& database, MessageId id, const mime::Threading& message,
                                     MailboxId mailbox, const Timestamp& received);

}  // namespace mox::store
