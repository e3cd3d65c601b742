#include "server/imap/transfer.hpp"

#include "server/imap/mailbox_names.hpp"
#include "server/imap/updates.hpp"
#include "store/changes.hpp"
#include "store/mailbox.hpp"

namespace mox::imap {

namespace {

// "COPYUID 7 1:2 4:5", RFC 9051 section 7.1.
std::string copy_uid(const store::Mailbox& target, const store::CopyResult& result) {
    RangeCollector sources;
    for (const auto uid : result.sources) sources.add(number(uid));
    const std::uint32_t first = number(result.first_new_uid);
    return "COPYUID " + std::to_string(target.uidvalidity) + " " + compact_set(sources.ranges()) + " " +
           compact_set(NumberRanges{{first, first + static_cast<std::uint32_t>(result.sources.size()) - 1}});
}

std::int64_t bytes_of(db::Database& database, const Selected& view, const IndexRanges& positions) {
    std::int64_t bytes = 0;
    for (const auto& range : view.uid_ranges(positions))
        bytes += database
                     .value<std::int64_t>(
                         "SELECT coalesce(sum(m.size), 0) FROM placement p JOIN message m ON m.id ="
                         " p.message_id WHERE p.mailbox_id = ? AND p.uid BETWEEN ? AND ?",
                         view.mailbox, range.first, range.last)
                     .value_or(0);
    return bytes;
}

void transfer_now(Session& session, const SequenceSet& set, const std::string& name, Transfer how) {
    const Selected& view = session.selected();
    const IndexRanges positions = view.positions(set, session.by_uid());
    store::Account& account = session.account_for_writing();
    store::Transaction tx(account);
    const auto target = store::find_mailbox(tx.database(), name);
    if (!target) throw no("no such mailbox", "TRYCREATE");
    if (how == Transfer::copy) session.require_room_for(bytes_of(tx.database(), view, positions));
    const bool move = how == Transfer::move;
    if (positions.empty()) return session.ok();
    const auto uids = view.uid_ranges(positions);
    const auto result = move ? store::move_messages(tx, view.mailbox, uids, target->id)
                             : store::copy_messages(tx, view.mailbox, uids, target->id);
    if (!session.by_uid() && result.sources.size() < count_of(positions))
        throw no("some of the messages have been expunged", "EXPUNGEISSUED");
    if (result.sources.empty()) return session.ok();
    const store::ModSeq modseq = tx.modseq();
    tx.commit();
    session.committed(modseq, Session::Own::tell);
    const std::string code = copy_uid(*target, result);
    if (!move) return session.ok({}, code);
    session.untagged("OK [" + code + "] moved");
    session.ok({}, session.enabled().qresync
                       ? "HIGHESTMODSEQ " + std::to_string(highest_modseq(account.database(), view.mailbox))
                       : std::string());
}

}  // namespace

void transfer_messages(Session& session, Parser& parser, Transfer how) {
    parser.space();
    SequenceSet set = parse_sequence_set(parser.cursor());
    parser.space();
    std::string name = parse_mailbox(session, parser);
    parser.end();
    if (how == Transfer::move && session.selected().read_only) throw no("the mailbox is open for reading only");
    session.on_account_once([&session, set = std::move(set), name = std::move(name), how](store::Account&) {
        transfer_now(session, set, name, how);
    });
}

}  // namespace mox::imap
