#pragma once

#include "server/imap/session.hpp"

namespace mox::imap {

// Expunges those of the selected mailbox's messages that have \Deleted; their files go later. In a step.
void expunge_deleted(Session& session, const store::UidRanges& uids);

}  // namespace mox::imap
