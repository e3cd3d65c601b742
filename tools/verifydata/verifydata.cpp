#include "tools/verifydata/verifydata.hpp"

#include <fmt/format.h>

#include "archive/reader.hpp"
#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/file.hpp"
#include "check/verify.hpp"
#include "cli/options.hpp"
#include "cli/progress.hpp"
#include "datadir/layout.hpp"
#include "snapshot/archive_contents.hpp"
#include "snapshot/series.hpp"
#include "tools/verifydata/findings.hpp"
#include "tools/verifydata/fix.hpp"
#include "tools/verifydata/reading.hpp"
#include "tools/verifydata/rebuild.hpp"

namespace mox::verifydata {

namespace fs = std::filesystem;

namespace {

// "DIR/" names the same directory as "DIR".
fs::path without_slash(const fs::path& path) {
    return path.has_filename() || !path.has_relative_path() ? path : path.parent_path();
}

// True for what mox-backup makes: the data directory lies in its folder `data`, beside the manifest.
bool is_snapshot(const fs::path& directory) {
    return status_of(directory / "manifest.json") && directory_exists(directory / "data");
}

bool is_archive(const fs::path& path) {
    std::error_code error;
    const auto type = fs::status(path, error).type();
    return path == "-" || type == fs::file_type::regular || type == fs::file_type::fifo;
}

// Which snapshots a folder of them has, for who names the folder.
Error not_one_snapshot(const fs::path& series) {
    const auto entries = snapshot::list_series(series);
    return {Errc::unknown_format, quote(series.native()) + " is a folder of snapshots",
            entries.empty() ? "there is none in it yet"
                            : "verify one of them, the newest is " + quote((series / entries.back().name).native())};
}

// Errc::not_found and unknown_format as datadir::open(). What only cannot be read is left to the checks.
datadir::Layout open_layout(const fs::path& directory) {
    try {
        return datadir::open(directory);
    } catch (const Error& error) {
        if (error.code() == Errc::unknown_format && snapshot::is_series(directory)) throw not_one_snapshot(directory);
        if (error.code() == Errc::not_found || error.code() == Errc::unknown_format) throw;
        return datadir::Layout(directory);
    }
}

std::bitset<check::check_count> chosen_checks(const Options& options) {
    auto chosen = checks_named(options.only);
    if (!options.skip_size_check) return chosen;
    if (chosen.none()) chosen.set();
    return chosen.reset(check::CheckId("message-size").index());
}

cli::Record summary_of(const fs::path& directory, const check::Summary& sums, const Reading& reading,
                       double elapsed_seconds) {
    // `errors` and `warnings` are the reporter's: messages, not findings.
    std::string text = "{directory:plain}: ";
    if (sums.errors == 0) text += "OK, ";
    if (sums.errors > 0) text += "{problems:problem|problems}, ";
    if (sums.warnings > 0) text += "{warning_findings:warning|warnings}, ";
    return with_sums(cli::Record("summary", text + sums_text(reading)).set("directory", directory), sums, reading,
                     elapsed_seconds);
}

void list_checks(cli::Reporter& out) {
    if (out.settings().format == cli::Format::text) {
        out.result(cli::Record("checks", "{table:raw}")
                       .set("table", check::check_table().substr(0, check::check_table().size() - 1)));
        return;
    }
    for (const auto& known : check::checks)
        out.result(cli::Record("check")
                       .set("id", known.id)
                       .set("promise", known.promise)
                       .set("severity", known.severity == check::Severity::error ? "error" : "warning")
                       .set("sentence", known.sentence));
}

void add_options(cli::CommandLine& app, Options& options) {
    app.add_option("DIR", options.directory,
                   "Data directory, snapshot made by mox-backup, or its archive; '-' reads one from standard input.")
        .type_name("PATH");
    app.add_flag(
           "--read-data{100%}", options.read_data,
           "Read messages and compare them with their recorded SHA-256: all, or a random sample of so many, as in "
           "--read-data=10%; of an archive all are always compared.")
        .type_name("PERCENT");
    app.add_option("--seed", options.seed, "Seed of the random sample, to read the same one again.")
        .type_name("N")
        .range(0, 1'000'000'000'000'000'000);
    app.add_flag("--skip-size-check", options.skip_size_check, "Do not compare the sizes of message files.");
    app.add_option("--only", options.only, "Checks whose findings are wanted, separated by commas.")
        .type_name("CHECK")
        .delimiter(',');
    app.add_flag("--fix{all}", options.fix,
                 "Mend what can be mended safely: everything, or what these checks find, separated by commas.")
        .type_name("CHECK");
    cli::add_dry_run_option(app, options.dry_run);
    app.add_option("--rebuild", options.rebuild,
                   "Make the database of this account anew from its message files, when it is lost or beyond repair.")
        .type_name("ACCOUNT");
    app.add_option("--from", options.from,
                   "With --rebuild: snapshot that tells mailboxes, flags and dates of the messages that it knows.")
        .type_name("SNAPSHOT");
    app.add_flag("--force", options.force, "With --rebuild: although the present database is sound.");
    app.add_flag("--list-checks", options.list_checks, "List all checks and exit.");
    cli::add_jobs_option(app, options.jobs);
    cli::add_lock_timeout_option(app, options.lock_timeout);
}

cli::Progress::Options progress_line() {
    return {.label = "verifying", .unit = "messages"};
}

check::Summary verify_folder(const fs::path& directory, check::Options how, cli::Reporter& out) {
    const bool snapshot = is_snapshot(directory);
    const auto layout = open_layout(snapshot ? directory / "data" : directory);
    if (snapshot) how.snapshot = directory;
    cli::Progress progress(out, progress_line());
    how.progress = [&](std::uint64_t messages, std::uint64_t bytes) { progress.add(messages, bytes); };
    const auto may_fix = snapshot ? MayFix::no : MayFix::yes;
    return check::verify(layout, how, [&](const check::Finding& finding) { out.finding(shown(finding, may_fix)); });
}

// One pass that unpacks databases and hashes everything, then the same checks.
check::Summary verify_archive(const fs::path& path, check::Options how, cli::Reporter& out) {
    const TemporaryDirectory scratch(fs::temp_directory_path());
    snapshot::ArchiveContents contents;
    {
        cli::Progress progress(out, progress_line());
        auto reader = archive::open_archive(path);
        contents = snapshot::read_archive(
            reader, path == "-" ? "standard input" : path.native(), scratch.path(), snapshot::Unpack::databases,
            [&](std::uint64_t messages, std::uint64_t bytes) { progress.add(messages, bytes); });
    }
    how.contents = check::Contents::hashes;
    how.snapshot = scratch.path();
    how.archive = &contents;
    return check::verify(datadir::Layout(scratch.path() / "data"), how,
                         [&](const check::Finding& finding) { out.finding(shown(finding, MayFix::no)); });
}

// Snapshots and archives stay as they were made.
cli::Exit fix_folder(const fs::path& path, const Options& options, cli::Reporter& out) {
    if (!options.only.empty())
        throw Error(Errc::usage, "--fix and --only exclude each other", "name the checks with --fix=CHECK");
    if (is_archive(path) || is_snapshot(path))
        throw Error(Errc::usage, quote(path.native()) + " is no data directory: only these are mended",
                    "restore it with mox-restore, and mend the copy");
    return fix(open_layout(path), options, out);
}

cli::Exit rebuild_in(const fs::path& path, const Options& options, cli::Reporter& out) {
    if (!options.fix.empty() || options.dry_run || !options.only.empty() || !options.read_data.empty() ||
        options.skip_size_check)
        throw Error(Errc::usage, "--rebuild is a run of its own", "verify, or mend, afterwards");
    if (is_archive(path) || is_snapshot(path))
        throw Error(Errc::usage, quote(path.native()) + " is no data directory: only in these accounts are rebuilt",
                    "restore it with mox-restore, and rebuild the account there");
    return rebuild(open_layout(path), options, out);
}

}  // namespace

cli::Exit run(const Options& options, cli::Reporter& out) {
    if (options.list_checks) {
        list_checks(out);
        return cli::Exit::ok;
    }
    if (options.directory.empty()) throw Error(Errc::usage, "DIR is missing");
    const auto started = std::chrono::steady_clock::now();
    const fs::path path = without_slash(options.directory);
    if (!options.rebuild.empty()) return rebuild_in(path, options, out);
    if (!options.from.empty() || options.force)
        throw Error(Errc::usage, "--from and --force are for --rebuild", "name the account: --rebuild ACCOUNT");
    if (!options.fix.empty() || options.dry_run) return fix_folder(path, options, out);
    Reading reading = reading_of(options);
    if (is_archive(path)) reading.sample.reset();
    check::Options how{.contents = reading.contents,
                       .sample = reading.sample,
                       .only = chosen_checks(options),
                       .jobs = options.jobs,
                       .lock_timeout = options.lock_timeout};
    const check::Summary sums = is_archive(path) ? verify_archive(path, how, out) : verify_folder(path, how, out);
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - started;
    out.summary(summary_of(path, sums, reading, elapsed.count()));
    if (sums.errors == 0) return cli::Exit::ok;
    return sums.errors == sums.unknown_formats ? cli::Exit::newer_version : cli::Exit::failed;
}

cli::Tool tool() {
    return cli::make_tool<Options>(
        {.name = "verifydata",
         .summary = "Check a data directory, a snapshot or an archive of one.",
         .description = "Looks at every database and every message file and names what is wrong. Changes nothing "
                        "unless --fix asks "
                        "for it, and works beside a running server.",
         .examples = {{"mox-verifydata data", "Everything but the contents of messages."},
                      {"mox-verifydata --read-data /backup/mox/2026-11-22", "A snapshot, contents too."},
                      {"mox-verifydata --read-data=10% data", "Contents of a tenth of the messages, chosen by chance."},
                      {"mox-verifydata --fix --dry-run data", "What would be mended, and how."},
                      {"mox-verifydata --rebuild alice --from /backup/mox data",
                       "A new database for an account whose own is lost."},
                      {"mox-verifydata /backup/mox.tar.zst", "An archive, contents too, without unpacking it."}},
         .exits = {cli::Exit::ok, cli::Exit::failed, cli::Exit::usage, cli::Exit::not_found, cli::Exit::locked,
                   cli::Exit::newer_version}},
        add_options, run);
}

}  // namespace mox::verifydata
