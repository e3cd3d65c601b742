#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "db/schema.hpp"
#include "repair/part.hpp"

// What any database can need.

namespace mox::repair {

// A folder's name may be one for ids that no account comes to ("readme").
inline constexpr std::int64_t largest_plausible_id = std::int64_t{1} << 37;

// True when what is wrong with the structure of a database, if anything, is what mend_integrity() mends.
[[nodiscard]] bool is_mendable(db::Database& database, const db::Schema& schema);

// False when a finding says that the database at `path` cannot be read, or is of no kind that this program knows.
[[nodiscard]] bool is_usable(const Part& part, const std::filesystem::path& path);

// True when the database has the tables and indexes of its version. Missing indexes are made anew for that.
[[nodiscard]] bool mend_schema(Part& part, const std::filesystem::path& path, const db::Schema& schema);

// True when repairs of rows may follow: the database can be read, is of a known kind and passes SQLite's integrity
// check. Indexes that disagree with their tables are made anew for that.
[[nodiscard]] bool mend_integrity(Part& part, const std::filesystem::path& path);

// Rows whose seal does not hold are sealed as they are now, each named; of the table `message` not those in `except`.
void mend_seals(Part& part, db::Database& database, const std::vector<std::int64_t>& except = {});

// What tables remember of ids that are gone, where it cannot be.
void mend_sequences(Part& part, db::Database& database);

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
