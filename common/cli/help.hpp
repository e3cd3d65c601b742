#pragma once

#include <string>

#include "cli/tool.hpp"

namespace mox::cli {

// What --help prints: summary, usage, operands, options with default and unit, examples, exit codes. Ends with LF.
[[nodiscard]] std::string help_text(const Tool& tool, const CommandLine& app);

// "mox-backup [options] DEST"
[[nodiscard]] std::string usage_line(const Tool& tool, const CommandLine& app);

}  // namespace mox::cli
