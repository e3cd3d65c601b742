#include "server/imap/updates.hpp"

#include <algorithm>
#include <charconv>

#include "server/imap/context_updates.hpp"
#include "server/imap/flag_names.hpp"
#include "server/imap/mailbox_updates.hpp"

namespace mox::imap {

namespace {

constexpr int expunges_at_once = 10'000;
// New messages whose flags are told unasked.
constexpr std::size_t most_new_flags = 1'000;

void append_number(std::string& out, std::int64_t number) {
    char digits[24];
    const auto [end, error] = std::to_chars(digits, digits + sizeof digits, number);
    out.append(digits, end);
}

// False when there is more than output should hold.
bool tell_expunges(Session& session, db::Database& database, std::int64_t last) {
    Selected& view = session.selected();
    while (view.told_expunges.complete() < last) {
        if (session.output_is_full()) return false;
        std::vector<std::uint32_t> uids;
        Selected::Position reached{.modseq = last};
        for (const auto& [modseq, uid] : database.rows<std::int64_t, std::uint32_t>(
                 "SELECT modseq, uid FROM tombstone WHERE mailbox_id = ?1 AND (modseq, uid) > (?2, ?3)"
                 " ORDER BY modseq, uid LIMIT ?4",
                 view.mailbox, view.told_expunges.modseq, view.told_expunges.uid, expunges_at_once)) {
            uids.push_back(uid);
            if (uids.size() == expunges_at_once) reached = {modseq, uid};
        }
        std::ranges::sort(uids);
        tell_expunged_results(session, uids);
        std::vector<std::uint32_t> gone;
        const auto numbers = view.remove(uids, gone);
        std::string& out = session.output();
        if (session.enabled().qresync) {
            if (!gone.empty()) out += "* VANISHED " + compact_set(gone) + "\r\n";
        } else {
            for (const auto number : numbers) {
                out += "* ";
                append_number(out, number);
                out += " EXPUNGE\r\n";
            }
        }
        view.told_expunges = reached;
    }
    return true;
}

void tell_new_messages(Session& session, db::Database& database) {
    Selected& view = session.selected();
    const std::size_t before = view.size();
    for (const auto& [uid, message] : database.rows<store::Uid, store::MessageId>(
             "SELECT uid, message_id FROM placement WHERE mailbox_id = ? AND uid > ? ORDER BY uid", view.mailbox,
             view.largest_known))
        view.append(uid, message);
    if (view.size() == before) return;
    take_recent(session, database, view.largest_known + 1);
    view.largest_known = view.largest_uid();
    if (view.size() - before > most_new_flags) view.silent_from = std::min(view.silent_from, number(view.uid(before)));
    session.untagged(std::to_string(view.size()) + " EXISTS");
    tell_recent(session);
}

// False when there is more than output should hold.
bool tell_flag_changes(Session& session, db::Database& database, std::int64_t last,
                       std::optional<store::ModSeq> known) {
    Selected& view = session.selected();
    for (const auto& [modseq, uid, flags, keywords] :
         database.rows<store::ModSeq, store::Uid, std::uint32_t, std::string_view>(
             "SELECT modseq, uid, flags, keywords FROM placement WHERE mailbox_id = ?1 AND (modseq, uid) > (?2, ?3)"
             " ORDER BY modseq, uid",
             view.mailbox, view.told_changes.modseq, view.told_changes.uid)) {
        if (session.output_is_full()) return false;
        view.told_changes = {number(modseq), number(uid)};
        const auto position = view.find(uid);
        if (!position || modseq == known || number(uid) >= view.silent_from) continue;
        tell_flags_of(session, *position, uid, model::Flags::from_bits(flags), keywords, modseq);
    }
    view.told_changes = {.modseq = last};
    view.silent_from = 0xffffffff;
    return true;
}

Progress tell(Session& session, db::Database& database, Updates which, std::optional<store::ModSeq> known) {
    const auto last = database.value<std::int64_t>("SELECT last_modseq FROM account").value_or(0);
    if (which == Updates::all) tell_mailboxes(session, database, last);
    if (session.state() != State::selected) return Progress::done;
    Selected& view = session.selected();
    if (std::exchange(view.owes_highest_modseq, false))
        session.untagged("OK [HIGHESTMODSEQ " + std::to_string(highest_modseq(database, view.mailbox)) +
                         "] newest change");
    if (which == Updates::all && view.told_expunges.complete() < last && !tell_expunges(session, database, last))
        return Progress::more;
    if (view.told_changes.complete() >= last) return Progress::done;
    tell_new_keywords(session, database);
    tell_new_messages(session, database);
    return tell_flag_changes(session, database, last, known) ? Progress::done : Progress::more;
}

// Nothing has happened that the client would be told of: mostly so, and known by one look.
bool knows_everything(Session& session, db::Database& database, Updates which) {
    if (which == Updates::all && session.enabled().rev2) return false;
    if (session.state() != State::selected) return true;
    const auto last = database.value<std::int64_t>("SELECT last_modseq FROM account").value_or(0);
    const Selected& view = session.selected();
    return !view.owes_highest_modseq && view.told_changes.complete() >= last &&
           (which != Updates::all || view.told_expunges.complete() >= last);
}

}  // namespace

Progress tell_updates(Session& session, store::Account& account, Updates which, std::optional<store::ModSeq> known) {
    if (which == Updates::none) return Progress::done;
    db::Database& database = account.database();
    if (knows_everything(session, database, which)) return Progress::done;
    if (database.in_transaction()) return tell(session, database, which, known);
    const db::ReadTransaction unchanged(database);
    return tell(session, database, which, known);
}

void tell_new_keywords(Session& session, db::Database& database) {
    Selected& view = session.selected();
    const auto stored = database.value<std::string>("SELECT keywords FROM mailbox WHERE id = ?", view.mailbox);
    auto keywords = model::split_keywords(stored.value_or(""));
    if (!stored || keywords == view.keywords) return;
    view.keywords = std::move(keywords);
    tell_flags(session);
}

bool has_untold_expunges(const Selected& view, db::Database& database) {
    return database
        .value<int>("SELECT 1 FROM tombstone WHERE mailbox_id = ?1 AND (modseq, uid) > (?2, ?3) LIMIT 1", view.mailbox,
                    view.told_expunges.modseq, view.told_expunges.uid)
        .has_value();
}

std::int64_t highest_modseq(db::Database& database, store::MailboxId mailbox) {
    // Two look-ups in indexes.
    return database
        .value<std::int64_t>(
            "SELECT max(m.modseq, coalesce((SELECT max(modseq) FROM placement WHERE mailbox_id = ?1), 0),"
            " coalesce((SELECT max(modseq) FROM tombstone WHERE mailbox_id = ?1), 0))"
            " FROM mailbox m WHERE m.id = ?1",
            mailbox)
        .value_or(1);
}

void tell_flags(Session& session) {
    session.untagged("FLAGS (" + flags_text(model::Flags::all(), model::joined(session.selected().keywords)) + ")");
}

void want_condstore(Session& session) {
    if (!std::exchange(session.enabled().condstore, true) && session.state() == State::selected)
        session.selected().owes_highest_modseq = true;
}

void take_recent(Session& session, db::Database& database, std::uint32_t uid) {
    Selected& view = session.selected();
    RecentMessages& recent = *session.watcher()->recent;
    if (session.enabled().rev2 || view.empty()) return;
    const auto first = std::max(recent.first(database, view.mailbox), uid);
    if (first <= view.largest_uid()) {
        view.recent.push_back({first, view.largest_uid()});
        normalise(view.recent);
    }
    if (!view.read_only) recent.told(database, view.mailbox, view.largest_uid());
}

void tell_recent(Session& session) {
    if (!session.enabled().rev2) session.untagged(std::to_string(session.selected().recent_count()) + " RECENT");
}

void tell_flags_of(Session& session, std::size_t position, store::Uid uid, model::Flags flags,
                   std::string_view keywords, store::ModSeq modseq) {
    std::string& out = session.output();
    out += "* ";
    append_number(out, static_cast<std::int64_t>(position + 1));
    out += " FETCH (UID ";
    append_number(out, number(uid));
    out += " FLAGS (";
    append_flags(out, flags, keywords, session.selected().is_recent(number(uid)));
    out += ')';
    if (session.enabled().condstore) {
        out += " MODSEQ (";
        append_number(out, number(modseq));
        out += ')';
    }
    out += ")\r\n";
}

}  // namespace mox::imap
