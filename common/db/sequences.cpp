#include "db/sequences.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/encoding.hpp"

namespace mox::db {

namespace {

// A number that nothing can have counted up to: a flipped bit.
constexpr std::int64_t absurd = std::int64_t{1} << 53;

// The highest id of each table that counts, but no absurd one; 0 without rows.
std::map<std::string, std::int64_t> highest_ids(Database& database) {
    std::map<std::string, std::int64_t> highest;
    for (const auto& [table] : database.rows<std::string>(
             "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql LIKE '%AUTOINCREMENT%'"))
        highest[table] = database
                             .value<std::int64_t>(fmt::format(
                                 "SELECT coalesce(max(rowid), 0) FROM \"{}\" WHERE rowid < {}", table, absurd))
                             .value_or(0);
    return highest;
}

}  // namespace

std::vector<SequenceFault> sequence_faults(Database& database) {
    std::vector<SequenceFault> faults;
    const auto highest = highest_ids(database);
    if (highest.empty()) return faults;  // there is no such table then
    std::map<std::string, std::vector<std::optional<std::int64_t>>> found;
    for (const auto& [table, last] : database.rows<std::string, std::optional<std::int64_t>>(
             "SELECT coalesce(CAST(name AS TEXT), ''), CASE typeof(seq) WHEN 'integer' THEN seq END FROM"
             " sqlite_sequence"))
        found[table].push_back(last);
    for (const auto& [table, numbers] : found)
        if (!highest.contains(table))
            faults.push_back({table, fmt::format("counts ids of a table {} that is not there", quote(table)), {}});
    for (const auto& [table, id] : highest) {
        const auto at = found.find(table);
        if (at == found.end()) {
            if (id > 0) faults.push_back({table, fmt::format("has no last id of the table {}", table), id});
        } else if (at->second.size() > 1) {
            faults.push_back({table, fmt::format("has several last ids of the table {}", table), id});
        } else if (const auto& last = at->second.front(); !last || *last < 0 || *last >= absurd) {
            faults.push_back({table,
                              fmt::format("the last id of the table {} is {}, which cannot be", table,
                                          last ? std::to_string(*last) : "no number"),
                              id});
        } else if (*last < id) {
            faults.push_back(
                {table, fmt::format("the last id of the table {} is {}, but it has {}", table, *last, id), id});
        }
    }
    std::ranges::sort(faults, {}, &SequenceFault::table);
    return faults;
}

void mend_sequence(Database& database, const SequenceFault& fault) {
    database.run("DELETE FROM sqlite_sequence WHERE coalesce(CAST(name AS TEXT), '') = ?", fault.table);
    if (fault.last) database.run("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", fault.table, *fault.last);
}

}  // namespace mox::db
