#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cli/tool.hpp"

// mox-quickstart: a new installation with one domain and one account, and what is left to do by hand.

namespace mox::quickstarttool {

struct Options {
    std::string address, hostname;
    std::filesystem::path directory = ".";
    std::string user = "mox";
    std::vector<std::string> ips;  // empty: those of the machine
    std::filesystem::path cert_file, key_file;
    bool skip_dns = false;
};

[[nodiscard]] cli::Exit run(const Options& options, cli::Reporter& out);

[[nodiscard]] cli::Tool tool();

}  // namespace mox::quickstarttool
