#pragma once

#include <optional>
#include <string_view>

#include "cli/tool.hpp"

namespace mox::tools {

// The command of that name that runs inside `mox`: serve, localserve, stop, loglevels. nullopt: it is a program of its
// own, or none.
[[nodiscard]] std::optional<cli::Tool> server_tool(std::string_view name);

}  // namespace mox::tools
