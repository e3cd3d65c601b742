#pragma once

#include <memory>
#include <string_view>

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

inline constexpr std::string_view common_group = "Common options";

// The parser of a tool: its own options and the common ones. `common` must outlive it.
[[nodiscard]] std::shared_ptr<CLI::App> make_application(const Tool& tool, CommonOptions& common);

}  // namespace mox::cli
