#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cli/tool.hpp"

// Checks a data directory or a snapshot, and mends the former (docs/verification.md).

namespace mox::verifydata {

struct Options {
    std::filesystem::path directory;         // a data directory, or a snapshot that holds one as `data`
    std::string read_data;                   // read and hash so many of the message files: "10%"; empty: none
    std::optional<std::uint64_t> seed = {};  // of the random sample that is read; nullopt: any
    bool skip_size_check = false;
    bool list_checks = false;
    std::string fix;  // "all", or ids of checks; empty: nothing is mended
    bool dry_run = false;
    std::string rebuild;            // account whose database is made anew; empty: none
    std::filesystem::path from;     // snapshot that knows something of it; empty: none
    bool force = false;             // although its database is sound
    std::vector<std::string> only;  // ids of checks; empty: all
    unsigned jobs = 0;
    std::chrono::seconds lock_timeout{10};
};

// Exit::ok: every promise holds (warnings may have been printed); failed: problems; newer_version: the only problems
// are databases that this program cannot know. With `fix`: of what is left. With `rebuild`: failed when files could not
// be read.
[[nodiscard]] cli::Exit run(const Options& options, cli::Reporter& out);

[[nodiscard]] cli::Tool tool();

}  // namespace mox::verifydata
