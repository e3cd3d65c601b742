#include "server/imap/commands.hpp"
#include "server/imap/select.hpp"

namespace mox::imap {

void cmd_examine(Session& session, Parser& parser) {
    select_mailbox(session, parser, true);
}

}  // namespace mox::imap
