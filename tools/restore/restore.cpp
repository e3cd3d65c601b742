#include "tools/restore/restore.hpp"

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/file.hpp"
#include "datadir/layout.hpp"
#include "snapshot/select.hpp"
#include "tools/restore/arguments.hpp"
#include "tools/restore/modes.hpp"

namespace mox::restore {

namespace {

constexpr const char* scratch_prefix = "mox-restore-";

void add_selection_options(cli::CommandLine& app, Options& options) {
    app.add_flag("--list", options.list,
                 "List accounts; with --account its mailboxes; with --mailbox or another condition messages.");
    app.add_option("--account", options.account, "Restore messages of this account of the snapshot.")
        .type_name("ACCOUNT");
    app.add_option("--mailbox", options.mailboxes, "Only those of this mailbox.").type_name("MAILBOX");
    app.add_option("--message", options.messages, "Only this message: its id in --list, or its Message-ID.")
        .type_name("ID");
    app.add_option("--since", options.since, "Only those received on this day (UTC), at this time, or later.")
        .type_name("DATE");
    app.add_option("--until", options.until, "Only those received on this day, at this time, or earlier.")
        .type_name("DATE");
    app.add_option("--from", options.from, "Only those with this text in their From field.").type_name("TEXT");
    app.add_option("--subject", options.subject, "Only those with this text in their subject.").type_name("TEXT");
}

void add_target_options(cli::CommandLine& app, Options& options) {
    app.add_option("--into", options.into, "Account that gets the messages.").type_name("ACCOUNT");
    app.add_option("--into-mailbox", options.into_mailbox,
                   "Put all into this mailbox instead of those that they were in.")
        .type_name("MAILBOX");
    app.add_flag("--create-account", options.create_account, "Make the account when it is missing.");
    app.add_flag("--duplicates", options.duplicates, "Also restore what the mailbox still has.");
    cli::add_config_options(app, options.data_dir);
}

void add_whole_options(cli::CommandLine& app, Options& options) {
    app.add_option("--config-dir", options.config_dir, "Restore the configuration too, into this new or empty folder.")
        .type_name("DIR");
    app.add_option("--owner", options.owner, "Whose the restored files are, as USER or USER:GROUP.").type_name("USER");
    app.add_flag("--keep-uidvalidity", options.keep_uidvalidity,
                 "Keep the UIDVALIDITY of mailboxes: for a state that no client has seen change since.");
    app.add_flag("--hold-queue", options.hold_queue, "Send nothing of the restored queue before you say so.");
}

void add_options(cli::CommandLine& app, Options& options) {
    app.add_option("SNAPSHOT", options.snapshot,
                   "Snapshot, archive of one, folder of dated snapshots (the newest complete one), or data directory.")
        .required()
        .type_name("SNAPSHOT");
    app.add_option("DEST", options.destination, "New or empty folder that becomes the data directory.")
        .type_name("DIR");
    add_selection_options(app, options);
    add_target_options(app, options);
    add_whole_options(app, options);
    app.add_flag("--damaged", options.damaged, "Restore what can be restored of a damaged snapshot.");
    cli::add_dry_run_option(app, options.dry_run);
    cli::add_jobs_option(app, options.jobs);
    cli::add_lock_timeout_option(app, options.lock_timeout);
}

std::vector<std::string> complete(const Options& options, std::string_view what) try {
    const TemporaryDirectory scratch(std::filesystem::temp_directory_path(), scratch_prefix);
    const auto source = snapshot::open_source(options.snapshot, scratch.path());
    if (what == "accounts") return datadir::account_names(datadir::Layout(source->data()));
    if (what != "mailboxes") return {};
    snapshot::SnapshotAccount account(*source, options.account, scratch.path());
    std::vector<std::string> names;
    for (const auto& mailbox : account.mailboxes({})) names.push_back(mailbox.name);
    return names;
} catch (const Error&) {
    return {};  // a shell that completes shows no errors
}

}  // namespace

void Listener::problem(const snapshot::Problem& problem) {
    out_.error(quote(problem.path) + ": " + problem.detail);
}

cli::Exit run(const Options& options, cli::Reporter& out) {
    const Mode mode = mode_of(options);
    const TemporaryDirectory scratch(std::filesystem::temp_directory_path(), scratch_prefix);
    const auto source = snapshot::open_source(options.snapshot, scratch.path());
    if (source->path() != options.snapshot) out.step("using " + quote(source->path().native()));
    switch (mode) {
        case Mode::list:
            return list(options, *source, scratch.path(), out);
        case Mode::messages:
            return restore_messages(options, *source, scratch.path(), out);
        case Mode::whole:
            break;
    }
    return restore_whole(options, *source, out);
}

cli::Tool tool() {
    return cli::make_tool<Options>(
        {.name = "restore",
         .summary = "Restore a data directory, or messages, from a snapshot.",
         .description =
             "With DEST a whole directory, verified, with new UIDVALIDITY values, so that clients read all again. With "
             "--account and --into messages, beside a running server: as new ones, all or nothing, without repeating "
             "what is still there.",
         .examples = {{"mox-restore /backup/mox /home/mox/data", "The whole directory, into a new or empty folder."},
                      {"mox-restore /backup/mox --list --account alice --mailbox Inbox", "What a mailbox held."},
                      {"mox-restore /backup/mox --account alice --mailbox Inbox --since 2026-11-01 --into alice",
                       "Mail that was deleted by mistake."}},
         .exits = {cli::Exit::ok, cli::Exit::failed, cli::Exit::usage, cli::Exit::incomplete, cli::Exit::not_found,
                   cli::Exit::locked, cli::Exit::newer_version}},
        add_options, run, complete);
}

}  // namespace mox::restore
