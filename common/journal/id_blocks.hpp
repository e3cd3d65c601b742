#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

#include "datadir/lock.hpp"
#include "db/database.hpp"

// Blocks of message ids and their journal (docs/data-directory.md, "Account database" and "Writing"), for accounts and
// the queue: files of a block in use may exist without rows.

namespace mox::journal {

struct IdBlock {
    std::int64_t first = 0, last = 0;
};

// The message files of one database, which must outlive this.
struct Files {
    db::Database& database;          // with a table id_block
    std::string_view counters;       // the table whose one row has next_message_id
    std::filesystem::path folder;    // of the folders that files lie in
    std::string_view explained_sql;  // gives a row when a row explains the file of id ?1
};

// Burns `count` ids in a commit of its own and writes the journal row; in the same commit the row of the block `ended`
// goes, unless that is empty. None of the ids has a file: clean-up may remove all files of the block that have no row.
// Not inside a transaction. Errc::corrupt when the row of counters is missing.
[[nodiscard]] IdBlock reserve(const Files& files, std::int64_t count, std::string_view purpose,
                              const datadir::Reservation& reservation, std::int64_t now_seconds,
                              const IdBlock& ended = {});
// Removes the files of the block that no row explains and the journal row. Returns how many files were removed.
std::int64_t discard(const Files& files, const IdBlock& block);
// Removes the journal row; inside the caller's transaction or on its own.
void end(db::Database& database, const IdBlock& block);
// Ends every block whose owner is gone: removes the files of its range that no row explains, then the journal row.
// Returns how many files were removed.
std::int64_t recover(const Files& files, const datadir::Layout& layout);

}  // namespace mox::journal
