#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/encoding.hpp"
#include "base/hash.hpp"
#include "db/database.hpp"

// What a database or a folder holds, as plain text to compare.

namespace mox::test {

// Every row of every table but `without`, in a form that does not depend on how it is stored: "table: a|b|c", ordered
// by table and key. Seals and other generated columns are left out.
[[nodiscard]] inline std::vector<std::string> dump_rows(db::Database& database,
                                                        const std::set<std::string>& without = {}) {
    std::vector<std::string> tables;
    for (const auto& [name] : database.rows<std::string>(
             "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"))
        if (!without.contains(name)) tables.push_back(name);
    std::vector<std::string> rows;
    for (const auto& table : tables) {
        std::string columns;
        for (const auto& [column] :
             database.rows<std::string>("SELECT name FROM pragma_table_info(?) ORDER BY cid", table))
            columns += (columns.empty() ? "" : " || '|' || ") + ("quote(" + column + ")");
        for (const auto& [row] : database.rows<std::string>("SELECT " + columns + " FROM " + table + " ORDER BY 1"))
            rows.push_back(table + ": " + row);
    }
    return rows;
}

// Everything below `folder`: paths, and hashes of the contents of regular files.
[[nodiscard]] inline std::map<std::string, std::string> dump_tree(const std::filesystem::path& folder) {
    std::map<std::string, std::string> found;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
        found[entry.path().lexically_relative(folder).native()] =
            entry.is_regular_file() ? to_hex(sha256(as_bytes(read_file(entry.path())))) : "";
    return found;
}

// How often each contents is there, whatever its name, of all files but databases and locks: what no repair may change.
[[nodiscard]] inline std::map<std::string, int> dump_contents(const std::filesystem::path& root) {
    std::map<std::string, int> contents;
    for (const auto& [path, hash] : dump_tree(root))
        if (!hash.empty() && !path.starts_with("locks/") && path.find(".db") == std::string::npos) ++contents[hash];
    return contents;
}

// The regular files below `folder`, if it exists.
[[nodiscard]] inline std::set<std::string> files_below(const std::filesystem::path& folder) {
    std::set<std::string> found;
    if (!directory_exists(folder)) return found;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
        if (!entry.is_directory()) found.insert(entry.path().lexically_relative(folder).native());
    return found;
}

}  // namespace mox::test
