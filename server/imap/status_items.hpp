#pragma once

#include <string>
#include <vector>

#include "server/imap/session.hpp"
#include "store/types.hpp"

// What STATUS and LIST … RETURN (STATUS …) tell of a mailbox (RFC 9051 section 6.3.11).

namespace mox::imap {

enum class StatusItem {
    messages,
    uidnext,
    uidvalidity,
    unseen,
    deleted,
    size,
    recent,
    appendlimit,
    highestmodseq,
    mailboxid,
};

// "(MESSAGES UNSEEN)"; asking for HIGHESTMODSEQ enables CONDSTORE.
[[nodiscard]] std::vector<StatusItem> parse_status_items(Session& session, Parser& in);

void tell_status(Session& session, db::Database& database, const store::Mailbox& mailbox,
                 const std::vector<StatusItem>& items);

}  // namespace mox::imap
