#pragma once

#include <cstdlib>

namespace mox::fuzz {

// What a fuzz target promises: the input is a finding when it does not hold.
inline void require(bool holds) {
    if (!holds) std::abort();
}

}  // namespace mox::fuzz
