#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "cli/tool.hpp"

// Checks a data directory or a snapshot, and mends the former (docs/verification.md).

namespace mox::verifydata {

struct Options {
    std::filesystem::path directory;  // a data directory, or a snapshot that holds one as `data`
    bool read_data = false;           // read and hash message files
    bool skip_size_check = false;
    bool list_checks = false;
    std::string fix;  // "all", or ids of checks; empty: nothing is mended
    bool dry_run = false;
    std::vector<std::string> only;  // ids of checks; empty: all
    unsigned jobs = 0;
    std::chrono::seconds lock_timeout{10};
};

// Exit::ok: every promise holds (warnings may have been printed); failed: problems; newer_version: the only problems
// are databases that this program cannot know. With `fix`: of what is left.
[[nodiscard]] cli::Exit run(const Options& options, cli::Reporter& out);

[[nodiscard]] cli::Tool tool();

}  // namespace mox::verifydata
