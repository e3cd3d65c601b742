#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/options.hpp"
#include "cli/tool.hpp"

// mox-queue: the queue of outgoing messages.

namespace mox::queuetool {

enum class Action { list, kick, drop };

struct Options {
    Action action = Action::list;
    // Which messages: those that meet every condition given.
    std::vector<std::int64_t> ids;
    std::string account, to_domain, recipient, sender_domain;
    bool all = false;       // of drop: no condition is meant
    std::string transport;  // of kick: from now on by this one
    bool dry_run = false;
    std::chrono::seconds lock_timeout{10};
    cli::DataDirOptions data_dir;
};

[[nodiscard]] cli::Exit run(const Options& options, cli::Reporter& out);

[[nodiscard]] cli::Tool tool();

}  // namespace mox::queuetool
