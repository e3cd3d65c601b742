#include "server/imap/commands.hpp"

namespace mox::imap {

// RFC 9051 section 6.2.1. Whatever the client, or somebody on the way, sent behind it in plain text is dropped.
void cmd_starttls(Session& session, Parser& parser) {
    parser.end();
    if (session.tls()) throw bad("TLS is active already");
    if (!session.settings().starttls) throw bad("TLS is not available");
    session.ok();
    session.start_tls();
}

}  // namespace mox::imap
