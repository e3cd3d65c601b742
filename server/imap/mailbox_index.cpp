#include "server/imap/mailbox_index.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <tuple>

namespace mox::imap {

namespace {

using Index = MailboxIndexes::Index;

struct Change {
    std::uint32_t uid = 0;
    store::MessageId message{};
    std::uint32_t flags = 0;
    std::uint16_t keyword_set = 0;
};

constexpr std::string_view columns = "SELECT uid, message_id, flags, keywords FROM placement";

// Most messages have no keywords, and the others few different sets of them.
std::uint16_t set_of(Index& index, std::string_view keywords) {
    if (keywords.empty() || !index.has_keywords) return 0;
    auto at = std::ranges::find(index.sets, keywords);
    if (at == index.sets.end()) {
        index.has_keywords = index.sets.size() < MailboxIndexes::most_keyword_sets;
        if (!index.has_keywords) return 0;
        at = index.sets.insert(at, std::string(keywords));
    }
    return static_cast<std::uint16_t>(at - index.sets.begin());
}

Change change_of(Index& index, const db::Statement& row) {
    return {.uid = row.column<std::uint32_t>(0),
            .message = row.column<store::MessageId>(1),
            .flags = row.column<std::uint32_t>(2),
            .keyword_set = set_of(index, row.column<std::string_view>(3))};
}

void append(Index& index, const Change& row) {
    index.uids.push_back(row.uid);
    index.messages.push_back(row.message);
    index.flags.push_back(row.flags);
    index.keyword_sets.push_back(row.keyword_set);
}

void read_all(Index& index, db::Database& database, std::size_t messages) {
    index = {.mailbox = index.mailbox};
    index.uids.reserve(messages);
    index.messages.reserve(messages);
    index.flags.reserve(messages);
    index.keyword_sets.reserve(messages);
    auto rows = database.prepare(std::string(columns) + " WHERE mailbox_id = ? ORDER BY uid");
    rows.bind(index.mailbox);
    while (rows.step()) append(index, change_of(index, rows));
}

// So much has changed that reading all takes less time than to look for it.
bool too_much_changed(const Index& index, db::Database& database) {
    const auto most = static_cast<std::int64_t>(index.uids.size() / 8 + 100);
    return database.value<std::int64_t>(
               "SELECT count(*) FROM (SELECT 1 FROM placement INDEXED BY placement_modseq"
               " WHERE mailbox_id = ? AND modseq > ? LIMIT ?)",
               index.mailbox, index.modseq, most) >= most;
}

void remove_expunged(Index& index, db::Database& database) {
    std::vector<std::uint32_t> gone;
    for (const auto& [uid] : database.rows<std::uint32_t>(
             "SELECT uid FROM tombstone WHERE mailbox_id = ? AND modseq > ?", index.mailbox, index.modseq))
        gone.push_back(uid);
    if (gone.empty()) return;
    std::ranges::sort(gone);
    std::size_t kept = 0;
    for (std::size_t at = 0; at < index.uids.size(); ++at) {
        if (std::ranges::binary_search(gone, index.uids[at])) continue;
        index.uids[kept] = index.uids[at];
        index.messages[kept] = index.messages[at];
        index.flags[kept] = index.flags[at];
        index.keyword_sets[kept++] = index.keyword_sets[at];
    }
    index.uids.resize(kept);
    index.messages.resize(kept);
    index.flags.resize(kept);
    index.keyword_sets.resize(kept);
}

void add_changed(Index& index, db::Database& database) {
    std::vector<Change> added;
    auto rows =
        database.prepare(std::string(columns) + " INDEXED BY placement_modseq WHERE mailbox_id = ? AND modseq > ?");
    rows.bind(index.mailbox, index.modseq);
    while (rows.step()) {
        const Change row = change_of(index, rows);
        const auto found = std::ranges::lower_bound(index.uids, row.uid);
        if (found == index.uids.end() || *found != row.uid) {
            added.push_back(row);
            continue;
        }
        const auto at = static_cast<std::size_t>(found - index.uids.begin());
        index.flags[at] = row.flags;
        index.keyword_sets[at] = row.keyword_set;
    }
    std::ranges::sort(added, {}, &Change::uid);
    // UIDs only ascend: one in the middle was expunged, and then it would not be there.
    for (const auto& one : added) append(index, one);
}

}  // namespace

const Index* MailboxIndexes::up_to_date(db::Database& database, store::MailboxId mailbox) {
    std::optional<db::ReadTransaction> unchanged;
    if (!database.in_transaction()) unchanged.emplace(database);
    const auto counts = database.row<std::int64_t, std::int64_t, std::int64_t>(
        "SELECT m.count_total + m.count_deleted, a.last_modseq, a.highest_deleted_modseq FROM mailbox m, account a"
        " WHERE m.id = ?",
        mailbox);
    if (!counts) return nullptr;
    const auto messages = static_cast<std::size_t>(std::max<std::int64_t>(0, std::get<0>(*counts)));
    if (messages > most_messages) return nullptr;
    const auto [last, pruned] = std::tuple(std::get<1>(*counts), std::get<2>(*counts));
    Index& index = index_of(mailbox);
    if (index.modseq == last) return &index;
    // Of what changed before `pruned`, expunges may not be known any more.
    const bool is_known =
        index.modseq >= 0 && index.modseq >= pruned && index.modseq < last && !too_much_changed(index, database);
    if (is_known) {
        remove_expunged(index, database);
        add_changed(index, database);
    }
    if (!is_known || index.uids.size() != messages || !std::ranges::is_sorted(index.uids))
        read_all(index, database, messages);
    index.modseq = last;
    shrink_to(most_messages);
    return indexes_.empty() ? nullptr : &indexes_.front();  // counts may be wrong
}

// The first of the list then.
Index& MailboxIndexes::index_of(store::MailboxId mailbox) {
    const auto known = std::ranges::find(indexes_, mailbox, &Index::mailbox);
    if (known != indexes_.end())
        indexes_.splice(indexes_.begin(), indexes_, known);
    else
        indexes_.push_front({.mailbox = mailbox});
    return indexes_.front();
}

void MailboxIndexes::shrink_to(std::size_t messages) {
    std::size_t sum = 0;
    const auto too_many = std::ranges::find_if(indexes_, [&](const Index& index) {
        sum += index.uids.size();
        return sum > messages;
    });
    indexes_.erase(too_many, indexes_.end());
}

}  // namespace mox::imap
