#include "store/mailbox.hpp"

#include <fmt/format.h>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "model/mailbox_name.hpp"
#include "store/changes.hpp"

namespace mox::store {

namespace {

constexpr std::string_view mailbox_columns =
    "id, parent_id, name, uidvalidity, uidnext, special_use, keywords, count_total, count_deleted, count_unread,"
    " count_unseen, size, createseq, modseq";

std::string select_mailboxes(std::string_view condition) {
    return fmt::format("SELECT {} FROM mailbox WHERE expunged = 0 AND {}", mailbox_columns, condition);
}

Mailbox mailbox_of(const db::Statement& row) {
    return {.id = row.column<MailboxId>(0),
            .parent = row.column<std::optional<MailboxId>>(1),
            .name = row.column<std::string>(2),
            .uidvalidity = row.column<std::uint32_t>(3),
            .uidnext = row.column<Uid>(4),
            .special_use = row.column<SpecialUse>(5),
            .keywords = model::split_keywords(row.column<std::string_view>(6)),
            .counts = {.total = row.column<std::int64_t>(7),
                       .deleted = row.column<std::int64_t>(8),
                       .unread = row.column<std::int64_t>(9),
                       .unseen = row.column<std::int64_t>(10),
                       .size_bytes = row.column<std::int64_t>(11)},
            .createseq = row.column<ModSeq>(12),
            .modseq = row.column<ModSeq>(13)};
}

void require_valid(std::string_view name) {
    if (const auto problem = model::mailbox_name_problem(name); !problem.empty())
        throw Error(Errc::usage, "mailbox name " + quote(name) + " " + std::string(problem));
}

Mailbox demand(db::Database& database, std::string_view name) {
    if (auto mailbox = find_mailbox(database, name)) return *mailbox;
    throw Error(Errc::not_found, "no mailbox " + quote(name));
}

void take_special_use(Transaction& tx, SpecialUse special_use) {
    if (special_use == SpecialUse::none) return;
    tx.database().run(
        "UPDATE mailbox SET special_use = special_use & ~?1, modseq = ?2 WHERE expunged = 0 AND special_use & ?1 <> 0",
        special_use, tx.modseq());
}

Mailbox insert_mailbox(Transaction& tx, std::string_view name, std::optional<MailboxId> parent, Subscribe subscribe_it,
                       SpecialUse special_use) {
    take_special_use(tx, special_use);
    const ModSeq modseq = tx.modseq();
    tx.database().run(
        "INSERT INTO mailbox (parent_id, name, uidvalidity, uidnext, special_use, keywords, count_total, count_deleted,"
        " count_unread, count_unseen, size, createseq, modseq, expunged) VALUES (?, ?, ?, 1, ?, '', 0, 0, 0, 0, 0, ?, "
        "?, 0)",
        parent, name, tx.take_uidvalidity(), special_use, modseq, modseq);
    const auto id = static_cast<MailboxId>(tx.database().last_insert_id());
    if (subscribe_it == Subscribe::yes) subscribe(tx, name);
    return get_mailbox(tx.database(), id);
}

std::optional<MailboxId> ensure_parents(Transaction& tx, std::string_view name, Subscribe subscribe_them) {
    std::optional<MailboxId> parent;
    for (const auto ancestor : model::ancestors_of(name)) {
        const auto found = find_mailbox(tx.database(), ancestor);
        parent = found ? found->id : insert_mailbox(tx, ancestor, parent, subscribe_them, SpecialUse::none).id;
    }
    return parent;
}

std::vector<Mailbox> with_descendants(db::Database& database, const Mailbox& top) {
    std::vector<Mailbox> found{top};
    const std::string prefix = top.name + "/";
    for (const auto& mailbox : list_mailboxes(database))
        if (mailbox.name.starts_with(prefix)) found.push_back(mailbox);
    return found;
}

}  // namespace

std::optional<Mailbox> find_mailbox(db::Database& database, std::string_view name) {
    db::Statement statement = database.prepare(select_mailboxes("name = ?"));
    statement.bind(name);
    if (!statement.step()) return std::nullopt;
    return mailbox_of(statement);
}

Mailbox get_mailbox(db::Database& database, MailboxId id) {
    db::Statement statement = database.prepare(select_mailboxes("id = ?"));
    statement.bind(id);
    if (!statement.step()) throw Error(Errc::not_found, fmt::format("no mailbox with id {}", number(id)));
    return mailbox_of(statement);
}

std::vector<Mailbox> list_mailboxes(db::Database& database) {
    db::Statement statement = database.prepare(select_mailboxes("1 ORDER BY name"));
    statement.bind();
    std::vector<Mailbox> mailboxes;
    while (statement.step()) mailboxes.push_back(mailbox_of(statement));
    return mailboxes;
}

std::optional<Mailbox> find_special_use(db::Database& database, SpecialUse use) {
    db::Statement statement = database.prepare(select_mailboxes("special_use & ? <> 0 ORDER BY id"));
    statement.bind(use);
    if (!statement.step()) return std::nullopt;
    return mailbox_of(statement);
}

Mailbox create_mailbox(Transaction& tx, std::string_view name, Subscribe subscribe_it, SpecialUse special_use) {
    require_valid(name);
    if (find_mailbox(tx.database(), name)) throw Error(Errc::failed, "mailbox " + quote(name) + " exists already");
    const auto parent = ensure_parents(tx, name, subscribe_it);
    return insert_mailbox(tx, name, parent, subscribe_it, special_use);
}

Mailbox ensure_mailbox(Transaction& tx, std::string_view name, Subscribe subscribe_it) {
    if (auto mailbox = find_mailbox(tx.database(), name)) return *mailbox;
    return create_mailbox(tx, name, subscribe_it);
}

void rename_mailbox(Transaction& tx, std::string_view from, std::string_view to) {
    require_valid(to);
    const Mailbox top = demand(tx.database(), from);
    if (top.name == model::inbox_name) throw Error(Errc::usage, "'Inbox' cannot be renamed");
    if (to == from) return;
    if (to.starts_with(std::string(from) + "/"))
        throw Error(Errc::usage, "mailbox " + quote(from) + " cannot be moved below itself");
    if (find_mailbox(tx.database(), to)) throw Error(Errc::failed, "mailbox " + quote(to) + " exists already");
    const auto affected = with_descendants(tx.database(), top);
    for (const auto& mailbox : affected) require_valid(std::string(to) + mailbox.name.substr(top.name.size()));
    const auto parent = ensure_parents(tx, to, Subscribe::yes);
    for (const auto& mailbox : affected) {
        const std::string name = std::string(to) + mailbox.name.substr(top.name.size());
        tx.database().run("UPDATE mailbox SET name = ?, parent_id = ?, uidvalidity = ?, modseq = ? WHERE id = ?", name,
                          mailbox.id == top.id ? parent : mailbox.parent, tx.take_uidvalidity(), tx.modseq(),
                          mailbox.id);
        const auto was_subscribed = tx.database().value<int>("SELECT 1 FROM subscription WHERE name = ?", mailbox.name);
        if (was_subscribed) {
            unsubscribe(tx, mailbox.name);
            subscribe(tx, name);
        }
    }
}

void delete_mailbox(Transaction& tx, std::string_view name) {
    const Mailbox mailbox = demand(tx.database(), name);
    if (mailbox.name == model::inbox_name) throw Error(Errc::usage, "'Inbox' cannot be deleted");
    if (with_descendants(tx.database(), mailbox).size() > 1)
        throw Error(Errc::failed, "mailbox " + quote(name) + " has mailboxes below it");
    (void)expunge(tx, mailbox.id, {all_uids}, Expunge::all);
    tx.database().run(
        "UPDATE annotation SET expunged = 1, value = NULL, modseq = ? WHERE mailbox_id = ? AND expunged = 0",
        tx.modseq(), mailbox.id);
    tx.database().run("UPDATE mailbox SET expunged = 1, special_use = 0, modseq = ? WHERE id = ?", tx.modseq(),
                      mailbox.id);
}

void set_special_use(Transaction& tx, MailboxId mailbox, SpecialUse special_use) {
    take_special_use(tx, special_use);
    tx.database().run("UPDATE mailbox SET special_use = ?, modseq = ? WHERE id = ?", special_use, tx.modseq(), mailbox);
}

void bump_uidvalidity(Transaction& tx, MailboxId mailbox) {
    tx.database().run("UPDATE mailbox SET uidvalidity = ?, modseq = ? WHERE id = ?", tx.take_uidvalidity(), tx.modseq(),
                      mailbox);
}

void subscribe(Transaction& tx, std::string_view name) {
    tx.database().run("INSERT OR IGNORE INTO subscription (name) VALUES (?)", name);
}

void unsubscribe(Transaction& tx, std::string_view name) {
    tx.database().run("DELETE FROM subscription WHERE name = ?", name);
}

std::vector<std::string> list_subscriptions(db::Database& database) {
    std::vector<std::string> names;
    for (const auto& [name] : database.rows<std::string>("SELECT name FROM subscription ORDER BY name"))
        names.push_back(name);
    return names;
}

}  // namespace mox::store
