#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "db/database.hpp"

// Looking at databases without changing anything, for verification.

namespace mox::db {

// A database opened so that neither its bytes, its side files nor their times change:
// when another process has it open, by joining that process's readers; otherwise without any lock when its WAL is
// empty; and from a private copy below `scratch` when a WAL has to be replayed (a crash left it).
class Untouched {
public:
    Untouched(const std::filesystem::path& path, const std::filesystem::path& scratch, const OpenOptions& options = {});
    [[nodiscard]] Database& database() { return *database_; }
    // True when other processes may be writing to it now.
    [[nodiscard]] bool is_live() const { return options_.access == Access::read_only; }
    // One more connection to the same file, opened the same way, for another thread.
    [[nodiscard]] Database connect() const;

private:
    std::optional<TemporaryDirectory> copy_;
    OpenOptions options_;
    std::optional<Database> database_;
};

// True when some process has this WAL-mode database open.
[[nodiscard]] bool in_use(const std::filesystem::path& path);

// Makes statements of this connection fail with Errc::interrupted soon after a signal asked to stop.
void stop_on_signal(Database& database);

// What SQLite's integrity check finds, one text each, at most `limit`.
void check_integrity(Database& database, int limit, const std::function<void(const std::string&)>& report);

// Rows that refer to missing rows, one text each, at most `limit`.
void check_foreign_keys(Database& database, int limit, const std::function<void(const std::string&)>& report);

// Every row whose seal (db/seal.hpp) does not hold: table and primary key ("mailbox 3"). At most `limit`.
void check_seals(Database& database, int limit, const std::function<void(const std::string&)>& report);

struct Schema;
// The statements that make the indexes which `schema` has at version `version` and the database has not. nullopt when
// anything else is different: then schema_difference() says what.
[[nodiscard]] std::optional<std::vector<std::string>> missing_indexes(Database& database, const Schema& schema,
                                                                      int version);

// A table whose rows carry a seal.
struct SealedTable {
    std::string name;
    std::string key;     // its primary key as an SQL expression, for people
    std::string column;  // the first one of the primary key
    std::string broken;  // the SQL condition of rows whose seal does not hold
};
// Sorted by name.
[[nodiscard]] std::vector<SealedTable> sealed_tables(Database& database);

}  // namespace mox::db
