#include "db/inspect.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include <vector>

#include "base/copy.hpp"
#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/interrupt.hpp"
#include "base/platform.hpp"

namespace mox::db {

namespace fs = std::filesystem;

namespace {

fs::path beside(const fs::path& path, std::string_view suffix) {
    return fs::path(path.native() + std::string(suffix));
}

bool has_content(const fs::path& path) {
    const auto status = status_of(path);
    return status && S_ISREG(status->st_mode) && status->st_size > 0;
}

// The expression inside "GENERATED ALWAYS AS (…) STORED" of a table's seal column.
std::optional<std::string> seal_expression(const std::string& sql) {
    const auto start = sql.find("(mox_seal(");
    if (start == std::string::npos) return std::nullopt;
    const auto end = sql.find(") STORED", start);
    if (end == std::string::npos) return std::nullopt;
    return sql.substr(start + 1, end - start - 1);
}

std::vector<std::string> primary_key(Database& database, const std::string& table) {
    std::vector<std::string> columns;
    for (const auto& [name] :
         database.rows<std::string>("SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk", table))
        columns.push_back("\"" + name + "\"");
    if (columns.empty()) columns.emplace_back("rowid");
    return columns;
}

}  // namespace

bool in_use(const fs::path& path) {
    // Every connection holds a shared lock on byte 128 of the -shm file while it is open ("dead man's switch" of
    // SQLite's unix VFS, wal-index format); asking takes no lock itself.
    if (open_in_this_process(path)) return true;
    const UniqueFd fd(::open(beside(path, "-shm").c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    return fd && platform::is_locked(fd.get(), 128, 1);
}

Untouched::Untouched(const fs::path& path, const fs::path& scratch, const OpenOptions& options) {
    options_ = options;
    options_.access = Access::read_only;
    fs::path opened = path;
    if (!in_use(path)) {
        if (has_content(beside(path, "-wal")) || has_content(beside(path, "-journal"))) {
            copy_.emplace(scratch, "mox-verify-");
            opened = copy_->path() / path.filename();
            for (const std::string_view suffix : {"", "-wal", "-journal"})
                if (status_of(beside(path, suffix))) link_or_copy(beside(path, suffix), beside(opened, suffix), {});
            options_.access = Access::read_write;  // the copy is ours: its WAL is replayed
        } else {
            options_.access = Access::immutable;
        }
    }
    database_.emplace(opened, options_);
}

Database Untouched::connect() const {
    return Database(database_->path(), options_);
}

void stop_on_signal(Database& database) {
    constexpr int steps_between_looks = 10'000;
    ::sqlite3_progress_handler(
        database.handle(), steps_between_looks, [](void*) { return interrupted_by() != 0 ? 1 : 0; }, nullptr);
}

void check_integrity(Database& database, int limit, const std::function<void(const std::string&)>& report) {
    int count = 0;
    for (const auto& [text] : database.rows<std::string>(fmt::format("PRAGMA integrity_check({})", limit)))
        if (text != "ok" && count++ < limit) report(text);
}

void check_foreign_keys(Database& database, int limit, const std::function<void(const std::string&)>& report) {
    int count = 0;
    for (const auto& [table, row, parent] :
         database.rows<std::string, std::optional<std::int64_t>, std::string>("PRAGMA foreign_key_check")) {
        if (count++ >= limit) return;
        report(fmt::format("{} row {} refers to a missing row of {}", table, row ? fmt::to_string(*row) : "?", parent));
    }
}

std::vector<SealedTable> sealed_tables(Database& database) {
    std::vector<SealedTable> tables;
    for (const auto& [name, sql] : database.rows<std::string, std::string>(
             "SELECT name, sql FROM sqlite_schema WHERE type = 'table' ORDER BY name"))
        if (const auto expression = seal_expression(sql))
            tables.push_back({.name = name, .key = {}, .column = {}, .broken = "seal IS NOT " + *expression});
    for (auto& table : tables) {
        const auto columns = primary_key(database, table.name);
        table.column = columns.front();
        table.key = fmt::format("{}", fmt::join(columns, " || ' ' || "));
    }
    return tables;
}

void check_seals(Database& database, int limit, const std::function<void(const std::string&)>& report) {
    for (const auto& table : sealed_tables(database)) {
        const std::string sql = fmt::format("SELECT {} FROM \"{}\" NOT INDEXED WHERE {} LIMIT {}", table.key,
                                            table.name, table.broken, limit);
        for (const auto& [key] : database.rows<std::string>(sql)) {
            if (limit-- <= 0) return;
            report(fmt::format("{} {}", table.name, escaped(key)));
        }
    }
}

}  // namespace mox::db
