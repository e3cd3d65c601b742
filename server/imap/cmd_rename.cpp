#include "model/mailbox_name.hpp"
#include "server/imap/commands.hpp"
#include "server/imap/mailbox_names.hpp"
#include "store/changes.hpp"
#include "store/mailbox.hpp"

namespace mox::imap {

namespace {

// Inbox stays, empty; its messages go to the new mailbox, and its keywords are remembered there too.
void rename_inbox(store::Transaction& tx, const store::Mailbox& inbox, const std::string& to) {
    const auto target = store::create_mailbox(tx, to, store::Subscribe::yes);
    (void)store::move_messages(tx, inbox.id, {store::all_uids}, target.id);
    tx.add_keywords(target.id, inbox.keywords);
}

}  // namespace

// RFC 9051 section 6.3.6. Mailboxes below it go along.
void cmd_rename(Session& session, Parser& parser) {
    parser.space();
    std::string from = parse_mailbox(session, parser);
    parser.space();
    std::string to = parse_mailbox(session, parser);
    while (to.size() > 1 && to.ends_with('/')) to.pop_back();
    parser.end();
    require_mailbox_name(to);
    session.on_account_once([&session, from = std::move(from), to = std::move(to)](store::Account&) {
        store::Transaction tx(session.account_for_writing());
        const auto mailbox = store::find_mailbox(tx.database(), from);
        if (!mailbox) throw no("no such mailbox", "NONEXISTENT");
        if (store::find_mailbox(tx.database(), to)) throw no("there is such a mailbox already", "ALREADYEXISTS");
        if (mailbox->name == model::inbox_name) {
            rename_inbox(tx, *mailbox, to);
        } else {
            try {
                store::rename_mailbox(tx, from, to);
            } catch (const Error& error) {
                if (error.code() != Errc::usage) throw;
                throw no(error.what(), "CANNOT");
            }
        }
        const store::ModSeq modseq = tx.modseq();
        tx.commit();
        session.committed(modseq, Session::Own::tell);
        session.ok();
    });
}

}  // namespace mox::imap
