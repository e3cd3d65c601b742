#include "server/imap/commands.hpp"

namespace mox::imap {

// RFC 9051 section 6.1.2. A client's way to ask for changes.
void cmd_noop(Session& session, Parser& parser) {
    parser.end();
    if (session.state() != State::selected) return session.ok();
    session.on_account_once([&session](store::Account&) { session.ok(); });
}

}  // namespace mox::imap
