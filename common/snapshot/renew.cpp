#include "snapshot/renew.hpp"

#include <algorithm>
#include <filesystem>

#include "base/file.hpp"
#include "junk/filter_db.hpp"
#include "queue/schema.hpp"
#include "reports/databases.hpp"
#include "store/account.hpp"
#include "store/mailbox.hpp"

namespace mox::snapshot {

namespace fs = std::filesystem;

namespace {

// The highest id that has a file below msg/ or queue/; 0 without.
std::int64_t highest_file(const fs::path& messages) {
    std::int64_t highest = 0;
    if (!directory_exists(messages)) return highest;
    for_each_entry(messages, [&](const DirectoryEntry& folder) {
        const auto first = datadir::first_id_of(folder.name);
        if (!first || *first + datadir::ids_per_folder <= highest || !directory_exists(messages / folder.name)) return;
        for_each_entry(messages / folder.name, [&](const DirectoryEntry& entry) {
            highest = std::max(highest, datadir::message_id_of(folder.name, entry.name).value_or(0));
        });
    });
    return highest;
}

void use_wal(const fs::path& path, const db::Schema& schema) {
    if (status_of(path)) (void)db::open(path, schema, {.access = db::Access::read_write}, db::OlderVersion::accept);
}

void give_new_uidvalidities(store::Account& account) {
    store::Transaction tx(account);
    for (const auto& mailbox : store::list_mailboxes(tx.database())) store::bump_uidvalidity(tx, mailbox.id);
    tx.commit();
}

}  // namespace

RenewedAccount renew_account(const datadir::Layout& layout, std::string_view name, UidValidity uidvalidity,
                             const Clock& clock) {
    use_wal(layout.junk_filter_db(name), junk::filter_schema());
    auto account = store::Account::open(layout, name, {.clock = &clock});
    db::Database& database = account.database();
    database.run("UPDATE account SET next_message_id = ?1 WHERE next_message_id < ?1",
                 highest_file(layout.messages(name)) + 1);
    if (uidvalidity == UidValidity::fresh) {
        // Half of the time is where new accounts begin (store/account.cpp).
        database.run("UPDATE account SET next_uidvalidity = ?1 WHERE next_uidvalidity < ?1",
                     clock.now().seconds / 2 + 1);
        give_new_uidvalidities(account);
    }
    const auto count = [&](std::string_view sql) { return database.value<std::int64_t>(sql).value_or(0); };
    return {.mailboxes = count("SELECT count(*) FROM mailbox WHERE expunged = 0"),
            .messages = count("SELECT (SELECT count(*) FROM message) - (SELECT count(*) FROM erase_queue)")};
}

std::int64_t renew_queue(const datadir::Layout& layout, bool hold) {
    if (!status_of(layout.queue_db())) return 0;
    auto database = db::open(layout.queue_db(), queue::queue_schema(), {.access = db::Access::read_write},
                             db::OlderVersion::accept);
    database.run("UPDATE queue SET next_message_id = ?1 WHERE next_message_id < ?1", highest_file(layout.queue()) + 1);
    if (hold) database.run("UPDATE pending SET hold = 1 WHERE hold = 0");
    return database.value<std::int64_t>("SELECT count(*) FROM pending").value_or(0);
}

void renew_others(const datadir::Layout& layout,
                  const std::function<void(const std::string&, const std::function<void()>&)>& guarded) {
    for (const auto& database : reports::directory_databases())
        guarded(std::string(database.name), [&] { use_wal((layout.*database.path)(), database.schema()); });
}

}  // namespace mox::snapshot
