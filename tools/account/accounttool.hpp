#pragma once

#include <string>

#include "cli/tool.hpp"
#include "tools/shared/change_options.hpp"

// mox-account: accounts of domains.conf.

namespace mox::accounttool {

enum class Action { add, rm, list };

struct Options {
    Action action = Action::list;
    std::string account, address;
    tools::ChangeOptions change;
};

[[nodiscard]] cli::Exit run(const Options& options, cli::Reporter& out);

[[nodiscard]] cli::Tool tool();

}  // namespace mox::accounttool
