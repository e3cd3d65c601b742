#pragma once

#include <chrono>
#include <filesystem>
#include <optional>

#include "archive/format.hpp"
#include "cli/exit.hpp"
#include "cli/options.hpp"
#include "cli/reporter.hpp"
#include "cli/tool.hpp"

// mox-backup: a snapshot of a data directory and its configuration into a new or empty folder, or into an archive.

namespace mox::backup {

struct Options {
    cli::DataDirOptions data_dir;
    std::filesystem::path destination;
    std::filesystem::path archive;                  // instead of a destination: a file, or "-" for standard output
    std::optional<archive::Format> archive_format;  // by the name of the file, or tar.zst
    std::optional<int> compression_level;
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
