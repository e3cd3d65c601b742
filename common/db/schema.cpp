#include "db/schema.hpp"

#include <fmt/format.h>

#include <map>
#include <string>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/file_kind.hpp"
#include "db/inspect.hpp"

namespace mox::db {

namespace {

void run_steps(Database& database, const Schema& schema, int from, int to) {
    for (const auto& function : schema.functions) database.define(function);
    for (int step = from; step < to; ++step) database.exec(schema.steps[static_cast<std::size_t>(step)]);
    database.exec(fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {}", schema.application_id, to));
}

std::int64_t broken_references(Database& database) {
    return database.value<std::int64_t>("SELECT count(*) FROM pragma_foreign_key_check").value_or(0);
}

// Another process may have migrated between our look and our lock: look again inside. Steps may make tables anew; that
// must not delete the rows that refer to them (lang_altertable.html, section 7), so references are compared at the end
// instead of being kept up at each step.
void migrate(Database& database, const Schema& schema) {
    database.exec("PRAGMA foreign_keys = OFF");
    {
        Transaction tx(database);
        const int version = schema_version(database);
        if (version < schema.version()) {
            const auto before = version == 0 ? 0 : broken_references(database);
            run_steps(database, schema, version, schema.version());
            if (version > 0 && broken_references(database) > before)
                throw Error(Errc::failed,
                            fmt::format("{}: cannot be upgraded from schema version {} to {}: rows would refer to"
                                        " missing ones",
                                        quote(database.path().native()), version, schema.version()),
                            "it is as it was; mox-verifydata --fix of the release that wrote it may help");
        }
        tx.commit();
    }
    database.exec("PRAGMA foreign_keys = ON");
}

void require_known(Database& database, const Schema& schema, bool may_create, OlderVersion older) {
    const std::string name = quote(database.path().native());
    if (is_empty(database)) {
        if (!may_create) throw Error(Errc::unknown_format, name + ": empty, not an " + std::string(schema.kind));
        migrate(database, schema);
        return;
    }
    require_kind(database, schema);
    const int version = schema_version(database);
    if (version == schema.version() || older == OlderVersion::accept) return;
    if (older == OlderVersion::refuse)
        throw Error(Errc::failed,
                    fmt::format("{}: schema version {} is older than {}", name, version, schema.version()),
                    "a program that writes to the directory upgrades it");
    migrate(database, schema);
}

// Name to SQL of everything in a schema, with blanks folded.
std::map<std::string, std::string> objects(Database& database) {
    std::map<std::string, std::string> found;
    for (const auto& [name, sql] : database.rows<std::string, std::string>(
             "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_stat%'"))
        found[name] = sql;
    return found;
}

std::map<std::string, std::string> expected_objects(const Schema& schema, int version) {
    Database reference = Database::in_memory();
    run_steps(reference, schema, 0, version);
    return objects(reference);
}

}  // namespace

Database open(const std::filesystem::path& path, const Schema& schema, const OpenOptions& options, OlderVersion older) {
    try {
        // What is refused stays as it is, its journal mode included.
        OpenOptions careful = options;
        careful.switch_to_wal = false;
        Database database(path, careful);
        require_known(database, schema, options.access == Access::create, older);
        const bool writable = options.access == Access::create || options.access == Access::read_write;
        if (writable && options.durability == Durability::full && options.switch_to_wal) database.use_wal();
        return database;
    } catch (const Error& error) {
        if (error.code() != Errc::corrupt || kind_of_database(path) != DatabaseFile::bolt) throw;
        throw Error(Errc::unknown_format, quote(path.native()) + ": written by the original mox (BoltDB)",
                    "convert the directory first");
    }
}

void require_kind(Database& database, const Schema& schema) {
    const std::string name = quote(database.path().native());
    if (application_id(database) != schema.application_id)
        throw Error(Errc::unknown_format, name + ": not an " + std::string(schema.kind) + " of this program");
    const int version = schema_version(database);
    if (version > schema.version())
        throw Error(Errc::newer_version,
                    fmt::format("{}: schema version {} is newer than {}, the newest that this program knows", name,
                                version, schema.version()),
                    "use a newer release of moxtools");
}

int schema_version(Database& database) {
    return database.value<int>("PRAGMA user_version").value_or(0);
}

std::uint32_t application_id(Database& database) {
    return static_cast<std::uint32_t>(database.value<std::int64_t>("PRAGMA application_id").value_or(0));
}

std::optional<std::vector<std::string>> missing_indexes(Database& database, const Schema& schema, int version) {
    const auto expected = expected_objects(schema, version);
    const auto found = objects(database);
    std::vector<std::string> missing;
    for (const auto& [name, sql] : expected) {
        const auto it = found.find(name);
        const bool is_index = sql.starts_with("CREATE INDEX ") || sql.starts_with("CREATE UNIQUE INDEX ");
        if (it == found.end() && is_index)
            missing.push_back(sql);
        else if (it == found.end() || it->second != sql)
            return std::nullopt;
    }
    if (found.size() + missing.size() != expected.size()) return std::nullopt;
    return missing;
}

std::string schema_difference(Database& database, const Schema& schema, int version) {
    const auto expected = expected_objects(schema, version);
    auto found = objects(database);
    for (const auto& [name, sql] : expected) {
        const auto it = found.find(name);
        if (it == found.end()) return "misses " + quote(name);
        if (it->second != sql) return "has another definition of " + quote(name);
        found.erase(it);
    }
    return found.empty() ? std::string() : "has an unknown " + quote(found.begin()->first);
}

bool is_empty(Database& database) {
    return database.value<std::int64_t>("SELECT count(*) FROM sqlite_schema") == 0 && application_id(database) == 0 &&
           schema_version(database) == 0;
}

}  // namespace mox::db
