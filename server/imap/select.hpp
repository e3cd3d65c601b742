#pragma once

#include <memory>

#include "server/imap/session.hpp"
#include "store/types.hpp"

namespace mox::imap {

// The view of a mailbox as it is now: one scan, unless there is an index. `first_unseen` gets the position of the first
// message without \Seen, or the number of messages. Within a read transaction.
[[nodiscard]] std::unique_ptr<Selected> make_view(db::Database& database, const store::Mailbox& mailbox,
                                                  std::size_t& first_unseen, MailboxIndexes* indexes = nullptr);

// SELECT and EXAMINE, RFC 9051 sections 6.3.2 and 6.3.3, RFC 7162 section 3.2.
void select_mailbox(Session& session, Parser& parser, bool read_only);

}  // namespace mox::imap
