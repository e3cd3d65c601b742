#pragma once

#include <cstdint>
#include <string_view>

#include "journal/id_blocks.hpp"

// The journal of message ids (journal/id_blocks.hpp) as an account uses it.

namespace mox::store {

class Account;
using journal::IdBlock;

// Burns `count` ids in a commit of its own. Not inside a transaction.
[[nodiscard]] IdBlock reserve_ids(Account& account, std::int64_t count, std::string_view purpose,
                                  const datadir::Reservation& reservation);
// Removes the files of the block that no row explains and the journal row. Returns how many files were removed.
std::int64_t discard_id_block(Account& account, const IdBlock& block);
// Ends every block whose owner is gone, and removes the scratch files of owners that are gone. Returns how many message
// files were removed.
std::int64_t recover_reservations(Account& account);

}  // namespace mox::store
