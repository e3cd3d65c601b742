#pragma once

#include <filesystem>
#include <optional>

#include "cli/exit.hpp"
#include "cli/reporter.hpp"
#include "cli/tool.hpp"

// mox-config: checks mox.conf and domains.conf, and prints templates of both.

namespace mox::configtool {

enum class Action { test, describe_static, describe_domains };

struct Options {
    Action action = Action::test;
    std::optional<std::filesystem::path> config;  // of `test`
    bool no_files = false;                        // do not look at the files that the configuration names
};

// Exit::failed when the configuration cannot be used. Warnings are no failure.
[[nodiscard]] cli::Exit run(const Options& options, cli::Reporter& out);

[[nodiscard]] cli::Tool tool();

}  // namespace mox::configtool
