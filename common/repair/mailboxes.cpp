#include <fmt/format.h>

#include <map>
#include <set>

#include "base/encoding.hpp"
#include "model/mailbox_name.hpp"
#include "repair/rows.hpp"
#include "store/mailbox.hpp"

namespace mox::repair {

namespace {

constexpr std::size_t room_for_number = 20;

std::string named(std::int64_t id, std::string_view name) {
    return fmt::format("mailbox {} {}", id, quote(name));
}

// One part of a mailbox's name without what no name may have.
std::string repaired_part(std::string_view part) {
    std::string repaired;
    for (std::size_t i = 0; i < part.size();) {
        const std::size_t length = utf8_sequence_length(part.substr(i));
        const auto sequence = part.substr(i, std::max<std::size_t>(length, 1));
        const bool is_control =
            length == 1 ? static_cast<unsigned char>(sequence[0]) < 0x20 || sequence[0] == 0x7f
                        : sequence == "\u2028" || sequence == "\u2029" ||
                              (length == 2 && sequence[0] == '\xc2' && static_cast<unsigned char>(sequence[1]) < 0xa0);
        repaired += length == 0 || is_control ? "_" : sequence;
        i += sequence.size();
    }
    return repaired == "." || repaired == ".." ? std::string(repaired.size(), '_') : repaired;
}

// The nearest name that can be one; "" when there is none.
std::string repaired_name(std::string_view name) {
    std::string repaired;
    for (std::size_t start = 0; start <= name.size();) {
        const std::size_t end = std::min(name.find('/', start), name.size());
        if (end > start) repaired += (repaired.empty() ? "" : "/") + repaired_part(name.substr(start, end - start));
        start = end + 1;
    }
    if (repaired.starts_with('#')) repaired[0] = '_';
    repaired = model::normalised_mailbox_name(repaired);
    return model::mailbox_name_problem(repaired).empty() &&
                   repaired.size() + room_for_number <= model::max_mailbox_name_bytes
               ? repaired
               : std::string();
}

// The same, but one that no mailbox has.
std::string free_name(db::Database& database, std::int64_t id, std::string_view name) {
    std::string wanted = repaired_name(name);
    if (wanted.empty()) wanted = fmt::format("Mailbox {}", id);
    std::string free = wanted;
    for (int number = 2; store::find_mailbox(database, free); ++number) free = fmt::format("{} ({})", wanted, number);
    return free;
}

}  // namespace

void mend_mailbox_names(const AccountRepair& repair) {
    if (!repair.wanted("name")) return;
    repair.change([&](store::Transaction& tx) {
        std::vector<std::tuple<std::int64_t, std::string, bool>> bad;
        for (const auto& [id, name, expunged] : tx.database().rows<std::int64_t, std::string, bool>(
                 "SELECT id, name, expunged FROM mailbox ORDER BY length(name), id"))
            if (!model::mailbox_name_problem(name).empty()) bad.emplace_back(id, name, expunged);
        for (const auto& [id, name, expunged] : bad) {
            const std::string free = free_name(tx.database(), id, name);
            // Another name is another mailbox for whoever knew the old one.
            tx.database().run("UPDATE mailbox SET name = ?, uidvalidity = ?, modseq = ? WHERE id = ?", free,
                              tx.take_uidvalidity(), tx.modseq(), id);
            if (!expunged) store::subscribe(tx, free);
            repair.did("name",
                       fmt::format("{} has the name {} now, and a new UIDVALIDITY", named(id, name), quote(free)));
        }
    });
}

void mend_other_names(const AccountRepair& repair) {
    if (!repair.wanted("name")) return;
    repair.change([&](store::Transaction& tx) {
        for (const auto& name : store::list_subscriptions(tx.database())) {
            if (model::mailbox_name_problem(name).empty()) continue;
            const std::string repaired = repaired_name(name);
            store::unsubscribe(tx, name);
            if (!repaired.empty()) store::subscribe(tx, repaired);
            repair.did("name", fmt::format("the subscription {} {}", quote(name),
                                           repaired.empty() ? "is gone" : "is " + quote(repaired) + " now"));
        }
        std::vector<std::pair<std::int64_t, std::string>> keys;
        for (const auto& [id, key] :
             tx.database().rows<std::int64_t, std::string>("SELECT id, key FROM annotation ORDER BY id"))
            keys.emplace_back(id, key);
        for (const auto& [id, key] : keys) {
            if (key.starts_with('/') && ascii_lower(key) == key && is_utf8(key)) continue;
            std::string repaired = ascii_lower(is_utf8(key) ? key : escaped(key));
            if (!repaired.starts_with('/')) repaired.insert(0, "/");
            const bool is_taken = tx.database()
                                      .value<int>(
                                          "SELECT 1 FROM annotation a JOIN annotation b ON coalesce(a.mailbox_id, 0) ="
                                          " coalesce(b.mailbox_id, 0) WHERE b.id = ? AND b.expunged = 0 AND a.key = ?"
                                          " AND a.expunged = 0",
                                          id, repaired)
                                      .has_value();
            if (is_taken) repaired += fmt::format("-{}", id);
            tx.database().run("UPDATE annotation SET key = ?, modseq = ? WHERE id = ?", repaired, tx.modseq(), id);
            repair.did("name", fmt::format("annotation {} {} has the key {} now", id, quote(key), quote(repaired)));
        }
    });
}

void mend_uidvalidity_unique(const AccountRepair& repair) {
    if (!repair.wanted("uidvalidity-unique")) return;
    repair.change([&](store::Transaction& tx) {
        // The living one first, and among the dead the older: a later one gives way to those that are gone.
        std::map<std::pair<std::string, std::int64_t>, std::int64_t> uses;
        std::vector<std::tuple<std::int64_t, std::string, std::int64_t>> doubles;
        for (const auto& [id, name, uidvalidity] : tx.database().rows<std::int64_t, std::string, std::int64_t>(
                 "SELECT id, name, uidvalidity FROM mailbox ORDER BY expunged DESC, id"))
            if (!uses.emplace(std::pair(name, uidvalidity), id).second) doubles.emplace_back(id, name, uidvalidity);
        for (const auto& [id, name, uidvalidity] : doubles) {
            store::bump_uidvalidity(tx, static_cast<store::MailboxId>(id));
            repair.did("uidvalidity-unique",
                       fmt::format("{} has a new UIDVALIDITY instead of {}", named(id, name), uidvalidity));
        }
    });
}

void mend_special_uses(const AccountRepair& repair) {
    if (!repair.wanted("special-use")) return;
    repair.change([&](store::Transaction& tx) {
        std::int64_t taken = 0;
        std::vector<std::tuple<std::int64_t, std::string, std::int64_t, std::int64_t>> changes;
        for (const auto& [id, name, use, expunged] : tx.database().rows<std::int64_t, std::string, std::int64_t, bool>(
                 "SELECT id, name, special_use, expunged FROM mailbox WHERE special_use <> 0 ORDER BY id")) {
            const std::int64_t kept = expunged ? 0 : use & ~taken;
            taken |= kept;
            if (kept != use) changes.emplace_back(id, name, use, kept);
        }
        for (const auto& [id, name, use, kept] : changes) {
            tx.database().run("UPDATE mailbox SET special_use = ?, modseq = ? WHERE id = ?", kept, tx.modseq(), id);
            repair.did("special-use", fmt::format("{} had the special use {}, has {} now", named(id, name), use, kept));
        }
    });
}

void mend_parents(const AccountRepair& repair) {
    if (!repair.wanted("mailbox-parent") && !repair.wanted("foreign-key")) return;
    repair.change([&](store::Transaction& tx) {
        if (repair.wanted("foreign-key")) {
            for (const auto& [id, name] : tx.database().rows<std::int64_t, std::string>(
                     "SELECT id, name FROM mailbox b WHERE parent_id IS NOT NULL AND NOT EXISTS"
                     " (SELECT 1 FROM mailbox p WHERE p.id = b.parent_id)"))
                repair.did("foreign-key", named(id, name) + " had a parent that is missing");
            tx.database().run(
                "UPDATE mailbox AS b SET parent_id = NULL WHERE parent_id IS NOT NULL AND NOT EXISTS"
                " (SELECT 1 FROM mailbox p WHERE p.id = b.parent_id)");
        }
        if (!repair.wanted("mailbox-parent")) return;
        for (const auto& mailbox : store::list_mailboxes(tx.database())) {
            const auto expected = model::parent_of(mailbox.name);
            std::optional<store::MailboxId> parent;
            if (!expected.empty()) {
                const auto found = store::find_mailbox(tx.database(), expected);
                if (found && found->id == mailbox.parent) continue;
                if (!found && !model::mailbox_name_problem(expected).empty()) continue;
                parent = found ? found->id : store::create_mailbox(tx, expected, store::Subscribe::yes).id;
            }
            if (parent == mailbox.parent) continue;
            tx.database().run("UPDATE mailbox SET parent_id = ?, modseq = ? WHERE id = ?", parent, tx.modseq(),
                              mailbox.id);
            repair.did("mailbox-parent", fmt::format("{} has {} as parent now", named(number(mailbox.id), mailbox.name),
                                                     parent ? quote(expected) : std::string("none")));
        }
    });
}

void mend_mailbox_keywords(const AccountRepair& repair) {
    if (!repair.wanted("mailbox-keywords")) return;
    repair.change([&](store::Transaction& tx) {
        std::map<std::int64_t, model::Keywords> used;
        for (const auto& [mailbox, text] : tx.database().rows<std::int64_t, std::string>(
                 "SELECT DISTINCT mailbox_id, keywords FROM placement WHERE keywords <> ''")) {
            auto& keywords = used[mailbox];
            keywords = model::merged(keywords, model::normalised(model::split_keywords(text)));
        }
        for (const auto& [id, keywords] : used) {
            const auto row =
                tx.database().row<std::string, std::string>("SELECT name, keywords FROM mailbox WHERE id = ?", id);
            if (!row) continue;
            const auto known = model::normalised(model::split_keywords(std::get<1>(*row)));
            const auto all = model::merged(known, keywords);
            if (all == known) continue;
            tx.database().run("UPDATE mailbox SET keywords = ? WHERE id = ?", model::joined(all), id);
            repair.did("mailbox-keywords", fmt::format("{} knows {} now, not only {}", named(id, std::get<0>(*row)),
                                                       quote(model::joined(all)), quote(model::joined(known))));
        }
    });
}

}  // namespace mox::repair
