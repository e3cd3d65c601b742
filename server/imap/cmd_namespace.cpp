#include "server/imap/commands.hpp"

namespace mox::imap {

// RFC 9051 section 6.3.10.
void cmd_namespace(Session& session, Parser& parser) {
    parser.end();
    session.untagged("NAMESPACE ((\"\" \"/\")) NIL NIL");
    session.ok();
}

}  // namespace mox::imap
