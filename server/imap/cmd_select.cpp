#include "server/imap/commands.hpp"
#include "server/imap/select.hpp"

namespace mox::imap {

void cmd_select(Session& session, Parser& parser) {
    select_mailbox(session, parser, false);
}

}  // namespace mox::imap
