#pragma once

#include <string_view>

#include "config/load.hpp"
#include "model/automatic_junk_flags.hpp"

namespace mox::config {

// An account's rules for junk flags, ready for use; disabled for an account that is not configured. Throws
// Error{failed} naming an expression that cannot be compiled.
[[nodiscard]] model::AutomaticJunkFlags junk_flags(const Config& config, std::string_view account);

}  // namespace mox::config
