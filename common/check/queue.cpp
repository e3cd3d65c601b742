#include "check/queue.hpp"

namespace mox::check {

void check_queue([[maybe_unused]] Scope& scope) {}

}  // namespace mox::check
