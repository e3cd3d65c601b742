#pragma once

#include <chrono>
#include <filesystem>
#include <optional>

#include "admin/domains_file.hpp"
#include "cli/options.hpp"
#include "cli/reporter.hpp"

// Options of commands that change domains.conf.

namespace mox::tools {

struct ChangeOptions {
    std::optional<std::filesystem::path> config;  // --config
    std::chrono::seconds lock_timeout{10};
    bool dry_run = false;
};

// --config, --dry-run and --lock-timeout
void add_change_options(cli::CommandLine& app, ChangeOptions& options);

// domains.conf with its lock.
[[nodiscard]] admin::DomainsFile open_for_change(const ChangeOptions& options);

// Saves the change, unless it is a dry run. When a server runs on the data directory, the change is in force at return;
// or a warning says why not, as the file stands all the same and the server will look at it again.
void save_change(admin::DomainsFile& file, const ChangeOptions& options, cli::Reporter& out,
                 admin::NewFiles* made = nullptr);

}  // namespace mox::tools
