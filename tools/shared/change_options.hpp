#pragma once

#include <chrono>
#include <filesystem>
#include <optional>

#include "admin/domains_file.hpp"
#include "cli/options.hpp"

// Options of commands that change domains.conf.

namespace mox::tools {

struct ChangeOptions {
    std::optional<std::filesystem::path> config;  // --config
    std::chrono::seconds lock_timeout{10};
    bool dry_run = false;
};

// --config, --dry-run and --lock-timeout
void add_change_options(CLI::App& app, ChangeOptions& options);

// domains.conf with its lock.
[[nodiscard]] admin::DomainsFile open_for_change(const ChangeOptions& options);

}  // namespace mox::tools
