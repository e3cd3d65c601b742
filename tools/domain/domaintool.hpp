#pragma once

#include <string>

#include "cli/tool.hpp"
#include "tools/shared/change_options.hpp"

// mox-domain: domains of domains.conf, and what DNS has to say about them.

namespace mox::domaintool {

enum class Action { add, rm, dnsrecords };

struct Options {
    Action action = Action::dnsrecords;
    std::string domain, account, localpart;
    tools::ChangeOptions change;
};

[[nodiscard]] cli::Exit run(const Options& options, cli::Reporter& out);

[[nodiscard]] cli::Tool tool();

}  // namespace mox::domaintool
