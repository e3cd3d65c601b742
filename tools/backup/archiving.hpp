#pragma once

#include "cli/reporter.hpp"
#include "tools/backup/backup.hpp"

// mox-backup --archive.

namespace mox::backup {

void add_archive_options(cli::CommandLine& app, Options& options);

[[nodiscard]] inline bool is_archive(const Options& options) {
    return !options.archive.empty();
}
// Errc::usage for a destination that is missing or given twice, and for options that do not go with it.
void check_destination(const Options& options, const cli::Reporter& out);
[[nodiscard]] cli::Exit run_archive(const Options& options, cli::Reporter& out);

}  // namespace mox::backup
