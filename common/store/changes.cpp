#include "store/changes.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.hpp"
#include "store/mailbox.hpp"

namespace mox::store {

namespace {

using model::Flag;
using model::Flags;
using model::Keywords;

constexpr std::uint32_t seen = Flags(Flag::seen).bits();
constexpr std::uint32_t deleted = Flags(Flag::deleted).bits();
constexpr std::uint32_t junk_flags = (Flag::junk | Flag::not_junk).bits();
constexpr std::uint32_t junk = Flags(Flag::junk).bits();
constexpr std::uint32_t not_junk = Flags(Flag::not_junk).bits();

// Counts of the placements `p` (joined with message `m`) that a condition selects.
std::string count_sql(std::string_view condition) {
    return fmt::format(
        "SELECT coalesce(sum(p.flags & {1} = 0), 0), coalesce(sum(p.flags & {1} <> 0), 0),"
        " coalesce(sum(p.flags & {2} = 0), 0), coalesce(sum(p.flags & {3} = 0), 0), coalesce(sum(m.size), 0)"
        " FROM placement p JOIN message m ON m.id = p.message_id WHERE {0}",
        condition, deleted, deleted | seen, seen);
}

template <class... Arguments>
Counts counts_where(db::Database& database, std::string_view condition, const Arguments&... arguments) {
    const auto row = database.row<std::int64_t, std::int64_t, std::int64_t, std::int64_t, std::int64_t>(
        count_sql(condition), arguments...);
    const auto [total, deleted_count, unread, unseen, size] = row.value();
    return {.total = total, .deleted = deleted_count, .unread = unread, .unseen = unseen, .size_bytes = size};
}

constexpr std::string_view in_range = "p.mailbox_id = ? AND p.uid BETWEEN ? AND ?";

struct NewFlags {
    std::uint32_t set = 0, clear = 0;
};

NewFlags bits_of(const FlagChange& change) {
    switch (change.mode) {
        case FlagChange::Mode::add:
            return {.set = change.flags.bits(), .clear = 0};
        case FlagChange::Mode::remove:
            return {.set = 0, .clear = change.flags.bits()};
        case FlagChange::Mode::replace:
            return {.set = change.flags.bits(), .clear = Flags::all().without(change.flags).bits()};
    }
    return {};
}

Keywords changed_keywords(const Keywords& old, const FlagChange& change) {
    if (change.mode == FlagChange::Mode::replace) return change.keywords;
    if (change.mode == FlagChange::Mode::add) return model::merged(old, change.keywords);
    Keywords kept;
    std::set_difference(old.begin(), old.end(), change.keywords.begin(), change.keywords.end(),
                        std::back_inserter(kept));
    return kept;
}

// Flags of one range in one statement. Returns how many messages changed.
std::int64_t change_flag_bits(Transaction& tx, MailboxId mailbox, UidRange range, NewFlags bits, std::int64_t newest) {
    const auto which =
        fmt::format("mailbox_id = ?1 AND uid BETWEEN ?2 AND ?3 AND modseq <= ?4 AND (flags & ~{0} | {1}) <> flags",
                    bits.clear, bits.set);
    // How many rows have each combination of the two flags that counts depend on; the change is the same for all.
    Counts delta;
    for (const auto& [flags, count] : tx.database().rows<std::uint32_t, std::int64_t>(
             fmt::format("SELECT flags & {0} AS f, count(*) FROM placement WHERE {1} GROUP BY f", seen | deleted,
                         which),
             mailbox, range.first, range.last, newest)) {
        const Counts before = Counts::of(Flags::from_bits(flags), 0);
        const Counts after = Counts::of(Flags::from_bits((flags & ~bits.clear) | bits.set), 0);
        delta += (after - before) * count;
    }
    const auto changed = tx.database().run(
        fmt::format("UPDATE placement SET flags = flags & ~{} | {}, modseq = ?5 WHERE {}", bits.clear, bits.set, which),
        mailbox, range.first, range.last, newest, tx.modseq());
    tx.add_counts(mailbox, delta);
    return changed;
}

// Keywords differ from message to message, so they are merged one by one; only rows that change are written.
std::int64_t change_row_by_row(Transaction& tx, MailboxId mailbox, UidRange range, const FlagChange& change,
                               NewFlags bits, std::int64_t newest) {
    struct Row {
        Uid uid{};
        std::uint32_t old_flags = 0, new_flags = 0;
        std::string keywords;
    };
    std::vector<Row> rows;
    for (const auto& [uid, flags, keywords] : tx.database().rows<Uid, std::uint32_t, std::string>(
             "SELECT uid, flags, keywords FROM placement WHERE mailbox_id = ? AND uid BETWEEN ? AND ? AND modseq <= ?",
             mailbox, range.first, range.last, newest)) {
        const std::uint32_t new_flags = (flags & ~bits.clear) | bits.set;
        std::string new_keywords = model::joined(changed_keywords(model::split_keywords(keywords), change));
        if (new_flags != flags || new_keywords != keywords)
            rows.push_back({uid, flags, new_flags, std::move(new_keywords)});
    }
    Counts delta;
    db::Statement update = tx.database().prepare(
        "UPDATE placement SET flags = ?, keywords = ?, modseq = ? WHERE mailbox_id = ? AND uid = ?");
    for (const auto& row : rows) {
        update.run(row.new_flags, row.keywords, tx.modseq(), mailbox, row.uid);
        delta += Counts::of(Flags::from_bits(row.new_flags), 0);
        delta -= Counts::of(Flags::from_bits(row.old_flags), 0);
    }
    tx.add_counts(mailbox, delta);
    return static_cast<std::int64_t>(rows.size());
}

// Asked of the messages: what the mailbox remembers is not written before the commit.
bool touches_keywords(db::Database& database, MailboxId mailbox, const FlagChange& change) {
    if (!change.keywords.empty()) return true;
    return change.mode == FlagChange::Mode::replace &&
           database.value<int>("SELECT 1 FROM placement WHERE mailbox_id = ? AND keywords <> '' LIMIT 1", mailbox);
}

UidRanges sorted_and_merged(UidRanges ranges) {
    for (auto& range : ranges)
        if (range.first > range.last) std::swap(range.first, range.last);
    std::ranges::sort(ranges, {}, &UidRange::first);
    UidRanges merged;
    for (const auto& range : ranges) {
        if (!merged.empty() && number(range.first) <= std::uint64_t{number(merged.back().last)} + 1)
            merged.back().last = std::max(merged.back().last, range.last);
        else
            merged.push_back(range);
    }
    return merged;
}

std::vector<Uid> uids_in(db::Database& database, MailboxId mailbox, const UidRanges& ranges,
                         std::uint32_t required_flags) {
    std::vector<Uid> uids;
    for (const auto& range : ranges)
        for (const auto& [uid] : database.rows<Uid>("SELECT uid FROM placement WHERE mailbox_id = ? AND uid BETWEEN ? "
                                                    "AND ? AND flags & ? = ? ORDER BY uid",
                                                    mailbox, range.first, range.last, required_flags, required_flags))
            uids.push_back(uid);
    return uids;
}

enum class Transfer { copy, move };

// Junk flags that the target gives, as SQL over the flags of the source.
std::string target_flags_sql(const model::AutomaticJunkFlags::Effect& effect, Transfer kind) {
    const std::string flags = fmt::format("(s.flags & ~{} | {})", effect.clear.bits(), effect.set.bits());
    if (kind == Transfer::copy) return flags;
    // A reject that is moved to where people see it counts as new.
    return fmt::format("CASE WHEN s.is_reject = 1 AND s.mailbox_destined_id <> 0 THEN {} & ~{} ELSE {} END", flags,
                       seen, flags);
}

Keywords keywords_in(db::Database& database, MailboxId mailbox, const UidRanges& ranges) {
    Keywords all;
    for (const auto& range : ranges)
        for (const auto& [keywords] :
             database.rows<std::string>("SELECT DISTINCT keywords FROM placement WHERE mailbox_id = ? AND uid BETWEEN "
                                        "? AND ? AND keywords <> ''",
                                        mailbox, range.first, range.last))
            all = model::merged(all, model::split_keywords(keywords));
    return all;
}

// Rows of the target for all sources, with consecutive UIDs from the target's UIDNEXT on.
CopyResult insert_copies(Transaction& tx, MailboxId from, const UidRanges& ranges, const Mailbox& target,
                         Transfer kind) {
    db::Database& database = tx.database();
    CopyResult result{.sources = uids_in(database, from, ranges, 0), .first_new_uid = target.uidnext};
    if (result.sources.empty()) return result;
    if (std::uint64_t{number(target.uidnext)} + result.sources.size() > 0xffffffff)
        throw Error(Errc::failed, "the mailbox has used up all UIDs");
    const bool move = kind == Transfer::move;
    const std::string sql = fmt::format(
        "INSERT INTO placement (mailbox_id, uid, message_id, flags, keywords, modseq, createseq, save_date,"
        " mailbox_orig_id, mailbox_destined_id, is_reject, is_forward, muted, collapsed, trained)"
        " SELECT ?1, ?2 - 1 + row_number() OVER (ORDER BY s.uid), s.message_id, {}, s.keywords, ?3, ?3, ?4,"
        " CASE WHEN s.is_reject = 1 AND s.mailbox_destined_id <> 0 THEN s.mailbox_destined_id ELSE s.mailbox_orig_id "
        "END,"
        " s.mailbox_destined_id, CASE WHEN s.mailbox_destined_id <> 0 THEN 0 ELSE s.is_reject END, s.is_forward, "
        "s.muted,"
        " s.collapsed, {} FROM placement s WHERE s.mailbox_id = ?5 AND s.uid BETWEEN ?6 AND ?7 AND s.uid < ?8",
        target_flags_sql(junk_effect(tx.account(), target), kind), move ? "s.trained" : "0");
    auto next = number(target.uidnext);
    // Within one mailbox the copies of earlier ranges are no sources of later ones.
    const std::int64_t sources_end = from == target.id ? number(target.uidnext) : std::int64_t{1} << 32;
    for (const auto& range : ranges)
        next += static_cast<std::uint32_t>(database.run(sql, target.id, next, tx.modseq(), tx.account().now().seconds,
                                                        from, range.first, range.last, sources_end));
    database.run("UPDATE mailbox SET uidnext = ? WHERE id = ?", next, target.id);
    tx.add_counts(target.id, counts_where(database, in_range, target.id, target.uidnext, next - 1));
    tx.add_keywords(target.id, keywords_in(database, from, ranges));
    return result;
}

// Takes placements away and leaves tombstones. What becomes of the messages is the caller's business.
void remove_placements(Transaction& tx, MailboxId mailbox, UidRange range, std::uint32_t required_flags) {
    db::Database& database = tx.database();
    const Counts counts = counts_where(database, fmt::format("{} AND p.flags & ? = ?", in_range), mailbox, range.first,
                                       range.last, required_flags, required_flags);
    Counts negative;
    negative -= counts;
    tx.add_counts(mailbox, negative);
    constexpr std::string_view which = "mailbox_id = ?1 AND uid BETWEEN ?2 AND ?3 AND flags & ?4 = ?4";
    database.run(
        fmt::format(
            "INSERT INTO tombstone (mailbox_id, modseq, uid) SELECT mailbox_id, ?5, uid FROM placement WHERE {}",
            which),
        mailbox, range.first, range.last, required_flags, tx.modseq());
    database.run(fmt::format("DELETE FROM placement WHERE {}", which), mailbox, range.first, range.last,
                 required_flags);
}

// An expunged message is untrained once for each placement that was trained.
void log_untraining(Transaction& tx, MailboxId mailbox, UidRange range, std::uint32_t required_flags) {
    if (!tx.trains()) return;
    tx.database().run(
        "INSERT INTO training_log (message_id, from_state, to_state) SELECT message_id, trained, 0 FROM placement"
        " WHERE mailbox_id = ?1 AND uid BETWEEN ?2 AND ?3 AND flags & ?4 = ?4 AND trained <> 0 ORDER BY uid",
        mailbox, range.first, range.last, required_flags);
}

void queue_for_erasure(Transaction& tx, const std::vector<std::int64_t>& messages) {
    db::Statement queue = tx.database().prepare(
        "INSERT OR IGNORE INTO erase_queue (message_id, modseq, queued) SELECT ?1, ?2, ?3"
        " WHERE NOT EXISTS (SELECT 1 FROM placement WHERE message_id = ?1)");
    db::Statement forget_recipients = tx.database().prepare("DELETE FROM recipient WHERE message_id = ?");
    const auto now = tx.account().now().seconds;
    for (const auto message : messages)
        if (queue.run(message, tx.modseq(), now) > 0) forget_recipients.run(message);
}

}  // namespace

model::AutomaticJunkFlags::Effect junk_effect(const Account& account, const Mailbox& mailbox) {
    return account.junk_flags().effect(mailbox.name, mailbox.special_use);
}

Flags with_junk_flags(const Mailbox& mailbox, Flags flags) {
    return model::AutomaticJunkFlags().effect(mailbox.name, mailbox.special_use).apply(flags);
}

FlagChangeResult change_flags(Transaction& tx, MailboxId mailbox, const UidRanges& uids, const FlagChange& change) {
    (void)get_mailbox(tx.database(), mailbox);  // there must be one
    const NewFlags bits = bits_of(change);
    const bool row_by_row = touches_keywords(tx.database(), mailbox, change);
    const std::int64_t newest = number(change.unchanged_since.value_or(tx.modseq()));
    FlagChangeResult result;
    for (const auto& range : sorted_and_merged(uids)) {
        if (change.unchanged_since)
            for (const auto& [uid] : tx.database().rows<Uid>("SELECT uid FROM placement WHERE mailbox_id = ? AND uid "
                                                             "BETWEEN ? AND ? AND modseq > ? ORDER BY uid",
                                                             mailbox, range.first, range.last, newest))
                result.changed_later.push_back(uid);
        result.changed += row_by_row ? change_row_by_row(tx, mailbox, range, change, bits, newest)
                                     : change_flag_bits(tx, mailbox, range, bits, newest);
    }
    if (change.mode != FlagChange::Mode::remove) tx.add_keywords(mailbox, change.keywords);
    if (((bits.set | bits.clear) & junk_flags) != 0) update_training(tx, mailbox);
    return result;
}

CopyResult copy_messages(Transaction& tx, MailboxId from, const UidRanges& uids, MailboxId to) {
    const Mailbox target = get_mailbox(tx.database(), to);
    const CopyResult result = insert_copies(tx, from, sorted_and_merged(uids), target, Transfer::copy);
    update_training(tx, to);
    return result;
}

CopyResult move_messages(Transaction& tx, MailboxId from, const UidRanges& uids, MailboxId to) {
    const Mailbox target = get_mailbox(tx.database(), to);
    UidRanges ranges = sorted_and_merged(uids);
    if (from == to) {  // what gets new UIDs is not moved again
        std::erase_if(ranges, [&](const UidRange& range) { return range.first >= target.uidnext; });
        for (auto& range : ranges) range.last = std::min(range.last, Uid(number(target.uidnext) - 1));
    }
    const CopyResult result = insert_copies(tx, from, ranges, target, Transfer::move);
    for (const auto& range : ranges) remove_placements(tx, from, range, 0);
    update_training(tx, to);
    return result;
}

std::vector<Uid> expunge(Transaction& tx, MailboxId mailbox, const UidRanges& uids, Expunge which) {
    const std::uint32_t required = which == Expunge::only_deleted ? deleted : 0;
    const UidRanges ranges = sorted_and_merged(uids);
    const std::vector<Uid> expunged = uids_in(tx.database(), mailbox, ranges, required);
    if (expunged.empty()) return expunged;
    std::vector<std::int64_t> messages;
    for (const auto& range : ranges) {
        for (const auto& [message] : tx.database().rows<std::int64_t>(
                 "SELECT message_id FROM placement WHERE mailbox_id = ? AND uid BETWEEN ? AND ? AND flags & ? = ?",
                 mailbox, range.first, range.last, required, required))
            messages.push_back(message);
        log_untraining(tx, mailbox, range, required);
        remove_placements(tx, mailbox, range, required);
    }
    queue_for_erasure(tx, messages);
    return expunged;
}

void update_training(Transaction& tx, MailboxId mailbox) {
    if (!tx.trains()) return;
    // wanted_training() as SQL.
    const std::string wanted =
        fmt::format("CASE flags & {} WHEN {} THEN 1 WHEN {} THEN 2 ELSE 0 END", junk_flags, junk, not_junk);
    const std::string which = fmt::format("mailbox_id = ?1 AND modseq = ?2 AND trained <> {}", wanted);
    // SQLite would read all of the mailbox.
    tx.database().run(
        fmt::format("INSERT INTO training_log (message_id, from_state, to_state) SELECT message_id, trained, {} FROM"
                    " placement INDEXED BY placement_modseq WHERE {} ORDER BY uid",
                    wanted, which),
        mailbox, tx.modseq());
    tx.database().run(
        fmt::format("UPDATE placement INDEXED BY placement_modseq SET trained = {} WHERE {}", wanted, which), mailbox,
        tx.modseq());
}

}  // namespace mox::store
