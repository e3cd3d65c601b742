#include "tools/backup/archiving.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <array>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "tools/backup/job.hpp"

namespace mox::backup {

namespace {

// `jobs` threads compress.
snapshot::ArchiveOptions archive_options(const Options& options, unsigned jobs) {
    snapshot::ArchiveOptions archive{.file = options.archive};
    archive.write.threads = jobs;
    archive.write.level = options.compression_level;
    if (options.archive_format)
        archive.write.format = *options.archive_format;
    else if (const auto format = archive::format_of(options.archive.native()))
        archive.write.format = *format;
    else if (options.archive != "-")
        throw Error(Errc::usage, "no format of archives has files named like " + quote(options.archive.native()),
                    "end the name with .tar.zst, .tar.gz or .tar, or use --archive-format");
    const auto levels = archive::levels_of(archive.write.format);
    const int level = options.compression_level.value_or(levels.lowest);
    if (levels.lowest == levels.highest && options.compression_level)
        throw Error(Errc::usage, "a tar is not compressed: it has no --compression-level");
    if (level < levels.lowest || level > levels.highest)
        throw Error(Errc::usage, fmt::format("--compression-level of {} is from {} to {}, not {}",
                                             to_string(archive.write.format), levels.lowest, levels.highest, level));
    return archive;
}

}  // namespace

void add_archive_options(cli::CommandLine& app, Options& options) {
    app.add_option("--archive", options.archive,
                   "Write one archive instead: FILE ends with .tar.zst, .tar.gz or .tar; '-' is standard output.")
        .type_name("FILE");
    cli::add_choice(
        app, "--archive-format", {"tar.zst", "tar.gz", "tar"},
        [&](std::size_t index) {
            constexpr std::array formats{archive::Format::tar_zstd, archive::Format::tar_gzip, archive::Format::tar};
            options.archive_format = formats.at(index);
        },
        "Format of the archive, whatever its name; of standard output tar.zst by default.", std::nullopt);
    app.add_option(
           "--compression-level", options.compression_level,
           "Of the archive: 1 to 22 for zst (default 3), 1 to 9 for gz (default 6); more is smaller and slower.")
        .type_name("N");
}

void check_destination(const Options& options, const cli::Reporter& out) {
    const auto refuse = [](std::string message, std::string hint) {
        throw Error(Errc::usage, std::move(message), std::move(hint));
    };
    if (!is_archive(options)) {
        if (options.destination.empty()) refuse("DEST is missing", "or --archive FILE");
        if (options.archive_format) refuse("--archive-format is for --archive", {});
        if (options.compression_level) refuse("--compression-level is for --archive", {});
        return;
    }
    if (!options.destination.empty()) refuse("either DEST or --archive FILE", {});
    if (options.keep.any()) refuse("the rules to keep snapshots are for a folder DEST, not for an archive", {});
    if (options.verify != Verify::no)
        refuse("--verify is for a folder DEST", "mox-verifydata checks an archive: mox-verifydata --read-data FILE");
    if (options.link_live) refuse("an archive has no links: --link-live is for a folder DEST", {});
    if (options.archive != "-" || options.dry_run) return;
    if (out.settings().format == cli::Format::json)
        refuse("--json and --archive=- both write to standard output", "name a file for the archive");
    if (::isatty(STDOUT_FILENO) != 0)
        refuse("standard output is a terminal, and an archive would go there", "pipe it to a program, or name a file");
}

cli::Exit run_archive(const Options& options, cli::Reporter& out) {
    const auto started = std::chrono::steady_clock::now();
    const auto take = take_options(options);
    const auto archive = archive_options(options, take.jobs);
    if (options.dry_run) {
        out.summary(dry_summary_of(snapshot::plan_archive(take, archive.file), options.archive, {}));
        return cli::Exit::ok;
    }
    snapshot::Manifest manifest;
    {
        Listener listener(out);
        manifest = snapshot::take_archive(take, archive, listener);
    }
    // Standard output is the archive's then.
    if (options.archive != "-") out.summary(summary_of(manifest, options.archive, {}, started));
    return exit_of(manifest);
}

}  // namespace mox::backup
