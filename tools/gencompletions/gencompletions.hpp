#pragma once

#include "cli/tool.hpp"

namespace mox::gencompletions {

[[nodiscard]] cli::Tool tool();

}  // namespace mox::gencompletions
