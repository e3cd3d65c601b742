#pragma once

#include <chrono>
#include <string>

#include "cli/options.hpp"
#include "cli/tool.hpp"

// mox-setpassword: passwords of accounts and of the admin pages.

namespace mox::setpassword {

enum class Whose { account, admin };

struct Options {
    Whose whose = Whose::account;
    std::string account;
    bool generate = false;
    std::chrono::seconds lock_timeout{10};
    cli::DataDirOptions data_dir;
};

[[nodiscard]] cli::Exit run(const Options& options, cli::Reporter& out);

[[nodiscard]] cli::Tool tool();

}  // namespace mox::setpassword
