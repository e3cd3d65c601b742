#include "model/mailbox_name.hpp"
#include "server/imap/commands.hpp"
#include "server/imap/mailbox_names.hpp"
#include "store/mailbox.hpp"

namespace mox::imap {

// RFC 9051 section 6.3.5. Subscriptions stay.
void cmd_delete(Session& session, Parser& parser) {
    parser.space();
    std::string name = parse_mailbox(session, parser);
    parser.end();
    if (name == model::inbox_name) throw no("Inbox cannot be deleted", "CANNOT");
    session.on_account_once([&session, name = std::move(name)](store::Account& account) {
        store::Transaction tx(account);
        const auto mailbox = store::find_mailbox(tx.database(), name);
        if (!mailbox) throw no("no such mailbox", "NONEXISTENT");
        if (tx.database().value<int>("SELECT 1 FROM mailbox WHERE parent_id = ? AND expunged = 0 LIMIT 1", mailbox->id))
            throw no("there are mailboxes below it", "HASCHILDREN");
        store::delete_mailbox(tx, name);
        const store::ModSeq modseq = tx.modseq();
        tx.commit();
        session.committed(modseq, Session::Own::tell);
        session.ok();
    });
}

}  // namespace mox::imap
