#include "server/imap/commands.hpp"

namespace mox::imap {

// RFC 9051 section 6.1.1.
void cmd_capability(Session& session, Parser& parser) {
    parser.end();
    session.untagged(capabilities(session));
    session.ok();
}

}  // namespace mox::imap
