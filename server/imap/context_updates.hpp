#pragma once

#include "server/imap/context.hpp"
#include "server/imap/session.hpp"

// What becomes of results that a client wants to be told of (RFC 5267 section 4.3). Each message that was changed or is
// new is searched anew; what is found is compared with the result, so that it does no harm to look at one twice.

namespace mox::imap {

// Keeps a result up to date from now on, or tells why not (section 4.3.1). It is that of a search in the view as it is.
void begin_updates(Session& session, Context context);

// Takes out of all results what is about to be expunged from the view, and tells so; UIDs ascend.
void tell_expunged_results(Session& session, const std::vector<std::uint32_t>& uids);

// Looks at some of the messages that the client was told of since the last look; `more` when others are left. On the
// account's strand, outside of transactions: files may be read.
[[nodiscard]] Progress tell_changed_results(Session& session, store::Account& account);

}  // namespace mox::imap
