#include "tools/verifydata/verifydata.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/file.hpp"
#include "check/verify.hpp"
#include "cli/nearest.hpp"
#include "cli/options.hpp"
#include "cli/progress.hpp"
#include "datadir/layout.hpp"

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

// Errc::not_found and unknown_format as datadir::open(). What only cannot be read is left to the checks.
datadir::Layout open_layout(const fs::path& directory) {
    try {
        return datadir::open(directory);
    } catch (const Error& error) {
        if (error.code() == Errc::not_found || error.code() == Errc::unknown_format) throw;
        return datadir::Layout(directory);
    }
}

std::bitset<check::check_count> chosen_checks(const Options& options) {
    std::bitset<check::check_count> chosen;
    std::vector<std::string> ids;
    for (const auto& known : check::checks) ids.emplace_back(known.id);
    for (const auto& id : options.only) {
        const std::size_t index = check::index_of(id);
        if (index == check::check_count) {
            const auto near = cli::nearest(id, ids);
            throw Error(Errc::usage, "there is no check " + quote(id),
                        near ? "did you mean '" + *near + "'?" : "--list-checks lists them");
        }
        chosen.set(index);
    }
    if (!options.skip_size_check) return chosen;
    if (chosen.none()) chosen.set();
    return chosen.reset(check::CheckId("message-size").index());
}

cli::Finding shown(const check::Finding& finding) {
    return {.path = finding.path,
            .severity = finding.severity == check::Severity::error ? cli::Severity::error : cli::Severity::warning,
            .detail = finding.detail,
            .check = std::string(finding.check),
            .hint = finding.hint};
}

cli::Record summary_of(const fs::path& directory, const check::Summary& sums, double elapsed_seconds) {
    // `errors` and `warnings` are the reporter's: messages, not findings.
    std::string text = "{directory:plain}: ";
    if (sums.errors == 0) text += "OK, ";
    if (sums.errors > 0) text += "{problems:problem|problems}, ";
    if (sums.warnings > 0) text += "{warning_findings:warning|warnings}, ";
    text += "{accounts:account|accounts}, {messages:message|messages}, {size_bytes:bytes}, in {elapsed_seconds} s";
    return cli::Record("summary", text)
        .set("directory", directory)
        .set("problems", sums.errors)
        .set("warning_findings", sums.warnings)
        .set("accounts", sums.accounts)
        .set("messages", sums.messages)
        .set("size_bytes", sums.size_bytes)
        .set("elapsed_seconds", cli::Value(elapsed_seconds));
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

void add_options(CLI::App& app, Options& options) {
    app.add_option("DIR", options.directory, "Data directory, or snapshot made by mox-backup.")->type_name("DIR");
    app.add_flag("--read-data", options.read_data, "Read all messages and compare them with their recorded SHA-256.");
    app.add_flag("--skip-size-check", options.skip_size_check, "Do not compare the sizes of message files.");
    app.add_option("--only", options.only, "Checks whose findings are wanted, separated by commas.")
        ->type_name("CHECK")
        ->delimiter(',');
    app.add_flag("--list-checks", options.list_checks, "List all checks and exit.");
    cli::add_jobs_option(app, options.jobs);
    cli::add_lock_timeout_option(app, options.lock_timeout);
}

}  // namespace

cli::Exit run(const Options& options, cli::Reporter& out) {
    if (options.list_checks) {
        list_checks(out);
        return cli::Exit::ok;
    }
    if (options.directory.empty()) throw Error(Errc::usage, "DIR is missing");
    const auto started = std::chrono::steady_clock::now();
    const auto chosen = chosen_checks(options);
    const fs::path directory = without_slash(options.directory);
    const bool snapshot = is_snapshot(directory);
    const auto layout = open_layout(snapshot ? directory / "data" : directory);
    check::Summary sums;
    {
        cli::Progress progress(out, {.label = "verifying", .unit = "messages"});
        sums = check::verify(
            layout,
            {.contents = options.read_data ? check::Contents::hashes : check::Contents::sizes,
             .only = chosen,
             .jobs = options.jobs,
             .snapshot = snapshot ? directory : fs::path(),
             .lock_timeout = options.lock_timeout,
             .progress = [&](std::uint64_t messages, std::uint64_t bytes) { progress.add(messages, bytes); }},
            [&](const check::Finding& finding) { out.finding(shown(finding)); });
    }
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - started;
    out.summary(summary_of(directory, sums, elapsed.count()));
    if (sums.errors == 0) return cli::Exit::ok;
    return sums.errors == sums.unknown_formats ? cli::Exit::newer_version : cli::Exit::failed;
}

cli::Tool tool() {
    return cli::make_tool<Options>(
        {.name = "verifydata",
         .summary = "Check a data directory or a snapshot.",
         .description =
             "Looks at every database and every message file and names what is wrong. Changes nothing, and works "
             "beside a running server.",
         .examples = {{"mox-verifydata data", "Everything but the contents of messages."},
                      {"mox-verifydata --read-data /backup/mox/2026-11-22", "A snapshot, contents too."}},
         .exits = {cli::Exit::ok, cli::Exit::failed, cli::Exit::usage, cli::Exit::not_found, cli::Exit::locked,
                   cli::Exit::newer_version}},
        add_options, run);
}

}  // namespace mox::verifydata
