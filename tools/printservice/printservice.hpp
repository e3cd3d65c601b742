#pragma once

#include <filesystem>

#include "cli/exit.hpp"
#include "cli/reporter.hpp"
#include "cli/tool.hpp"

// mox-printservice: the systemd unit for the server of an installation, on standard output. Changes nothing.

namespace mox::printservice {

struct Options {
    std::filesystem::path directory;  // empty: where it is called
    std::filesystem::path program;    // empty: mox in the directory, else the one beside this program
};

[[nodiscard]] cli::Exit run(const Options& options, cli::Reporter& out);

[[nodiscard]] cli::Tool tool();

}  // namespace mox::printservice
