#include "server/imap/commands.hpp"

namespace mox::imap {

// RFC 9051 section 6.4.2.
void cmd_unselect(Session& session, Parser& parser) {
    parser.end();
    session.select(nullptr);
    session.ok();
}

}  // namespace mox::imap
