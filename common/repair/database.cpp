#include "repair/database.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <set>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "datadir/lock.hpp"
#include "db/inspect.hpp"
#include "db/sequences.hpp"
#include "db/wal.hpp"
#include "repair/files.hpp"

namespace mox::repair {

namespace fs = std::filesystem;

namespace {

constexpr int most_problems = 100'000;

std::vector<std::string> integrity_problems(db::Database& database) {
    std::vector<std::string> problems;
    db::check_integrity(database, most_problems, [&](const std::string& text) { problems.push_back(text); });
    return problems;
}

// The index that a message of the integrity check is about; empty when it is about anything else. Only entries of an
// index that is whole as a tree count: making a damaged tree anew would give away pages that it does not own.
std::string index_of(db::Database& database, const std::string& problem) {
    constexpr std::string_view marks[] = {"missing from index ", "wrong # of entries in index ",
                                          "non-unique entry in index "};
    for (const auto mark : marks) {
        const auto at = problem.find(mark);
        if (at == std::string::npos) continue;
        const std::string name = problem.substr(at + mark.size());
        if (database.value<int>("SELECT 1 FROM sqlite_schema i JOIN sqlite_schema t ON t.type = 'table' AND t.name ="
                                " i.tbl_name WHERE i.type = 'index' AND i.name = ? AND i.rootpage <> t.rootpage",
                                name))
            return name;
    }
    return {};
}

bool remake_indexes(Part& part, db::Database& database, const std::vector<std::string>& problems) {
    std::set<std::string> indexes;
    for (const auto& problem : problems) {
        const auto index = index_of(database, problem);
        if (index.empty()) return false;
        indexes.insert(index);
    }
    db::Transaction tx(database);
    const std::string path = relative_path(part, database);
    for (const auto& index : indexes) {
        database.exec(fmt::format("REINDEX \"{}\"", index));
        part.did("database-integrity", path, fmt::format("index {} made anew from its table", quote(index)));
    }
    if (!integrity_problems(database).empty()) return false;
    tx.commit();
    part.tell();
    return true;
}

std::int64_t highest_file(const fs::path& folder) {
    std::int64_t highest = 0;
    if (!directory_exists(folder)) return highest;
    for_each_entry(folder, [&](const DirectoryEntry& entry) {
        const auto first = datadir::first_id_of(entry.name);
        if (!first || *first >= largest_plausible_id || *first + datadir::ids_per_folder <= highest) return;
        const fs::path path = folder / entry.name;
        if (const auto status = status_of(path); !status || !S_ISDIR(status->st_mode)) return;
        for_each_entry(path, [&](const DirectoryEntry& file) {
            if (const auto id = datadir::message_id_of(entry.name, file.name)) highest = std::max(highest, *id);
        });
    });
    return highest;
}

}  // namespace

std::string relative_path(const Part& part, const db::Database& database) {
    return part.databases().relative(database.path());
}

bool is_usable(const Part& part, const fs::path& path) {
    const std::string relative = part.databases().relative(path);
    for (const CheckId check : {CheckId("database"), CheckId("database-format")})
        if (part.has(check, relative)) return false;
    return status_of(path).has_value();
}

bool is_mendable(db::Database& database, const db::Schema& schema) {
    if (!db::missing_indexes(database, schema, db::schema_version(database))) return false;
    const auto problems = integrity_problems(database);
    return std::ranges::none_of(problems, [&](const auto& text) { return index_of(database, text).empty(); });
}

bool is_stray(const Part& part, db::Database& database, std::string_view explained_sql, const std::string& path) {
    const fs::path file(path);
    const auto id = datadir::message_id_of(file.parent_path().filename().native(), file.filename().native());
    if (!id) return true;
    if (database.value<int>(explained_sql, *id)) return false;
    for (const auto& [number, token] : database.rows<int, std::string>(
             "SELECT lock_number, lock_token FROM id_block WHERE ? BETWEEN first_id AND last_id", *id))
        if (datadir::is_reservation_alive(part.layout(), number, token)) return false;
    return true;
}

bool mend_integrity(Part& part, const fs::path& path) {
    const std::string relative = part.databases().relative(path);
    bool is_good = false;
    part.attempt(relative, [&] {
        // What SQLite does not read of a damaged log would be gone for good with the next checkpoint.
        if (!db::in_use(path) && !db::wal_damage(path).empty()) {
            if (!part.wanted("database-integrity")) return;
            if (copy_away(part, "database-integrity", relative + "-wal")) part.tell();
        }
        db::Database database(path, {.access = db::Access::read_write,
                                     .lock_timeout = part.run().options.lock_timeout,
                                     .switch_to_wal = false});
        const auto problems = integrity_problems(database);
        is_good = problems.empty();
        if (!is_good && part.wanted("database-integrity")) is_good = remake_indexes(part, database, problems);
    });
    return is_good;
}

bool mend_schema(Part& part, const fs::path& path, const db::Schema& schema) {
    const std::string relative = part.databases().relative(path);
    bool is_good = false;
    part.attempt(relative, [&] {
        db::Database database(path, {.access = db::Access::read_write,
                                     .lock_timeout = part.run().options.lock_timeout,
                                     .switch_to_wal = false});
        db::Transaction tx(database);
        const auto missing = db::missing_indexes(database, schema, db::schema_version(database));
        is_good = missing && missing->empty();
        if (!missing || missing->empty() || !part.wanted("database-schema")) return;
        for (const auto& sql : *missing) {
            database.exec(sql);
            part.did("database-schema", relative, "made anew: " + sql.substr(0, sql.find('(')));
        }
        tx.commit();
        part.tell();
        is_good = true;
    });
    return is_good;
}

void mend_seals(Part& part, db::Database& database, const std::vector<std::int64_t>& except) {
    if (!part.wanted("seal")) return;
    const std::string path = relative_path(part, database);
    part.in_transaction<db::Transaction>(path, database, [&](db::Transaction&) {
        for (const auto& table : db::sealed_tables(database)) {
            const std::string broken = table.name == "message" && !except.empty()
                                           ? fmt::format("{} AND id NOT IN ({})", table.broken, fmt::join(except, ", "))
                                           : table.broken;
            for (const auto& [key] : database.rows<std::string>(
                     fmt::format("SELECT {} FROM \"{}\" NOT INDEXED WHERE {}", table.key, table.name, broken)))
                part.did("seal", path,
                         fmt::format("row {} {} changed since it was written; sealed as it is now", table.name,
                                     escaped(key)));
            database.run(
                fmt::format("UPDATE \"{}\" SET {} = {} WHERE {}", table.name, table.column, table.column, broken));
        }
    });
}

void mend_sequences(Part& part, db::Database& database) {
    if (!part.wanted("sequence")) return;
    const std::string path = relative_path(part, database);
    part.in_transaction<db::Transaction>(path, database, [&](db::Transaction&) {
        for (const auto& fault : db::sequence_faults(database)) {
            db::mend_sequence(database, fault);
            part.did("sequence", path,
                     fmt::format("{}; {}", fault.detail,
                                 fault.last ? fmt::format("it is {} now", *fault.last) : "no longer"));
        }
    });
}

void drop_damaged_reservations(Part& part, db::Database& database) {
    if (!part.wanted("seal") && !part.wanted("stale-reservation") && !part.wanted("next-message-id")) return;
    std::string broken = "0";
    for (const auto& table : db::sealed_tables(database))
        if (table.name == "id_block") broken = table.broken;
    const std::string path = relative_path(part, database);
    part.in_transaction<db::Transaction>(path, database, [&](db::Transaction&) {
        std::vector<std::int64_t> dropped;
        for (const auto& [first, last, number, token] : database.rows<std::int64_t, std::int64_t, int, std::string>(
                 fmt::format("SELECT first_id, last_id, lock_number, lock_token FROM id_block WHERE {} OR first_id < 1"
                             " OR last_id < first_id OR last_id > {}",
                             broken, largest_plausible_id))) {
            if (datadir::is_reservation_alive(part.layout(), number, token)) continue;
            dropped.push_back(first);
            part.did(
                "stale-reservation", path,
                fmt::format("the damaged reservation of ids {} to {} is gone; files of these ids stay", first, last));
        }
        for (const auto first : dropped) database.run("DELETE FROM id_block WHERE first_id = ?", first);
    });
}

std::int64_t stale_reservations(const Part& part, db::Database& database) {
    std::int64_t count = 0;
    for (const auto& [number, token] : database.rows<int, std::string>("SELECT lock_number, lock_token FROM id_block"))
        if (!datadir::is_reservation_alive(part.layout(), number, token)) ++count;
    return count;
}

std::int64_t unused_message_id(const Part& part, db::Database& database, const fs::path& folder) {
    const auto of_rows = database.value<std::int64_t>(
        "SELECT max(coalesce((SELECT max(id) FROM message), 0), coalesce((SELECT max(last_id) FROM id_block), 0))");
    return std::max(of_rows.value_or(0), highest_file(part.layout().root() / part.databases().relative(folder))) + 1;
}

void mend_next_message_id(Part& part, db::Database& database, const std::string& counters) {
    if (!part.wanted("next-message-id")) return;
    const std::string path = relative_path(part, database);
    part.in_transaction<db::Transaction>(path, database, [&](db::Transaction&) {
        const auto next = database.value<std::int64_t>("SELECT next_message_id FROM " + counters);
        const auto used = database.value<std::int64_t>(
            "SELECT max(coalesce((SELECT max(id) FROM message), 0), coalesce((SELECT max(last_id) FROM id_block), 0))");
        if (!next || (*next > used.value_or(0) && *next > 0)) return;
        const fs::path folder = counters == "queue" ? part.databases().queue() : database.path().parent_path() / "msg";
        const std::int64_t raised = unused_message_id(part, database, folder);
        database.run("UPDATE " + counters + " SET next_message_id = ?", raised);
        part.did("next-message-id", path, fmt::format("the next message id was {}, is {} now", *next, raised));
    });
}

}  // namespace mox::repair
