#pragma once

#include "cli/reporter.hpp"
#include "snapshot/take.hpp"
#include "tools/backup/backup.hpp"

// mox-backup --archive.

namespace mox::backup {

void add_archive_options(CLI::App& app, Options& options);

[[nodiscard]] inline bool is_archive(const Options& options) {
    return !options.archive.empty();
}
// DEST, or the archive.
[[nodiscard]] inline const std::filesystem::path& destination_of(const Options& options) {
    return is_archive(options) ? options.archive : options.destination;
}

// Errc::usage for a destination that is missing or given twice, and for options that do not go with it.
void check_destination(const Options& options, const cli::Reporter& out);
// `jobs` threads compress.
[[nodiscard]] snapshot::ArchiveOptions archive_options(const Options& options, unsigned jobs);

}  // namespace mox::backup
