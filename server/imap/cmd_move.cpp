#include "server/imap/commands.hpp"
#include "server/imap/transfer.hpp"

namespace mox::imap {

void cmd_move(Session& session, Parser& parser) {
    transfer_messages(session, parser, Transfer::move);
}

}  // namespace mox::imap
