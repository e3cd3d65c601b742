#include <fmt/format.h>

#include <string>

#include "base/encoding.hpp"
#include "repair/database.hpp"
#include "repair/rows.hpp"

namespace mox::repair {

namespace {

// A number that nothing can have counted up to: a flipped bit. Whatever has it gets a sane one.
constexpr std::int64_t absurd_modseq = std::int64_t{1} << 56;
constexpr std::int64_t largest_uidvalidity = 0xfffffffe;

// The newest one of these tables.
std::int64_t newest_modseq(db::Database& database, std::initializer_list<std::string_view> tables) {
    std::int64_t newest = 0;
    for (const auto table : tables)
        newest =
            std::max(newest, database
                                 .value<std::int64_t>(fmt::format(
                                     "SELECT coalesce(max(modseq), 0) FROM {} WHERE modseq < {}", table, absurd_modseq))
                                 .value_or(0));
    return newest;
}

void raise_last_modseq(const AccountRepair& repair, CheckId check, std::int64_t last, std::int64_t newest) {
    if (newest == last) return;
    repair.database().run("UPDATE account SET last_modseq = ?", newest);
    repair.did(check, fmt::format("the account's last modseq was {}, is {} now", last, newest));
}

std::int64_t unused_uidvalidity(db::Database& database) {
    return database
               .value<std::int64_t>("SELECT coalesce(max(uidvalidity), 0) FROM mailbox WHERE uidvalidity <= ?",
                                    largest_uidvalidity)
               .value_or(0) +
           1;
}

std::int64_t sum_of_sizes(db::Database& database) {
    return database
        .value<std::int64_t>("SELECT coalesce(sum(m.size), 0) FROM placement p JOIN message m ON m.id = p.message_id")
        .value_or(0);
}

}  // namespace

void mend_counter_row(const AccountRepair& repair) {
    if (!repair.wanted("counters")) return;
    repair.change_counters([&](db::Transaction&) {
        db::Database& database = repair.database();
        if (database.value<int>("SELECT 1 FROM account")) return;
        const auto& layout = repair.part.layout();
        const auto next_id = unused_message_id(repair.part, database, database.path().parent_path() / "msg");
        // A new account begins at half of the time; counting up from there is slower than time.
        const auto uidvalidity = std::max<std::int64_t>(unused_uidvalidity(database), repair.account.now().seconds / 2);
        const auto modseq =
            newest_modseq(database, {"mailbox", "placement", "annotation", "tombstone", "erase_queue"}) + 1;
        const bool trains = database.value<int>("SELECT 1 FROM placement WHERE trained <> 0 LIMIT 1").has_value() ||
                            status_of(layout.junk_filter_db(repair.account.name())).has_value();
        // Which tombstones are gone nobody knows: clients that were away look through everything.
        database.run(
            "INSERT INTO account (id, next_message_id, next_uidvalidity, last_modseq, highest_deleted_modseq,"
            " message_size, trains) VALUES (1, ?, ?, ?, ?, ?, ?)",
            next_id, uidvalidity, modseq, modseq, sum_of_sizes(database), trains);
        repair.did("counters", fmt::format("the row of counters was missing; made anew: next message id {}, next"
                                           " UIDVALIDITY {}, modseq {}",
                                           next_id, uidvalidity, modseq));
    });
}

void mend_uidvalidity_next(const AccountRepair& repair) {
    if (!repair.wanted("uidvalidity-next")) return;
    repair.change_counters([&](db::Transaction&) {
        db::Database& database = repair.database();
        auto next = database.value<std::int64_t>("SELECT next_uidvalidity FROM account").value_or(1);
        const auto before = next;
        next = std::max(next, unused_uidvalidity(database));
        if (next > largest_uidvalidity) next = unused_uidvalidity(database);
        for (const auto& [id, value] : database.rows<std::int64_t, std::int64_t>(
                 "SELECT id, uidvalidity FROM mailbox WHERE uidvalidity < 1 OR uidvalidity > ? ORDER BY id",
                 largest_uidvalidity)) {
            database.run("UPDATE mailbox SET uidvalidity = ? WHERE id = ?", next, id);
            repair.did("uidvalidity-next",
                       fmt::format("mailbox {} had the UIDVALIDITY {}, has {} now", id, value, next));
            ++next;
        }
        if (next == before) return;
        database.run("UPDATE account SET next_uidvalidity = ?", next);
        repair.did("uidvalidity-next", fmt::format("the next UIDVALIDITY was {}, is {} now", before, next));
    });
}

namespace {

// Modseqs of one table that are possible by themselves, but not here.
void mend_modseqs_of(const AccountRepair& repair, const std::string& table, const std::string& key,
                     std::int64_t newest) {
    struct Fault {
        std::string condition, change, text;
    };
    const std::string absurd = std::to_string(absurd_modseq), now = std::to_string(newest);
    for (const auto& fault : {Fault{"modseq < 0 OR modseq >= " + absurd, "modseq = " + now, "modseq is " + now},
                              Fault{"createseq < 0", "createseq = 0", "createseq is 0"},
                              Fault{"createseq > modseq", "createseq = modseq", "createseq is its modseq"}}) {
        for (const auto& [id] : repair.database().rows<std::string>(
                 fmt::format("SELECT {} FROM {} WHERE {}", key, table, fault.condition)))
            repair.did("modseq", fmt::format("{} {}: its {} now", table, id, fault.text));
        repair.database().run(fmt::format("UPDATE {} SET {} WHERE {}", table, fault.change, fault.condition));
    }
}

}  // namespace

void mend_modseqs(const AccountRepair& repair) {
    if (!repair.wanted("modseq")) return;
    repair.change_counters([&](db::Transaction&) {
        db::Database& database = repair.database();
        const auto last = database.value<std::int64_t>("SELECT last_modseq FROM account").value_or(0);
        const auto newest =
            std::max(newest_modseq(database, {"mailbox", "placement", "annotation"}), last < absurd_modseq ? last : 0);
        mend_modseqs_of(repair, "mailbox", "id", newest);
        mend_modseqs_of(repair, "placement", "mailbox_id || ' UID ' || uid", newest);
        mend_modseqs_of(repair, "annotation", "id", newest);
        raise_last_modseq(repair, "modseq", last, newest);
    });
}

void raise_modseq_to_tombstones(const AccountRepair& repair) {
    if (!repair.wanted("tombstone")) return;
    repair.change_counters([&](db::Transaction&) {
        const auto last = repair.database().value<std::int64_t>("SELECT last_modseq FROM account").value_or(0);
        const auto newest = newest_modseq(repair.database(), {"tombstone", "erase_queue"});
        raise_last_modseq(repair, "tombstone", last, std::max(last, newest));
    });
}

void mend_sums(const AccountRepair& repair) {
    repair.change_counters([&](db::Transaction&) {
        db::Database& database = repair.database();
        constexpr std::string_view columns[] = {"count_total", "count_deleted", "count_unread", "count_unseen", "size"};
        if (repair.wanted("mailbox-counts")) {
            db::Statement row = database.prepare(
                "SELECT b.id, b.name, b.count_total, b.count_deleted, b.count_unread, b.count_unseen, b.size,"
                " coalesce(sum(p.flags & 8 = 0), 0), coalesce(sum(p.flags & 8 <> 0), 0),"
                " coalesce(sum(p.flags & 9 = 0), 0), coalesce(sum(p.flags & 1 = 0), 0), coalesce(sum(m.size), 0)"
                " FROM mailbox b LEFT JOIN placement p ON p.mailbox_id = b.id LEFT JOIN message m ON m.id ="
                " p.message_id WHERE b.expunged = 0 GROUP BY b.id");
            std::vector<std::string> updates;
            while (row.step()) {
                const auto id = row.column<std::int64_t>(0);
                for (int i = 0; i < 5; ++i) {
                    const auto was = row.column<std::int64_t>(2 + i), is = row.column<std::int64_t>(7 + i);
                    if (was == is) continue;
                    updates.push_back(fmt::format("UPDATE mailbox SET {} = {} WHERE id = {}", columns[i], is, id));
                    repair.did("mailbox-counts", fmt::format("mailbox {} {}: {} was {}, is {} now", id,
                                                             quote(row.column<std::string>(1)), columns[i], was, is));
                }
            }
            row.reset();
            for (const auto& update : updates) database.exec(update);
        }
        if (!repair.wanted("account-size")) return;
        const auto was = database.value<std::int64_t>("SELECT message_size FROM account").value_or(0);
        const auto is = sum_of_sizes(database);
        if (was == is) return;
        database.run("UPDATE account SET message_size = ?", is);
        repair.did("account-size", fmt::format("the account's size was {} bytes, is {} now", was, is));
    });
}

}  // namespace mox::repair
