#include "server/imap/mailbox_updates.hpp"

#include "server/imap/mailbox_names.hpp"

namespace mox::imap {

void tell_mailboxes(Session& session, db::Database& database, std::int64_t last_modseq) {
    if (!session.enabled().rev2) return;
    const std::int64_t told = std::exchange(session.told_mailboxes(), last_modseq);
    if (told < 0 || told >= last_modseq) return;
    for (const auto& [name, modseq, expunged, subscribed] : database.rows<std::string, store::ModSeq, bool, bool>(
             "SELECT name, modseq, expunged, EXISTS (SELECT 1 FROM subscription s WHERE s.name = m.name) FROM mailbox m"
             " WHERE modseq > ?1 AND (expunged = 0 OR NOT EXISTS (SELECT 1 FROM mailbox o WHERE o.name = m.name AND"
             " o.expunged = 0)) ORDER BY modseq, id",
             told)) {
        if (modseq == session.own_change()) continue;
        const std::string attributes = std::string(subscribed ? "\\Subscribed" : "") +
                                       (subscribed && expunged ? " " : "") + (expunged ? "\\NonExistent" : "");
        session.untagged("LIST (" + attributes + ") \"/\" " + mailbox_to_wire(session.enabled(), name));
    }
}

}  // namespace mox::imap
