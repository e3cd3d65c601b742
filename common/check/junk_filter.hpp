#pragma once

#include <string>

#include "check/scope.hpp"

namespace mox::check {

// accounts/<name>/junkfilter.db, which only accounts with a filter have (promise P1). False when somebody
// wrote to it meanwhile, so that the look must be repeated.
[[nodiscard]] bool check_junk_filter(Scope& scope, const std::string& account);

}  // namespace mox::check
