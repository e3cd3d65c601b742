#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "db/inspect.hpp"
#include "db/schema.hpp"

namespace mox::test {

// What SQLite's checks and the seals find; empty when all is well.
inline std::vector<std::string> problems_of(db::Database& database) {
    std::vector<std::string> found;
    const auto report = [&](const std::string& text) { found.push_back(text); };
    db::check_integrity(database, 10, report);
    db::check_seals(database, 10, report);
    return found;
}

// Names of the tables that have no seal.
inline std::vector<std::string> tables_without_seal(db::Database& database) {
    std::vector<std::string> found;
    for (const auto& [name] :
         database.rows<std::string>("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
                                    " AND sql NOT LIKE '%(mox_seal(%' ORDER BY name"))
        found.push_back(name);
    return found;
}

// Opening a database of this kind again changes nothing; one of a newer version is refused by that name. Empty, or what
// went otherwise.
inline std::string schema_trouble(const std::filesystem::path& path, const db::Schema& schema) {
    { (void)db::open(path, schema, {.access = db::Access::create}); }
    {
        auto again = db::open(path, schema, {.access = db::Access::create});
        if (const auto difference = db::schema_difference(again, schema, schema.version()); !difference.empty())
            return difference;
        again.exec("PRAGMA user_version = 1000");
    }
    try {
        (void)db::open(path, schema, {.access = db::Access::read_write});
    } catch (const Error& error) {
        return error.code() == Errc::newer_version ? "" : error.what();
    }
    return "a newer version was opened";
}

// The code of the Error that `work` throws.
inline std::optional<Errc> error_of(const std::function<void()>& work) {
    try {
        work();
    } catch (const Error& error) {
        return error.code();
    }
    return std::nullopt;
}

}  // namespace mox::test
