#pragma once

#include <functional>

#include "junk/filter_db.hpp"

namespace mox::junk {

// Adds to the counts of more words than fit into memory, and applies totals, unread messages and applied_log of
// `others`, all as one change. `give_words` is called once and passes each word on, best sorted; counts are not
// negative.
void add_batch(FilterDb& filter, const Update& others,
               const std::function<void(const FilterDb::PutWord& put)>& give_words);

}  // namespace mox::junk
