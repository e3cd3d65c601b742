#include "server/imap/select.hpp"

#include <algorithm>

#include "server/imap/flag_names.hpp"
#include "server/imap/mailbox_names.hpp"
#include "server/imap/object_ids.hpp"
#include "server/imap/updates.hpp"
#include "server/imap/vanished.hpp"
#include "store/mailbox.hpp"

namespace mox::imap {

namespace {

// What the client remembers of the mailbox (RFC 7162 section 3.2.5).
struct Resync {
    std::uint32_t uidvalidity = 0;
    std::int64_t modseq = 0;
    NumberRanges known{{1, 0xffffffff}};
};

struct Select {
    std::string name;
    bool read_only = false;
    bool condstore = false;
    std::optional<Resync> resync;
    bool done = false;
    Selected::Position told;  // changes up to here
};

Resync parse_resync(Session& session, Parser& in) {
    if (!session.enabled().qresync) throw bad("QRESYNC must be enabled first");
    Resync resync;
    in.space();
    in.expect('(');
    resync.uidvalidity = static_cast<std::uint32_t>(in.cursor().expect_number(0xffffffff));
    in.space();
    resync.modseq = in.number();
    if (in.take(' ')) {
        if (in.cursor().peek() != '(') {
            resync.known = resolved(parse_sequence_set(in.cursor()), 0xffffffff);
            if (in.take(' ') && in.cursor().peek() != '(') in.fail("expected a list");
        }
        if (in.take('(')) {
            // Message numbers and UIDs that went together: only of use to servers that have forgotten expunges.
            (void)parse_sequence_set(in.cursor());
            in.space();
            (void)parse_sequence_set(in.cursor());
            in.expect(')');
        }
    }
    in.expect(')');
    return resync;
}

Select parse_select(Session& session, Parser& in) {
    Select select;
    in.space();
    select.name = parse_mailbox(session, in);
    if (in.take(' ')) {
        in.expect('(');
        do {
            if (in.take_word("CONDSTORE"))
                select.condstore = true;
            else if (in.take_word("QRESYNC"))
                select.resync = parse_resync(session, in);
            else
                in.fail("unknown parameter");
        } while (in.take(' '));
        in.expect(')');
    }
    in.end();
    return select;
}

void tell_mailbox(Session& session, db::Database& database, const store::Mailbox& mailbox, std::size_t first_unseen) {
    const Selected& view = session.selected();
    const Enabled& enabled = session.enabled();
    tell_flags(session);
    session.untagged("OK [PERMANENTFLAGS (" + flags_text(model::Flags::all(), {}) + " \\*)] flags that can be set");
    tell_recent(session);
    session.untagged(std::to_string(view.size()) + " EXISTS");
    if (!enabled.rev2 && first_unseen < view.size())
        session.untagged("OK [UNSEEN " + std::to_string(first_unseen + 1) + "] first unseen message");
    session.untagged("OK [UIDVALIDITY " + std::to_string(view.uidvalidity) + "] UIDs are valid");
    session.untagged("OK [UIDNEXT " + std::to_string(number(mailbox.uidnext)) + "] next UID");
    if (enabled.rev2) session.untagged("LIST () \"/\" " + mailbox_to_wire(enabled, view.name));
    session.untagged("OK [HIGHESTMODSEQ " + std::to_string(highest_modseq(database, view.mailbox)) + "] newest change");
    session.untagged("OK [MAILBOXID (" + object_id(view.mailbox) + ")] the mailbox");
}

void select_now(Session& session, store::Account& account, Select& select) {
    select.done = true;
    if (session.state() == State::selected) {
        session.select(nullptr);
        session.untagged("OK [CLOSED] no mailbox is selected");
    }
    db::Database& database = account.database();
    const db::ReadTransaction unchanged(database);
    const auto mailbox = store::find_mailbox(database, select.name);
    if (!mailbox) throw no("no such mailbox", "NONEXISTENT");
    std::size_t first_unseen = 0;
    auto view = make_view(database, *mailbox, first_unseen, &session.indexes());
    view->read_only = select.read_only;
    session.select(std::move(view));
    take_recent(session, database, 1);
    tell_mailbox(session, database, *mailbox, first_unseen);
    if (select.resync && select.resync->uidvalidity != mailbox->uidvalidity) select.resync.reset();
    if (select.resync) {
        select.told.modseq = select.resync->modseq;
        const auto gone =
            compact_set(vanished_since(database, mailbox->id, select.resync->modseq, select.resync->known));
        if (!gone.empty()) session.untagged("VANISHED (EARLIER) " + gone);
    }
    session.ok({}, select.read_only ? "READ-ONLY" : "READ-WRITE");
}

// Changes since the client was here last. False when there is more than output should hold.
bool resync_some(Session& session, store::Account& account, Select& select) {
    if (!select.resync || session.state() != State::selected) return true;
    const Selected& view = session.selected();
    const auto& known = select.resync->known;
    for (const auto& [modseq, uid, flags, keywords] :
         account.database().rows<store::ModSeq, store::Uid, std::uint32_t, std::string_view>(
             "SELECT modseq, uid, flags, keywords FROM placement WHERE mailbox_id = ?1 AND (modseq, uid) > (?2, ?3)"
             " ORDER BY modseq, uid",
             view.mailbox, select.told.modseq, select.told.uid)) {
        if (session.output_is_full()) return false;
        select.told = {number(modseq), number(uid)};
        const auto position = view.find(uid);
        const auto after = std::ranges::upper_bound(known, number(uid), {}, &NumberRange::first);
        if (!position || after == known.begin() || number(uid) > std::prev(after)->last) continue;
        tell_flags_of(session, *position, uid, model::Flags::from_bits(flags), keywords, modseq);
    }
    return true;
}

}  // namespace

std::unique_ptr<Selected> make_view(db::Database& database, const store::Mailbox& mailbox, std::size_t& first_unseen,
                                    MailboxIndexes* indexes) {
    auto view = std::make_unique<Selected>();
    view->mailbox = mailbox.id;
    view->name = mailbox.name;
    view->uidvalidity = mailbox.uidvalidity;
    view->keywords = mailbox.keywords;
    view->largest_known = number(mailbox.uidnext) - 1;
    const auto last = database.value<std::int64_t>("SELECT last_modseq FROM account").value_or(0);
    view->told_changes = view->told_expunges = {.modseq = last};
    constexpr auto seen = model::Flags(model::Flag::seen).bits();
    if (const auto* const index = indexes != nullptr ? indexes->up_to_date(database, mailbox.id) : nullptr) {
        view->assign(index->uids, index->messages);
        const auto unseen = std::ranges::find_if(index->flags, [](auto flags) { return (flags & seen) == 0; });
        first_unseen = static_cast<std::size_t>(unseen - index->flags.begin());
        return view;
    }
    first_unseen = SIZE_MAX;
    view->reserve(static_cast<std::size_t>(std::max<std::int64_t>(0, mailbox.counts.total + mailbox.counts.deleted)));
    for (const auto& [uid, message, flags] : database.rows<store::Uid, store::MessageId, std::uint32_t>(
             "SELECT uid, message_id, flags FROM placement WHERE mailbox_id = ? ORDER BY uid", mailbox.id)) {
        if (first_unseen == SIZE_MAX && (flags & seen) == 0) first_unseen = view->size();
        view->append(uid, message);
    }
    first_unseen = std::min(first_unseen, view->size());
    return view;
}

void select_mailbox(Session& session, Parser& parser, bool read_only) {
    const auto select = std::make_shared<Select>(parse_select(session, parser));
    select->read_only = read_only;
    if (select->condstore) session.enabled().condstore = true;
    session.on_account([&session, select](store::Account& account) {
        if (!select->done) select_now(session, account, *select);
        return resync_some(session, account, *select) ? Progress::done : Progress::more;
    });
}

}  // namespace mox::imap
