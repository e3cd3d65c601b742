#include <optional>
#include <string>

#include "server/imap/commands.hpp"
#include "server/imap/flag_names.hpp"
#include "server/imap/updates.hpp"
#include "store/changes.hpp"

namespace mox::imap {

namespace {

struct Store {
    SequenceSet set;
    store::FlagChange change;
    bool silent = false;
    // Once it is done:
    bool done = false;
    IndexRanges positions;
    store::ModSeq modseq{};
    std::size_t range = 0;   // the answers go on in this range,
    std::uint32_t next = 0;  // from this UID on
};

store::FlagChange::Mode mode_of(Parser& in) {
    if (in.take('+')) return store::FlagChange::Mode::add;
    if (in.take('-')) return store::FlagChange::Mode::remove;
    return store::FlagChange::Mode::replace;
}

// RFC 9051 section 6.4.6, RFC 7162 section 3.1.3.
Store parse_store(Parser& in) {
    Store store;
    in.space();
    store.set = parse_sequence_set(in.cursor());
    in.space();
    while (in.take('(')) {
        if (!in.take_word("UNCHANGEDSINCE")) in.fail("unknown modifier");
        in.space();
        store.change.unchanged_since = static_cast<store::ModSeq>(in.number());
        in.expect(')');
        in.space();
    }
    store.change.mode = mode_of(in);
    store.silent = in.take_word("FLAGS.SILENT");
    if (!store.silent && !in.take_word("FLAGS")) in.fail("expected FLAGS");
    in.space();
    const FlagList list = parse_store_flags(in);
    in.end();
    store.change.flags = list.flags;
    store.change.keywords = list.keywords;
    return store;
}

std::size_t placements_at(db::Database& database, const Selected& view, const IndexRanges& positions) {
    std::size_t count = 0;
    for (const auto& range : view.uid_ranges(positions))
        count += static_cast<std::size_t>(
            database
                .value<std::int64_t>("SELECT count(*) FROM placement WHERE mailbox_id = ? AND uid BETWEEN ? AND ?",
                                     view.mailbox, range.first, range.last)
                .value_or(0));
    return count;
}

// By others, while it is selected here.
bool is_deleted(db::Database& database, store::MailboxId mailbox) {
    return !database.value<int>("SELECT 1 FROM mailbox WHERE id = ? AND expunged = 0", mailbox);
}

// "MODIFIED 3:5": the messages that were changed later, as the command names messages.
std::string modified_code(const Session& session, const Selected& view, const std::vector<store::Uid>& uids) {
    if (uids.empty()) return {};
    RangeCollector numbers;
    for (const auto uid : uids)
        if (const auto at = view.find(uid))
            numbers.add(session.by_uid() ? number(uid) : static_cast<std::uint32_t>(*at + 1));
    return numbers.empty() ? std::string() : "MODIFIED " + compact_set(numbers.ranges());
}

void change_now(Session& session, Store& store) {
    Selected& view = session.selected();
    store.done = true;
    store.positions = view.positions(store.set, session.by_uid());
    if (store.positions.empty()) return session.ok();
    store::Account& account = session.account_for_writing();
    store::Transaction tx(account);
    // What others did is told before, so that it is not taken for what this command did.
    session.tell_now(account, Updates::no_expunges);
    if (!session.by_uid() && has_untold_expunges(view, account.database()) &&
        placements_at(account.database(), view, store.positions) < count_of(store.positions))
        throw no("some of the messages have been deleted by others", "EXPUNGEISSUED");
    if (is_deleted(account.database(), view.mailbox)) return session.ok();  // all messages are gone
    const auto result = store::change_flags(tx, view.mailbox, view.uid_ranges(store.positions), store.change);
    if (result.changed > 0) {
        store.modseq = tx.modseq();
        tx.commit();
        session.committed(store.modseq, Session::Own::told);
        tell_new_keywords(session, account.database());
    }
    const std::string code = modified_code(session, view, result.changed_later);
    session.ok(code.empty() ? "" : "not all messages were changed", code);
}

// Every message named, changed or not; with SILENT only what cannot be known otherwise: the modseq of those that
// changed.
bool answer_some(Session& session, store::Account& account, Store& store) {
    const Selected& view = session.selected();
    if (store.silent && (!session.enabled().condstore || store.modseq == store::ModSeq{})) return true;
    const auto ranges = view.uid_ranges(store.positions);
    for (; store.range < ranges.size(); ++store.range, store.next = 0) {
        const auto& range = ranges[store.range];
        for (const auto& [uid, flags, keywords, modseq] :
             account.database().rows<store::Uid, std::uint32_t, std::string_view, store::ModSeq>(
                 "SELECT uid, flags, keywords, modseq FROM placement WHERE mailbox_id = ? AND uid BETWEEN ? AND ?"
                 " ORDER BY uid",
                 view.mailbox, std::max(store.next, number(range.first)), range.last)) {
            if (session.output_is_full()) return false;
            store.next = number(uid) + 1;
            const auto position = view.find(uid);
            if (!position) continue;
            if (!store.silent)
                tell_flags_of(session, *position, uid, model::Flags::from_bits(flags), keywords, modseq);
            else if (modseq == store.modseq)
                session.untagged(std::to_string(*position + 1) + " FETCH (UID " + std::to_string(number(uid)) +
                                 " MODSEQ (" + std::to_string(number(modseq)) + "))");
        }
    }
    return true;
}

}  // namespace

void cmd_store(Session& session, Parser& parser) {
    const auto store = std::make_shared<Store>(parse_store(parser));
    if (session.selected().read_only) throw no("the mailbox is open for reading only");
    if (store->change.unchanged_since) want_condstore(session);
    session.on_account([&session, store](store::Account& account) {
        if (!store->done) change_now(session, *store);
        return answer_some(session, account, *store) ? Progress::done : Progress::more;
    });
}

}  // namespace mox::imap
