#include <fmt/format.h>

#include <set>

#include "base/encoding.hpp"
#include "repair/rows.hpp"
#include "store/mailbox.hpp"
#include "store/message.hpp"

namespace mox::repair {

namespace {

constexpr std::int64_t largest_uid = 0xfffffffe;
constexpr std::int64_t absurd_modseq = std::int64_t{1} << 56;

std::string placed(std::int64_t mailbox, std::int64_t uid) {
    return fmt::format("mailbox {} UID {}", mailbox, uid);
}

// What keywords should have been; invalid ones become the nearest valid ones, or go.
model::Keywords repaired_keywords(std::string_view text) {
    model::Keywords keywords;
    for (const auto& keyword : model::split_keywords(text)) {
        const std::string repaired =
            model::is_keyword(keyword) ? keyword : ascii_lower(model::repaired_keyword(keyword));
        if (!repaired.empty() && model::is_keyword(repaired)) keywords.push_back(repaired);
    }
    return model::normalised(std::move(keywords));
}

struct Changed {
    std::int64_t mailbox = 0, uid = 0;
    std::string was, is;
};

// Rows of `sql` (mailbox, uid, keywords) whose keywords are not as they should be.
std::vector<Changed> bad_keywords(db::Database& database, const std::string& sql) {
    std::vector<Changed> bad;
    std::set<std::string> good;
    for (const auto& [mailbox, uid, text] : database.rows<std::int64_t, std::int64_t, std::string>(sql)) {
        if (good.contains(text)) continue;
        auto repaired = model::joined(repaired_keywords(text));
        if (repaired == text)
            good.insert(text);
        else
            bad.push_back({.mailbox = mailbox, .uid = uid, .was = text, .is = std::move(repaired)});
    }
    return bad;
}

}  // namespace

void mend_keywords(const AccountRepair& repair) {
    if (!repair.wanted("keyword")) return;
    repair.change([&](store::Transaction& tx) {
        for (const auto& [id, uid, was, is] :
             bad_keywords(tx.database(), "SELECT id, 0, keywords FROM mailbox WHERE keywords <> ''")) {
            tx.database().run("UPDATE mailbox SET keywords = ? WHERE id = ?", is, id);
            repair.did("keyword", fmt::format("mailbox {} had the keywords {}, has {} now", id, quote(was), quote(is)));
        }
        for (const auto& [mailbox, uid, was, is] :
             bad_keywords(tx.database(), "SELECT mailbox_id, uid, keywords FROM placement WHERE keywords <> ''")) {
            tx.database().run("UPDATE placement SET keywords = ?, modseq = ? WHERE mailbox_id = ? AND uid = ?", is,
                              tx.modseq(), mailbox, uid);
            tx.add_keywords(static_cast<store::MailboxId>(mailbox), model::split_keywords(is));
            repair.did("keyword",
                       fmt::format("{} had the keywords {}, has {} now", placed(mailbox, uid), quote(was), quote(is)));
        }
    });
}

void mend_flags(const AccountRepair& repair) {
    if (!repair.wanted("flags")) return;
    repair.change([&](store::Transaction& tx) {
        constexpr std::int64_t known_flags = model::Flags::all().bits(), known_uses = 31;
        db::Database& database = tx.database();
        for (const auto& [id, use] : database.rows<std::int64_t, std::int64_t>(
                 "SELECT id, special_use FROM mailbox WHERE special_use & ~? <> 0", known_uses))
            repair.did("flags",
                       fmt::format("mailbox {} had the special use {}, has {} now", id, use, use & known_uses));
        database.run("UPDATE mailbox SET special_use = special_use & ?1 WHERE special_use & ~?1 <> 0", known_uses);

        const std::string bad = fmt::format(
            "flags & ~{} <> 0 OR trained NOT IN (0, 1, 2) OR is_reject NOT IN (0, 1) OR is_forward NOT IN (0, 1) OR"
            " muted NOT IN (0, 1) OR collapsed NOT IN (0, 1)",
            known_flags);
        for (const auto& [mailbox, uid, flags] : database.rows<std::int64_t, std::int64_t, std::int64_t>(
                 "SELECT mailbox_id, uid, flags FROM placement WHERE " + bad))
            repair.did("flags", fmt::format("{} had flags {:#x} or states that cannot be, has the flags {:#x} now",
                                            placed(mailbox, uid), flags, flags & known_flags));
        if (!repair.part.did_something()) return;
        database.run(fmt::format("UPDATE placement SET flags = flags & {}, trained = iif(trained IN (1, 2), trained,"
                                 " 0), is_reject = is_reject <> 0, is_forward = is_forward <> 0, muted = muted <> 0,"
                                 " collapsed = collapsed <> 0, modseq = ? WHERE {}",
                                 known_flags, bad),
                     tx.modseq());
    });
}

namespace {

// All UIDs of a mailbox anew, from 1 on, in their order.
void renumber(store::Transaction& tx, std::int64_t mailbox) {
    db::Database& database = tx.database();
    constexpr std::string_view others =
        "message_id, flags, keywords, modseq, createseq, save_date, mailbox_orig_id, mailbox_destined_id, is_reject,"
        " is_forward, muted, collapsed, trained";
    database.exec("DROP TABLE IF EXISTS temp.renumbered");
    database.exec(
        fmt::format("CREATE TEMP TABLE renumbered AS SELECT mailbox_id, row_number() OVER (ORDER BY uid < 1,"
                    " uid) AS uid, {} FROM placement WHERE mailbox_id = {}",
                    others, mailbox));
    database.run("DELETE FROM placement WHERE mailbox_id = ?", mailbox);
    database.exec(
        fmt::format("INSERT INTO placement (mailbox_id, uid, {0}) SELECT mailbox_id, uid, {0} FROM"
                    " renumbered ORDER BY uid",
                    others));
    database.exec("DROP TABLE temp.renumbered");
    database.run("DELETE FROM tombstone WHERE mailbox_id = ?", mailbox);
    database.run("UPDATE placement SET modseq = ? WHERE mailbox_id = ?", tx.modseq(), mailbox);
}

}  // namespace

void mend_uids(const AccountRepair& repair) {
    if (!repair.wanted("uid-next")) return;
    repair.change([&](store::Transaction& tx) {
        struct Bad {
            std::int64_t id, uidnext, lowest, highest;
        };
        std::vector<Bad> bad;
        for (const auto& [id, uidnext, lowest, highest] :
             tx.database().rows<std::int64_t, std::int64_t, std::int64_t, std::int64_t>(
                 "SELECT b.id, b.uidnext, coalesce(min(p.uid), 1), coalesce(max(p.uid), 0) FROM mailbox b LEFT JOIN"
                 " placement p ON p.mailbox_id = b.id GROUP BY b.id"))
            if (uidnext < 1 || uidnext > largest_uid + 1 || lowest < 1 || highest >= uidnext)
                bad.push_back({id, uidnext, lowest, highest});
        for (auto& mailbox : bad) {
            const auto id = static_cast<store::MailboxId>(mailbox.id);
            const bool renumbered = mailbox.lowest < 1 || mailbox.highest > largest_uid;
            if (renumbered) {
                renumber(tx, mailbox.id);
                mailbox.highest =
                    tx.database()
                        .value<std::int64_t>("SELECT max(uid) FROM placement WHERE mailbox_id = ?", mailbox.id)
                        .value_or(0);
            }
            const auto left = tx.database().value<std::int64_t>(
                "SELECT max(uid) FROM tombstone WHERE mailbox_id = ? AND uid BETWEEN 1 AND ?", mailbox.id, largest_uid);
            // Beyond the highest UID anywhere, unless that leaves no room.
            std::int64_t next = std::max(mailbox.highest, left.value_or(0)) + 1;
            if (next > largest_uid) next = mailbox.highest + 1;
            tx.database().run("UPDATE mailbox SET uidnext = ? WHERE id = ?", next, mailbox.id);
            store::bump_uidvalidity(tx, id);
            repair.did("uid-next",
                       fmt::format("mailbox {}: UIDNEXT was {}, is {} now{}; it has a new UIDVALIDITY", mailbox.id,
                                   mailbox.uidnext, next, renumbered ? ", and its messages have new UIDs" : ""));
        }
    });
}

void mend_tombstones(const AccountRepair& repair) {
    if (!repair.wanted("tombstone")) return;
    repair.change([&](store::Transaction& tx) {
        db::Database& database = tx.database();
        const auto last = database.value<std::int64_t>("SELECT last_modseq FROM account").value_or(0);
        const std::string bad = fmt::format(
            "modseq < 1 OR modseq > {} OR uid < 1 OR uid >= (SELECT uidnext FROM mailbox b WHERE b.id = mailbox_id)"
            " OR EXISTS (SELECT 1 FROM placement p WHERE p.mailbox_id = tombstone.mailbox_id AND p.uid ="
            " tombstone.uid)",
            last);
        std::set<std::int64_t> mailboxes;
        for (const auto& [mailbox, uid, modseq] : database.rows<std::int64_t, std::int64_t, std::int64_t>(
                 "SELECT mailbox_id, uid, modseq FROM tombstone WHERE " + bad)) {
            mailboxes.insert(mailbox);
            repair.did("tombstone",
                       fmt::format("what was left of {} with modseq {} is gone", placed(mailbox, uid), modseq));
        }
        if (!mailboxes.empty()) database.run("DELETE FROM tombstone WHERE " + bad);
        // Clients that were away may miss what these said, or what they should have said.
        for (const auto mailbox : mailboxes)
            if (database.value<int>("SELECT 1 FROM mailbox WHERE id = ? AND expunged = 0", mailbox)) {
                store::bump_uidvalidity(tx, static_cast<store::MailboxId>(mailbox));
                repair.did("tombstone", fmt::format("mailbox {} has a new UIDVALIDITY", mailbox));
            }
        for (const auto& [id, modseq] : database.rows<std::int64_t, std::int64_t>(
                 "SELECT message_id, modseq FROM erase_queue WHERE modseq > ? OR modseq < 0", last))
            repair.did("tombstone", fmt::format("message {}, which waits to be erased, had modseq {}, has {} now", id,
                                                modseq, last));
        database.run("UPDATE erase_queue SET modseq = ?1 WHERE modseq > ?1 OR modseq < 0", last);
    });
}

void mend_erase_queue(const AccountRepair& repair) {
    if (!repair.wanted("erase-queue")) return;
    repair.change([&](store::Transaction& tx) {
        constexpr std::string_view placed_ones =
            " FROM erase_queue WHERE EXISTS (SELECT 1 FROM placement p WHERE p.message_id = erase_queue.message_id)";
        for (const auto& [id] : tx.database().rows<std::int64_t>(fmt::format("SELECT message_id{}", placed_ones)))
            repair.did("erase-queue",
                       fmt::format("message {} lies in a mailbox, and no longer waits to be erased", id));
        tx.database().run(fmt::format("DELETE{}", placed_ones));
    });
}

void mend_orphans(const AccountRepair& repair) {
    if (!repair.wanted("foreign-key")) return;
    repair.change([&](store::Transaction& tx) {
        db::Database& database = tx.database();
        std::vector<std::tuple<std::int64_t, std::int64_t, std::int64_t, bool>> placements;
        for (const auto& [mailbox, uid, message, has_mailbox] :
             database.rows<std::int64_t, std::int64_t, std::int64_t, bool>(
                 "SELECT mailbox_id, uid, message_id, EXISTS (SELECT 1 FROM mailbox b WHERE b.id = p.mailbox_id)"
                 " FROM placement p WHERE NOT EXISTS (SELECT 1 FROM message m WHERE m.id = p.message_id)"))
            placements.emplace_back(mailbox, uid, message, has_mailbox);
        for (const auto& [mailbox, uid, message, has_mailbox] : placements) {
            database.run("DELETE FROM placement WHERE mailbox_id = ? AND uid = ?", mailbox, uid);
            if (has_mailbox && uid >= 1 && uid <= largest_uid)
                database.run("INSERT OR IGNORE INTO tombstone (mailbox_id, modseq, uid) VALUES (?, ?, ?)", mailbox,
                             tx.modseq(), uid);
            repair.did("foreign-key",
                       fmt::format("{}: its message {} is missing; expunged", placed(mailbox, uid), message));
        }
        struct Orphans {
            std::string_view table, column, parent, parent_key;
        };
        // Delivery rows before those that refer to them.
        for (const auto& [table, column, parent, parent_key] :
             {Orphans{"delivery", "message_id", "message", "id"},
              Orphans{"delivery_dkim", "message_id", "delivery", "message_id"},
              Orphans{"erase_queue", "message_id", "message", "id"},
              Orphans{"training_log", "message_id", "message", "id"},
              Orphans{"recipient", "message_id", "message", "id"}, Orphans{"tombstone", "mailbox_id", "mailbox", "id"},
              Orphans{"annotation", "mailbox_id", "mailbox", "id"}}) {
            const std::string orphans = fmt::format(
                " FROM {0} WHERE {1} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {2} x WHERE x.{3} ="
                " {0}.{1})",
                table, column, parent, parent_key);
            for (const auto& [id, count] : database.rows<std::int64_t, std::int64_t>(
                     fmt::format("SELECT {0}, count(*){1} GROUP BY {0}", column, orphans)))
                repair.did("foreign-key", fmt::format("{} rows of {} are gone that belong to the missing {} {}", count,
                                                      table, parent, id));
            database.run("DELETE" + orphans);
        }
    });
}

void recover_placements(const AccountRepair& repair) {
    repair.change([&](store::Transaction& tx) {
        db::Database& database = tx.database();
        const auto recovered = [&] { return store::ensure_mailbox(tx, recovered_name, store::Subscribe::yes).id; };
        struct Lost {
            store::MailboxId mailbox{};
            store::Uid uid{};
            std::int64_t size = 0;
            bool is_deleted = false;  // the mailbox; otherwise it is missing
        };
        std::vector<Lost> lost;
        for (const auto& [mailbox, uid, size, expunged] :
             database.rows<store::MailboxId, store::Uid, std::int64_t, std::optional<bool>>(
                 "SELECT p.mailbox_id, p.uid, m.size, b.expunged FROM placement p JOIN message m ON m.id ="
                 " p.message_id LEFT JOIN mailbox b ON b.id = p.mailbox_id WHERE b.id IS NULL OR b.expunged = 1"
                 " ORDER BY p.mailbox_id, p.uid"))
            if (repair.wanted("mailbox-gone") || (!expunged && repair.wanted("foreign-key")))
                lost.push_back({.mailbox = mailbox, .uid = uid, .size = size, .is_deleted = expunged.has_value()});
        for (const auto& [mailbox, uid, size, is_deleted] : lost) {
            auto placement = store::find_placement(database, mailbox, uid);
            if (!placement) continue;
            database.run("DELETE FROM placement WHERE mailbox_id = ? AND uid = ?", mailbox, uid);
            tx.add_counts(mailbox, store::Counts{} - store::Counts::of(placement->flags, size));
            const auto message = placement->message;
            placement->mailbox = recovered();
            const auto new_uid = store::insert_placement(tx, std::move(*placement), size);
            const auto detail =
                fmt::format("message {} of {} is in {} now, with UID {}", number(message),
                            placed(number(mailbox), number(uid)), quote(recovered_name), number(new_uid));
            repair.did(is_deleted ? CheckId("mailbox-gone") : CheckId("foreign-key"), detail);
        }
        if (!repair.wanted("message-unplaced")) return;
        std::vector<std::pair<store::MessageId, std::int64_t>> unplaced;
        for (const auto& [id, size] : database.rows<store::MessageId, std::int64_t>(
                 "SELECT id, size FROM message m WHERE NOT EXISTS (SELECT 1 FROM placement p WHERE p.message_id = m.id)"
                 " AND NOT EXISTS (SELECT 1 FROM erase_queue e WHERE e.message_id = m.id) ORDER BY id"))
            unplaced.emplace_back(id, size);
        for (const auto& [id, size] : unplaced) {
            const auto mailbox = recovered();
            const auto uid =
                store::insert_placement(tx, {.mailbox = mailbox, .message = id, .mailbox_orig = mailbox}, size);
            repair.did("message-unplaced", fmt::format("message {} is in {} now, with UID {}", number(id),
                                                       quote(recovered_name), number(uid)));
        }
    });
}

}  // namespace mox::repair
