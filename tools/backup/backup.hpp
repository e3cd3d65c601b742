#pragma once

#include <chrono>
#include <filesystem>

#include "cli/exit.hpp"
#include "cli/options.hpp"
#include "cli/reporter.hpp"
#include "cli/tool.hpp"

// mox-backup: a snapshot of a data directory and its configuration into a new or empty folder.

namespace mox::backup {

struct Options {
    cli::DataDirOptions data_dir;
    std::filesystem::path destination;
    bool link_live = false;  // message files may be hard links to the live ones
    bool no_config = false;  // leave the configuration out
    bool dry_run = false;    // check and count, write nothing
    unsigned jobs = 0;       // 0: one for each CPU
    std::chrono::seconds lock_timeout{10};
};

// Exit::incomplete when the snapshot was made, but something is missing in it or does not belong there; each such file
// is a warning. When it throws, the destination is as it was found.
[[nodiscard]] cli::Exit run(const Options& options, cli::Reporter& out);

[[nodiscard]] cli::Tool tool();

}  // namespace mox::backup
