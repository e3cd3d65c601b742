#include "server/imap/commands.hpp"

namespace mox::imap {

// RFC 9051 section 6.1.2.
void cmd_noop(Session& session, Parser& parser) {
    parser.end();
    session.ok();
}

}  // namespace mox::imap
