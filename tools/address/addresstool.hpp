#pragma once

#include <string>

#include "cli/tool.hpp"
#include "tools/shared/change_options.hpp"

// mox-address: addresses of accounts in domains.conf.

namespace mox::addresstool {

enum class Action { add, rm };

struct Options {
    Action action = Action::add;
    std::string address, account;
    tools::ChangeOptions change;
};

[[nodiscard]] cli::Exit run(const Options& options, cli::Reporter& out);

[[nodiscard]] cli::Tool tool();

}  // namespace mox::addresstool
