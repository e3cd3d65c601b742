#pragma once

#include <string>
#include <utility>
#include <vector>

#include "datadir/layout.hpp"
#include "db/schema.hpp"

// What a data directory holds, in a form that outlives its schema: for tests of upgrades.

namespace mox::test {

// Every database of a directory: its path and its schema.
[[nodiscard]] std::vector<std::pair<std::filesystem::path, const db::Schema*>> databases_of(
    const datadir::Layout& layout);

// One line of JSON for each row of each database, with the names of its columns, and for each message file its SHA-256.
// Sorted. Databases are opened as programs open them that write: older ones are upgraded.
[[nodiscard]] std::vector<std::string> contents_of(const datadir::Layout& layout);

// What of `expected`, the contents as an older version wrote them, is not in `actual`, one line each; and rows that are
// in `actual` alone, in tables that the older version had. Columns and tables that came since do not count.
[[nodiscard]] std::vector<std::string> differences(const std::vector<std::string>& expected,
                                                   const std::vector<std::string>& actual);

// "account 1", "queue 1", …: the newest version of every kind of database, sorted.
[[nodiscard]] std::vector<std::string> newest_versions();
// Likewise of the databases of a directory, untouched; each kind once.
[[nodiscard]] std::vector<std::string> versions_of(const datadir::Layout& layout);

}  // namespace mox::test
