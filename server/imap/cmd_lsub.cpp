#include "server/imap/commands.hpp"
#include "server/imap/list_names.hpp"
#include "server/imap/list_pattern.hpp"
#include "server/imap/mailbox_names.hpp"

namespace mox::imap {

// RFC 3501 section 6.3.9. With "%", a name that is not subscribed is told when something below it is.
void cmd_lsub(Session& session, Parser& parser) {
    parser.space();
    const std::string reference = mailbox_from_wire(session.enabled(), parser.astring());
    parser.space();
    std::string pattern = joined_pattern(reference, parse_pattern(session, parser));
    parser.end();
    session.on_account_once([&session, pattern = std::move(pattern)](store::Account& account) {
        for (const auto& [name, about] : listed_names(account.database())) {
            const bool above = about.subscribed_below && pattern.ends_with('%');
            if ((!about.subscribed && !above) || !matches_pattern(name, pattern)) continue;
            session.untagged(std::string("LSUB (") + (about.subscribed ? "" : "\\NoSelect") + ") \"/\" " +
                             mailbox_to_wire(session.enabled(), name));
        }
        session.ok();
    });
}

}  // namespace mox::imap
