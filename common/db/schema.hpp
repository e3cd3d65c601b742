#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "db/database.hpp"

namespace mox::db {

// One kind of database: its application id and how it came to its present form. Step n leads from version n - 1 to
// version n; a new database runs them all. Released steps are never edited (docs/data-directory.md).
struct Schema {
    std::uint32_t application_id;                  // "mox" and a letter
    std::string_view kind;                         // for messages: "account database"
    std::span<const std::string_view> steps;       // SQL of step 1, 2, …
    std::span<const TextFunction> functions = {};  // that its steps call

    [[nodiscard]] int version() const { return static_cast<int>(steps.size()); }
};

enum class OlderVersion {
    migrate,  // all missing steps in one transaction; needs a writable connection
    refuse,   // Errc::failed
    accept,   // leave it as it is; the caller asks schema_version()
};

// Opens a database of the given kind. A new or empty file becomes one when `options.access` is create.
// Errc::newer_version when a newer program made it (untouched), Errc::unknown_format when it is something else, the
// original mox's format included.
[[nodiscard]] Database open(const std::filesystem::path& path, const Schema& schema, const OpenOptions& options,
                            OlderVersion older = OlderVersion::migrate);

// Throws as open() when an open database is not one of that kind, or of a newer version.
void require_kind(Database& database, const Schema& schema);

// PRAGMA user_version and application_id.
[[nodiscard]] int schema_version(Database& database);
[[nodiscard]] std::uint32_t application_id(Database& database);
// True when nobody has put anything into it, neither of ours nor of anything else.
[[nodiscard]] bool is_empty(Database& database);

// Empty, or how the tables, indexes and columns differ from what `schema` makes at version `version`.
[[nodiscard]] std::string schema_difference(Database& database, const Schema& schema, int version);

}  // namespace mox::db
