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

// Burns `count` ids in a commit of its own and writes the journal row. Not inside a transaction.
[[nodiscard]] IdBlock reserve_ids(Account& account, std::int64_t count, std::string_view purpose,
                                  const datadir::Reservation& reservation);
// Removes the journal row; inside the caller's transaction or on its own.
void end_id_block(db::Database& database, const IdBlock& block);

// Ends every block whose owner is gone: removes the files of its range that no row explains, its scratch files in tmp/,
// then the journal row. Returns how many files were removed.
std::int64_t recover_reservations(Account& account);

// The scratch file of a bulk import, in tmp/; named after the token of its reservation.
[[nodiscard]] std::filesystem::path scratch_file(const datadir::Layout& layout, std::string_view token,
                                                 std::string_view extension);

}  // namespace mox::store
