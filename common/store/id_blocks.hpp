#pragma once

#include <cstdint>
#include <string_view>

#include "datadir/lock.hpp"
#include "db/database.hpp"
#include "store/types.hpp"

// Blocks of message ids and their journal (docs/data-directory.md, "Writing"): files of a block in use may exist
// without rows.

namespace mox::store {

class Account;

struct IdBlock {
    std::int64_t first = 0, last = 0;
};

// Burns `count` ids in a commit of its own and writes the journal row. None of them has a file: clean-up may remove all
// files of the block that have no row. Not inside a transaction.
[[nodiscard]] IdBlock reserve_ids(Account& account, std::int64_t count, std::string_view purpose,
                                  const datadir::Reservation& reservation);
// Removes the files of the block that no row explains and the journal row. Returns how many files were removed.
std::int64_t discard_id_block(Account& account, const IdBlock& block);
// Removes the scratch files of a reservation.
void remove_scratch_files(const datadir::Layout& layout, std::string_view token);
// Removes the journal row; inside the caller's transaction or on its own.
void end_id_block(db::Database& database, const IdBlock& block);

// Ends every block whose owner is gone: removes the files of its range that no row explains, then the journal row; and
// removes the scratch files in tmp/ of owners that are gone. Returns how many message files were removed.
std::int64_t recover_reservations(Account& account);

// A file in tmp/ that is of use to one process only; named after the token of its reservation.
[[nodiscard]] std::filesystem::path scratch_file(const datadir::Layout& layout, std::string_view token,
                                                 std::string_view extension);

}  // namespace mox::store
