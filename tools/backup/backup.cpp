#include "tools/backup/backup.hpp"

#include "base/encoding.hpp"
#include "snapshot/take.hpp"
#include "tools/backup/archiving.hpp"
#include "tools/backup/job.hpp"

namespace mox::backup {

namespace {

void add_keep_options(cli::CommandLine& app, snapshot::Retention& keep) {
    constexpr std::int64_t most = 1'000'000;
    const auto add = [&](const char* name, std::int64_t& count, const char* description) {
        app.add_option(name, count, description).type_name("N").default_text("").range(1, most);
    };
    add("--keep-last", keep.last,
        "Make DEST a folder of dated snapshots and keep the last N; these rules add up, and the newest one always "
        "stays.");
    add("--keep-daily", keep.daily, "Likewise the newest of each of the last N days that have one, in UTC.");
    add("--keep-weekly", keep.weekly, "Likewise of each of N weeks (ISO 8601).");
    add("--keep-monthly", keep.monthly, "Likewise of each of N months.");
}

// An optional value with a list of choices.
void add_verify_option(cli::CommandLine& app, Verify& verify) {
    app.add_flag_function(
           "--verify{new}",
           [&verify](const std::string& text) { verify = text == "full" ? Verify::full : Verify::unshared; },
           "Check every promise of the new snapshot, before old ones are removed, and read the messages that are new "
           "in "
           "it, or all.")
        .type_name("WHAT")
        .one_of({"new", "full"});
}

void add_options(cli::CommandLine& app, Options& options) {
    app.add_option("DEST", options.destination,
                   "New or empty folder for the snapshot, or with --keep a folder of snapshots; its parent must exist.")
        .type_name("DIR");
    add_archive_options(app, options);
    add_keep_options(app, options.keep);
    add_verify_option(app, options.verify);
    app.add_flag("--link-live", options.link_live,
                 "Hard links to the live message files where possible: fast and small, but damage to a file then hits "
                 "both.");
    app.add_flag("--no-config", options.no_config, "Leave the configuration out.");
    cli::add_config_options(app, options.data_dir);
    cli::add_dry_run_option(app, options.dry_run);
    cli::add_jobs_option(app, options.jobs);
    cli::add_lock_timeout_option(app, options.lock_timeout);
}

cli::Exit run_single(const Options& options, cli::Reporter& out) {
    const auto started = std::chrono::steady_clock::now();
    const auto take = take_options(options);
    if (options.dry_run) {
        out.summary(dry_summary_of(snapshot::plan(take, options.destination), options.destination, {}));
        return cli::Exit::ok;
    }
    snapshot::Manifest manifest;
    {
        Listener listener(out);
        manifest = snapshot::take(take, options.destination, listener);
    }
    if (options.verify != Verify::no && manifest.complete()) verify(options.destination, manifest, {}, options, out);
    out.summary(summary_of(manifest, options.destination, {}, started));
    return exit_of(manifest);
}

}  // namespace

cli::Exit run(const Options& options, cli::Reporter& out) {
    check_destination(options, out);
    if (is_archive(options)) return run_archive(options, out);
    return options.keep.any() ? run_series(options, out) : run_single(options, out);
}

cli::Tool tool() {
    return cli::make_tool<Options>(
        {.name = "backup",
         .summary = "Copy a data directory consistently, also while the server runs.",
         .description =
             "DEST gets data/, a data directory of its own, config/, and at the very end manifest.json; "
             "without that file it is not complete. With --keep-last and the like DEST is a folder of dated "
             "snapshots, which share unchanged messages by hard links, and old ones are removed once a new "
             "one is complete. A backup that fails leaves nothing behind; one that was killed is replaced by "
             "the next to the same DEST. An archive has the same in it as a single snapshot.",
         .examples = {{"mox-backup -c /etc/mox/mox.conf --keep-daily 14 --keep-monthly 12 --verify /backup/mox",
                       "Every night, with old snapshots kept and removed."},
                      {"mox-backup -c /etc/mox/mox.conf /backup/mox-$(date +%F)", "A single snapshot."},
                      {"mox-backup --archive - | ssh backup 'cat >mox.tar.zst'", "Straight to another machine."}},
         .exits = {cli::Exit::ok, cli::Exit::failed, cli::Exit::usage, cli::Exit::incomplete, cli::Exit::not_found,
                   cli::Exit::locked, cli::Exit::newer_version}},
        add_options, run);
}

}  // namespace mox::backup
