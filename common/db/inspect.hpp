#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

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

private:
    std::optional<TemporaryDirectory> copy_;
    std::optional<Database> database_;
};

// True when some process has this WAL-mode database open.
[[nodiscard]] bool in_use(const std::filesystem::path& path);

// What SQLite's integrity check and foreign key check find, one text each, at most `limit`.
void check_integrity(Database& database, int limit, const std::function<void(const std::string&)>& report);

// Every row whose seal (db/seal.hpp) does not hold: table and primary key ("mailbox 3"). At most `limit`.
void check_seals(Database& database, int limit, const std::function<void(const std::string&)>& report);

}  // namespace mox::db
