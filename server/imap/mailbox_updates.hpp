#pragma once

#include "server/imap/session.hpp"

namespace mox::imap {

// Mailboxes that others made, renamed or deleted since the session looked last, told with LIST to clients that have
// enabled IMAP4rev2: for others an answer to LIST that they did not ask for could be one too many.
void tell_mailboxes(Session& session, db::Database& database, std::int64_t last_modseq);

}  // namespace mox::imap
