#include <optional>

#include "server/imap/commands.hpp"
#include "server/imap/expunge.hpp"
#include "server/imap/updates.hpp"

namespace mox::imap {

// RFC 9051 sections 6.4.3 and 6.4.9. What was expunged is told as all changes are.
void cmd_expunge(Session& session, Parser& parser) {
    std::optional<SequenceSet> set;
    if (session.by_uid()) {
        parser.space();
        set = parse_sequence_set(parser.cursor());
    }
    parser.end();
    if (session.selected().read_only) throw no("the mailbox is open for reading only");
    session.on_account_once([&session, set = std::move(set)](store::Account& account) {
        const Selected& view = session.selected();
        expunge_deleted(session, set ? view.uid_ranges(view.by_uid(*set)) : store::UidRanges{store::all_uids});
        session.ok({}, session.enabled().qresync
                           ? "HIGHESTMODSEQ " + std::to_string(highest_modseq(account.database(), view.mailbox))
                           : std::string());
    });
}

}  // namespace mox::imap
