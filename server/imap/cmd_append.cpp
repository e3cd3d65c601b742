#include "server/imap/commands.hpp"

namespace mox::imap {

// Those with a message are recognised before they are complete (append.hpp).
void cmd_append(Session&, Parser& parser) {
    parser.fail("expected a mailbox and a message as a literal");
}

}  // namespace mox::imap
