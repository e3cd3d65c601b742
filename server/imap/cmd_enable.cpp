#include "base/encoding.hpp"
#include "server/imap/commands.hpp"

namespace mox::imap {

namespace {

bool enable(Enabled& enabled, std::string_view name) {
    if (equal_ignoring_case(name, "CONDSTORE")) return enabled.condstore = true;
    if (equal_ignoring_case(name, "QRESYNC")) return enabled.qresync = enabled.condstore = true;
    if (equal_ignoring_case(name, "IMAP4rev2")) return enabled.rev2 = true;
    if (equal_ignoring_case(name, "UTF8=ACCEPT")) return enabled.utf8 = true;
    return false;
}

}  // namespace

// RFC 9051 section 6.3.1. Unknown names are skipped.
void cmd_enable(Session& session, Parser& parser) {
    std::string known;
    do {
        parser.space();
        const std::string name = parser.atom();
        const bool condstore = session.enabled().condstore;
        if (!enable(session.enabled(), name)) continue;
        known += " " + name;
        if (equal_ignoring_case(name, "QRESYNC") && !condstore) known += " CONDSTORE";  // comes with it
    } while (!parser.at_end());
    session.untagged("ENABLED" + known);
    session.ok();
}

}  // namespace mox::imap
