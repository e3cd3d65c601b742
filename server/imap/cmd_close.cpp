#include "server/imap/commands.hpp"
#include "server/imap/expunge.hpp"

namespace mox::imap {

// RFC 9051 section 6.4.1: expunges, but does not say so.
void cmd_close(Session& session, Parser& parser) {
    parser.end();
    session.on_account_once([&session](store::Account&) {
        if (!session.selected().read_only) expunge_deleted(session, {store::all_uids});
        session.select(nullptr);
        session.ok();
    });
}

}  // namespace mox::imap
