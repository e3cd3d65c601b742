#include "tools/backup/backup.hpp"

#include <CLI/CLI.hpp>
#include <cmath>

#include "base/encoding.hpp"
#include "base/parallel.hpp"
#include "cli/progress.hpp"
#include "config/load.hpp"
#include "snapshot/take.hpp"
#include "tools/backup/archiving.hpp"

namespace mox::backup {

namespace {

class Listener final : public snapshot::Observer {
public:
    explicit Listener(cli::Reporter& out) : out_(out), progress_(out, {.label = "storing", .unit = "messages"}) {}

    void problem(const snapshot::Problem& problem) override {
        out_.warning(quote(problem.path) + ": " + problem.detail);
    }
    void step(std::string_view text) override { out_.step(text); }
    void expect(std::uint64_t files) override { progress_.set_total(files); }
    void stored(std::uint64_t files, std::uint64_t bytes) override { progress_.add(files, bytes); }

private:
    cli::Reporter& out_;
    cli::Progress progress_;
};

// A configuration with errors still says where the data is: whoever has broken it needs the backup all the more.
void find_source(const Options& options, snapshot::TakeOptions& take) {
    if (options.data_dir.data_dir) {
        take.data_dir = *options.data_dir.data_dir;
        return;
    }
    const config::Config loaded = config::read(cli::config_file(options.data_dir));
    if (loaded.paths.data.empty()) config::throw_if_unusable(loaded);
    take.data_dir = loaded.paths.data;
    if (!options.no_config) take.config_dir = loaded.paths.directory;
}

snapshot::TakeOptions take_options(const Options& options) {
    snapshot::TakeOptions take{.messages = {.allow_link = options.link_live},
                               .jobs = options.jobs != 0 ? options.jobs : default_jobs(),
                               .lock_timeout = options.lock_timeout};
    find_source(options, take);
    return take;
}

double seconds_since(std::chrono::steady_clock::time_point start) {
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
    return std::round(elapsed.count() * 1000) / 1000;
}

cli::Record summary_of(const snapshot::Manifest& manifest, const Options& options, double elapsed_seconds) {
    const auto& totals = manifest.totals;
    std::string text =
        "{messages:message|messages} of {accounts:account|accounts} ({message_bytes:bytes}; {linked} linked, "
        "{reflinked} reflinked, {copied} copied) and {files:other file|other files} ({file_bytes:bytes}) in "
        "{destination} in {elapsed_seconds} s";
    if (!manifest.complete()) text += "; {problems:problem|problems}";
    cli::Record record("summary", text);
    record.set("destination", destination_of(options))
        .set("complete", cli::Value(manifest.complete()))
        .set("accounts", totals.accounts)
        .set("mailboxes", totals.mailboxes)
        .set("messages", totals.messages)
        .set("queued_messages", totals.queued_messages)
        .set("message_files", totals.message_files)
        .set("message_bytes", totals.message_bytes)
        .set("linked", totals.linked)
        .set("reflinked", totals.reflinked)
        .set("copied", totals.copied)
        .set("files", totals.files)
        .set("file_bytes", totals.file_bytes)
        .set("config", cli::Value(manifest.config))
        .set("problems", manifest.problem_count)
        .set("dry_run", cli::Value(false))
        .set("elapsed_seconds", cli::Value(elapsed_seconds));
    return record;
}

cli::Exit run_dry(const snapshot::TakeOptions& take, const Options& options, cli::Reporter& out) {
    const auto plan = is_archive(options) ? snapshot::plan_archive(take, archive_options(options, take.jobs).file)
                                          : snapshot::plan(take, options.destination);
    std::string text =
        "would copy {messages:message|messages} of {accounts:account|accounts} ({message_bytes:bytes}) and "
        "{databases:database|databases} ({database_bytes:bytes}) to {destination}";
    if (plan.replaces_incomplete) text += ", replacing an incomplete snapshot";
    out.summary(cli::Record("summary", text)
                    .set("destination", destination_of(options))
                    .set("accounts", plan.accounts)
                    .set("messages", plan.messages)
                    .set("message_bytes", plan.message_bytes)
                    .set("databases", plan.databases)
                    .set("database_bytes", plan.database_bytes)
                    .set("replaces_incomplete", cli::Value(plan.replaces_incomplete))
                    .set("dry_run", cli::Value(true)));
    return cli::Exit::ok;
}

void add_options(CLI::App& app, Options& options) {
    app.add_option("DEST", options.destination, "New or empty folder for the snapshot; its parent must exist.")
        ->type_name("DIR");
    add_archive_options(app, options);
    app.add_flag("--link-live", options.link_live,
                 "Hard links to the live message files where possible: fast and small, but damage to a file then hits "
                 "both.");
    app.add_flag("--no-config", options.no_config, "Leave the configuration out.");
    cli::add_config_options(app, options.data_dir);
    cli::add_dry_run_option(app, options.dry_run);
    cli::add_jobs_option(app, options.jobs);
    cli::add_lock_timeout_option(app, options.lock_timeout);
}

}  // namespace

cli::Exit run(const Options& options, cli::Reporter& out) {
    const auto start = std::chrono::steady_clock::now();
    check_destination(options, out);
    const auto take = take_options(options);
    if (options.dry_run) return run_dry(take, options, out);
    snapshot::Manifest manifest;
    {
        Listener listener(out);
        manifest = is_archive(options) ? snapshot::take_archive(take, archive_options(options, take.jobs), listener)
                                       : snapshot::take(take, options.destination, listener);
    }
    // Standard output is the archive's then.
    if (options.archive != "-") out.summary(summary_of(manifest, options, seconds_since(start)));
    return manifest.complete() ? cli::Exit::ok : cli::Exit::incomplete;
}

cli::Tool tool() {
    return cli::make_tool<Options>(
        {.name = "backup",
         .summary = "Copy a data directory consistently, also while the server runs.",
         .description = "DEST gets data/, a data directory of its own, config/, and at the very end manifest.json; "
                        "without that file it is not complete. A backup that fails leaves nothing behind; one that "
                        "was killed is replaced by the next to the same DEST. An archive has the same in it.",
         .examples = {{"mox-backup -c /etc/mox/mox.conf /backup/mox-$(date +%F)", "A snapshot with configuration."},
                      {"mox-backup --data-dir data --link-live /srv/snap", "Only the data, on the same file system."},
                      {"mox-backup --archive - | ssh backup 'cat >mox.tar.zst'", "Straight to another machine."}},
         .exits = {cli::Exit::ok, cli::Exit::failed, cli::Exit::usage, cli::Exit::incomplete, cli::Exit::not_found,
                   cli::Exit::locked, cli::Exit::newer_version}},
        add_options, run);
}

}  // namespace mox::backup
