#include "server/imap/commands.hpp"
#include "server/imap/transfer.hpp"

namespace mox::imap {

void cmd_copy(Session& session, Parser& parser) {
    transfer_messages(session, parser, Transfer::copy);
}

}  // namespace mox::imap
