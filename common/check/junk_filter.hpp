#pragma once

#include <string>

#include "check/opened.hpp"
#include "check/scope.hpp"

namespace mox::check {

// accounts/<name>/junkfilter.db, which only accounts with a filter have (promise P1). False when somebody
// wrote to it meanwhile, so that the look must be repeated.
[[nodiscard]] bool check_junk_filter(Scope& scope, const std::string& account);

// The filter's counts and the account's training log together give the trained states (promise P11). To be called with
// the account's state taken already. False when the filter is newer than that state.
[[nodiscard]] bool check_training(Scope& scope, OpenedDatabase& account_database, const std::string& account);

}  // namespace mox::check
