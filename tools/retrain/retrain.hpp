#pragma once

#include <chrono>
#include <filesystem>
#include <string>

#include "cli/options.hpp"
#include "cli/tool.hpp"

// Makes junk filters anew, measures them, explains what they say (docs/junk.md).

namespace mox::retrain {

struct Options {
    std::string account;
    bool all = false;
    bool evaluate = false;
    int folds = 5;
    std::filesystem::path explain;  // a message to classify instead
    bool dry_run = false;
    unsigned jobs = 0;
    std::chrono::seconds lock_timeout{10};
    cli::DataDirOptions data_dir;
};

// Exit::incomplete: there were messages in which nothing could be read; they are not trained.
[[nodiscard]] cli::Exit run(const Options& options, cli::Reporter& out);

[[nodiscard]] cli::Tool tool();

}  // namespace mox::retrain
