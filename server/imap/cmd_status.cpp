#include "server/imap/commands.hpp"
#include "server/imap/mailbox_names.hpp"
#include "server/imap/status_items.hpp"
#include "store/mailbox.hpp"

namespace mox::imap {

void cmd_status(Session& session, Parser& parser) {
    parser.space();
    std::string name = parse_mailbox(session, parser);
    parser.space();
    auto items = parse_status_items(session, parser);
    parser.end();
    session.on_account_once([&session, name = std::move(name), items = std::move(items)](store::Account& account) {
        db::Database& database = account.database();
        {
            const db::ReadTransaction unchanged(database);
            const auto mailbox = store::find_mailbox(database, name);
            if (!mailbox) throw no("no such mailbox", "NONEXISTENT");
            tell_status(session, database, *mailbox, items);
        }
        session.ok();
    });
}

}  // namespace mox::imap
