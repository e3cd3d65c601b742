#include "server/imap/commands.hpp"

namespace mox::imap {

// RFC 9051 section 6.1.3.
void cmd_logout(Session& session, Parser& parser) {
    parser.end();
    session.untagged("BYE thanks");
    session.ok();
    session.close();
}

}  // namespace mox::imap
