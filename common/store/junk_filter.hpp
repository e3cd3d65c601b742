#pragma once

#include <chrono>

#include "junk/filter_db.hpp"
#include "store/account.hpp"

namespace mox::store {

// The account's junk filter, to train it. When there is none it is made with `parameters`, complete or not at all,
// whoever else makes it at the same time.
[[nodiscard]] junk::FilterDb open_junk_filter(const Account& account, const junk::Parameters& parameters,
                                              std::chrono::milliseconds lock_timeout, int cache_kib = 8192);

}  // namespace mox::store
