#include "server/imap/append.hpp"
#include "server/imap/commands.hpp"

namespace mox::imap {

// Those with a literal are recognised before they are complete (append.hpp).
void cmd_append(Session& session, Parser& parser) {
    auto append = std::make_unique<Append>(session);
    append->begin_complete(parser);
    session.go_on_with(std::move(append));
}

}  // namespace mox::imap
