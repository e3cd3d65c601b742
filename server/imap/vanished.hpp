#pragma once

#include "db/database.hpp"
#include "server/imap/selected.hpp"
#include "store/types.hpp"

namespace mox::imap {

// UIDs of a mailbox that were expunged after `since` (RFC 7162 section 3.2.6), of those in `asked`. Where it is no
// longer known when, all that are not there count. One statement reads them, so the caller need not hold a transaction.
[[nodiscard]] NumberRanges vanished_since(db::Database& database, store::MailboxId mailbox, std::int64_t since,
                                          const NumberRanges& asked);
// Without those that the client still believes to be there.
[[nodiscard]] NumberRanges without_known(const NumberRanges& uids, const Selected& view);

}  // namespace mox::imap
