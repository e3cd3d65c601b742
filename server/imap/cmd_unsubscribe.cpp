#include "server/imap/commands.hpp"
#include "server/imap/mailbox_names.hpp"
#include "store/mailbox.hpp"

namespace mox::imap {

// RFC 9051 section 6.3.8.
void cmd_unsubscribe(Session& session, Parser& parser) {
    parser.space();
    std::string name = parse_mailbox(session, parser);
    parser.end();
    session.on_account_once([&session, name = std::move(name)](store::Account& account) {
        store::Transaction tx(account);
        const bool subscribed = tx.database().value<int>("SELECT 1 FROM subscription WHERE name = ?", name).has_value();
        if (!subscribed && !store::find_mailbox(tx.database(), name)) throw no("no such mailbox", "NONEXISTENT");
        store::unsubscribe(tx, name);
        tx.commit();
        session.ok();
    });
}

}  // namespace mox::imap
