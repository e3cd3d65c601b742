#pragma once

#include <cstdint>
#include <filesystem>

#include "cli/exit.hpp"
#include "cli/reporter.hpp"
#include "cli/tool.hpp"

// mox-gentestdata: writes a new data directory through the same functions that the server uses.

namespace mox::gentestdata {

struct Options {
    std::filesystem::path destination;  // must be missing or empty
    std::int64_t seed = 1;         // of everything that varies: the same seed gives the same contents; not negative
    std::int64_t accounts = 0;     // 0: the fixed scenario; otherwise so many accounts …
    std::int64_t messages = 1000;  // … with so many messages each
    unsigned jobs = 0;             // 0: one for each CPU
};

// On failure the destination is as it was.
[[nodiscard]] cli::Exit run(const Options& options, cli::Reporter& out);

[[nodiscard]] cli::Tool tool();

}  // namespace mox::gentestdata
