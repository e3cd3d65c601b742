#pragma once

#include <memory>

#include "cli/tool.hpp"

namespace mox::cli {

// Options of every command.
struct CommonOptions {
    bool help = false;
    bool version = false;
    bool quiet = false;
    bool verbose = false;
    bool json = false;
    bool no_progress = false;
};

// The parser of a tool: its own options and the common ones. `common` must outlive it.
[[nodiscard]] std::unique_ptr<CommandLine> make_application(const Tool& tool, CommonOptions& common);

}  // namespace mox::cli
