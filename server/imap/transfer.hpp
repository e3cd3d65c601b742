#pragma once

#include "server/imap/session.hpp"

namespace mox::imap {

enum class Transfer { copy, move };

// COPY and MOVE, RFC 9051 sections 6.4.7 and 6.4.8: all messages or none.
void transfer_messages(Session& session, Parser& parser, Transfer how);

}  // namespace mox::imap
