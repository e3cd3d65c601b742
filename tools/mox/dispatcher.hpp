#pragma once

#include "cli/tool.hpp"

// `mox backup ...` runs mox-backup with what follows; `mox help` and `mox version` are answered here.

namespace mox::dispatcher {

[[nodiscard]] int main(int argc, char** argv);

// For completions and the check of the manual page: the options that stand before a command.
[[nodiscard]] cli::Tool tool();

}  // namespace mox::dispatcher
