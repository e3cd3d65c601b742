#pragma once

#include <chrono>
#include <cstdint>

#include "store/account.hpp"

namespace mox::store {

// Removes the files and rows of messages queued for erasure, unless somebody holds erasure (datadir/lock.hpp) or the
// junk filter has yet to untrain them. Waits for holders as long as `patience`; whoever wants to hold erasure meanwhile
// waits as well, so that back-to-back backups cannot starve an eraser that is patient. Files go first, so a crash
// leaves a queued row, never a stray file. Returns how many messages were erased.
// Only those that were expunged up to `newest`: a server keeps what its clients may still ask for. While one serves the
// directory (datadir::is_served) nobody else may erase.
std::int64_t erase_queued(Account& account, std::chrono::milliseconds patience = {},
                          ModSeq newest = static_cast<ModSeq>(INT64_MAX));

}  // namespace mox::store
