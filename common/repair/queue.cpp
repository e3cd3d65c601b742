#include <fmt/format.h>

#include "journal/id_blocks.hpp"
#include "queue/schema.hpp"
#include "repair/database.hpp"
#include "repair/files.hpp"
#include "repair/parts.hpp"

namespace mox::repair {

namespace {

constexpr std::string_view explained_sql =
    "SELECT 1 WHERE EXISTS (SELECT 1 FROM pending WHERE message_id = ?1) OR EXISTS (SELECT 1 FROM erase_queue WHERE"
    " message_id = ?1)";

void mend_counter_row(Part& part, db::Database& database) {
    if (!part.wanted("counters")) return;
    const std::string path = relative_path(part, database);
    part.in_transaction<db::Transaction>(path, database, [&](db::Transaction&) {
        if (database.value<int>("SELECT 1 FROM queue")) return;
        const auto next = unused_message_id(part, database, part.databases().queue());
        database.run("INSERT INTO queue (id, next_message_id) VALUES (1, ?)", next);
        part.did("counters", path, fmt::format("the row of counters was missing; made anew: next message id {}", next));
    });
}

void mend_reservations(Part& part, db::Database& database) {
    if (!part.wanted("stale-reservation")) return;
    const std::string path = relative_path(part, database);
    part.attempt(path, [&] {
        const auto stale = stale_reservations(part, database);
        if (stale == 0) return;
        const auto removed = journal::recover({.database = database,
                                               .counters = "queue",
                                               .folder = part.databases().queue(),
                                               .explained_sql = explained_sql},
                                              part.layout());
        part.did(
            "stale-reservation", path,
            fmt::format("{} reservations of processes that are gone, and {} files that they left", stale, removed));
        part.tell();
    });
}

void mend_orphans(Part& part, db::Database& database) {
    if (!part.wanted("foreign-key")) return;
    const std::string path = relative_path(part, database);
    part.in_transaction<db::Transaction>(path, database, [&](db::Transaction&) {
        struct Orphans {
            std::string_view table, key, parent;
        };
        for (const auto& [table, key, parent] :
             {Orphans{"pending", "message_id", "message"}, Orphans{"retired", "message_id", "message"},
              Orphans{"attempt", "message_id", "message"}, Orphans{"dialed_ip", "message_id", "message"},
              Orphans{"message_extra", "message_id", "message"}, Orphans{"hook_pending", "hook_id", "hook"},
              Orphans{"hook_retired", "hook_id", "hook"}, Orphans{"hook_attempt", "hook_id", "hook"},
              Orphans{"hook_extra", "hook_id", "hook"}}) {
            const std::string orphans = fmt::format(
                " FROM {0} WHERE NOT EXISTS (SELECT 1 FROM {2} x WHERE x.id ="
                " {0}.{1})",
                table, key, parent);
            for (const auto& [id, count] : database.rows<std::int64_t, std::int64_t>(
                     fmt::format("SELECT {0}, count(*){1} GROUP BY {0}", key, orphans)))
                part.did(
                    "foreign-key", path,
                    fmt::format("{} rows of {} are gone that belong to the missing {} {}", count, table, parent, id));
            database.run("DELETE" + orphans);
        }
    });
}

void fix_rows(Part& part, const std::filesystem::path& path) {
    auto database = db::open(path, queue::queue_schema(),
                             {.access = db::Access::read_write,
                              .lock_timeout = part.run().options.lock_timeout,
                              .ownership = part.run().ownership});
    drop_damaged_reservations(part, database);
    mend_seals(part, database);
    mend_sequences(part, database);
    mend_counter_row(part, database);
    mend_next_message_id(part, database, "queue");
    mend_reservations(part, database);
    mend_orphans(part, database);
    if (!part.has("stray-file")) return;
    const db::Transaction held(database);
    move_strays(part, [&](const std::string& file) { return is_stray(part, database, explained_sql, file); });
}

}  // namespace

void fix_queue(Part& part) {
    const std::string relative = part.layout().relative(part.layout().queue_db());
    part.attempt(relative, [&] { part.copy_database(part.layout().queue_db()); });
    const auto path = part.databases().queue_db();
    if (is_usable(part, path) && mend_integrity(part, path) && mend_schema(part, path, queue::queue_schema()))
        part.attempt(relative, [&] { fix_rows(part, path); });
    mend_owners(part);
}

void fix_database(Part& part, const std::filesystem::path& path, const db::Schema& schema) {
    const std::string relative = part.layout().relative(path);
    part.attempt(relative, [&] { part.copy_database(path); });
    const auto where = part.databases().root() / relative;
    if (is_usable(part, where) && mend_integrity(part, where) && mend_schema(part, where, schema))
        part.attempt(relative, [&] {
            auto database = db::open(where, schema,
                                     {.access = db::Access::read_write,
                                      .lock_timeout = part.run().options.lock_timeout,
                                      .ownership = part.run().ownership},
                                     db::OlderVersion::accept);
            mend_seals(part, database);
            mend_sequences(part, database);
        });
    mend_owners(part);
}

}  // namespace mox::repair
