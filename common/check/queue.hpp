#pragma once

#include "check/scope.hpp"

namespace mox::check {

// The outgoing queue: its folder, its database, its messages (promises P1 to P4, P13).
void check_queue(Scope& scope);

}  // namespace mox::check
