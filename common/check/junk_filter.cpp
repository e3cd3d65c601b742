#include "check/junk_filter.hpp"

#include "check/opened.hpp"

namespace mox::check {

void check_junk_filter([[maybe_unused]] Scope& scope, [[maybe_unused]] const std::string& account) {}

}  // namespace mox::check
