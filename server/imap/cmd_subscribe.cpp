#include "server/imap/commands.hpp"
#include "server/imap/mailbox_names.hpp"
#include "store/mailbox.hpp"

namespace mox::imap {

// RFC 9051 section 6.3.7. There need not be such a mailbox.
void cmd_subscribe(Session& session, Parser& parser) {
    parser.space();
    std::string name = parse_mailbox(session, parser);
    parser.end();
    require_mailbox_name(name);
    session.on_account_once([&session, name = std::move(name)](store::Account& account) {
        store::Transaction tx(account);
        store::subscribe(tx, name);
        tx.commit();
        session.ok();
    });
}

}  // namespace mox::imap
