#pragma once

#include <string>
#include <vector>

#include "cli/output.hpp"
#include "cli/tool.hpp"

namespace mox::cli {

// The main function of every command: reads the command line, installs the signal handlers, runs the tool, maps what
// happened to an exit code and says it once. Never throws.
[[nodiscard]] int main(const Tool& tool, int argc, char** argv);

// The same without the process around it: `arguments` without the program's name, no signal handlers.
[[nodiscard]] int run(const Tool& tool, const std::vector<std::string>& arguments, Output& out, Output& err);

}  // namespace mox::cli
