#include "server/imap/select.hpp"

#include "server/imap/flag_names.hpp"
#include "server/imap/mailbox_names.hpp"
#include "server/imap/updates.hpp"
#include "store/mailbox.hpp"

namespace mox::imap {

namespace {

void select_now(Session& session, store::Account& account, const std::string& name, bool read_only) {
    if (session.state() == State::selected) {
        session.select(nullptr);
        session.untagged("OK [CLOSED] no mailbox is selected");
    }
    db::Database& database = account.database();
    const db::ReadTransaction unchanged(database);
    const auto mailbox = store::find_mailbox(database, name);
    if (!mailbox) throw no("no such mailbox", "NONEXISTENT");
    std::size_t first_unseen = 0;
    auto made = make_view(database, *mailbox, first_unseen);
    made->read_only = read_only;
    const Selected& view = *made;
    session.select(std::move(made));
    const Enabled& enabled = session.enabled();
    tell_flags(session);
    session.untagged(
        "OK [PERMANENTFLAGS (" +
        (read_only ? std::string() : flags_text(model::Flags::all(), model::joined(view.keywords)) + " \\*") +
        ")] can be set");
    session.untagged(std::to_string(view.size()) + " EXISTS");
    if (!enabled.rev2) session.untagged("0 RECENT");
    if (!enabled.rev2 && first_unseen < view.size())
        session.untagged("OK [UNSEEN " + std::to_string(first_unseen + 1) + "] first unseen message");
    session.untagged("OK [UIDVALIDITY " + std::to_string(view.uidvalidity) + "] UIDs are valid");
    session.untagged("OK [UIDNEXT " + std::to_string(number(mailbox->uidnext)) + "] next UID");
    session.untagged("OK [HIGHESTMODSEQ " + std::to_string(view.told_changes.modseq) + "] newest change");
    if (enabled.rev2) session.untagged("LIST () \"/\" " + mailbox_to_wire(enabled, view.name));
    session.ok({}, read_only ? "READ-ONLY" : "READ-WRITE");
}

}  // namespace

std::unique_ptr<Selected> make_view(db::Database& database, const store::Mailbox& mailbox, std::size_t& first_unseen) {
    auto view = std::make_unique<Selected>();
    view->mailbox = mailbox.id;
    view->name = mailbox.name;
    view->uidvalidity = mailbox.uidvalidity;
    view->keywords = mailbox.keywords;
    view->largest_known = number(mailbox.uidnext) - 1;
    const auto last = database.value<std::int64_t>("SELECT last_modseq FROM account").value_or(0);
    view->told_changes = view->told_expunges = {.modseq = last};
    view->reserve(static_cast<std::size_t>(std::max<std::int64_t>(0, mailbox.counts.total + mailbox.counts.deleted)));
    first_unseen = SIZE_MAX;
    constexpr auto seen = model::Flags(model::Flag::seen).bits();
    for (const auto& [uid, message, flags] : database.rows<store::Uid, store::MessageId, std::uint32_t>(
             "SELECT uid, message_id, flags FROM placement WHERE mailbox_id = ? ORDER BY uid", mailbox.id)) {
        if (first_unseen == SIZE_MAX && (flags & seen) == 0) first_unseen = view->size();
        view->append(uid, message);
    }
    first_unseen = std::min(first_unseen, view->size());
    return view;
}

void select_mailbox(Session& session, Parser& parser, bool read_only) {
    parser.space();
    std::string name = parse_mailbox(session, parser);
    parser.end();
    session.on_account_once([&session, name = std::move(name), read_only](store::Account& account) {
        select_now(session, account, name, read_only);
    });
}

}  // namespace mox::imap
