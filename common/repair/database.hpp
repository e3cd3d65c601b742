#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "repair/part.hpp"

// What any database can need.

namespace mox::repair {

// False when a finding says that the database at `path` cannot be read, or is not what this program knows.
[[nodiscard]] bool is_usable(const Part& part, const std::filesystem::path& path);

// True when repairs of rows may follow: the database can be read, is of a known kind and passes SQLite's integrity
// check. Indexes that disagree with their tables are made anew for that.
[[nodiscard]] bool mend_integrity(Part& part, const std::filesystem::path& path);

// Rows whose seal does not hold are sealed as they are now, each named; of the table `message` not those in `except`.
void mend_seals(Part& part, db::Database& database, const std::vector<std::int64_t>& except = {});

// Rows of the journal of ids (table id_block) that cannot be, or whose seal does not hold, go when no running process
// owns them: what their files are is then for the check of stray files.
void drop_damaged_reservations(Part& part, db::Database& database);

// What is behind stale-reservation: how many rows of the journal have an owner that is gone.
[[nodiscard]] std::int64_t stale_reservations(const Part& part, db::Database& database);

// The next message id of an account or the queue (`counters` is the table): above rows, reservations and files.
void mend_next_message_id(Part& part, db::Database& database, const std::string& counters);
[[nodiscard]] std::int64_t unused_message_id(const Part& part, db::Database& database,
                                             const std::filesystem::path& folder);

// False for the file of a message, and for one of an id that a running process has reserved. `explained_sql` gives a
// row when a row explains the file of id ?1. To be asked under the write lock: nobody reserves an id meanwhile.
[[nodiscard]] bool is_stray(const Part& part, db::Database& database, std::string_view explained_sql,
                            const std::string& path);

// Path of a database in findings.
[[nodiscard]] std::string relative_path(const Part& part, const db::Database& database);

}  // namespace mox::repair
