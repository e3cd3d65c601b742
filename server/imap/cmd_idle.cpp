#include "base/encoding.hpp"
#include "server/imap/commands.hpp"

namespace mox::imap {

// RFC 9051 section 6.3.13.
void cmd_idle(Session& session, Parser& parser) {
    parser.end();
    session.output() += "+ idling\r\n";
    session.idle([&session](const std::string& line) {
        if (!equal_ignoring_case(line, "DONE")) throw bad("expected DONE");
        session.ok();
    });
}

}  // namespace mox::imap
