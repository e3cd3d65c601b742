#include "tools/import/importing.hpp"

#include <CLI/CLI.hpp>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "intake/source.hpp"
#include "model/mailbox_name.hpp"
#include "tools/import/import_run.hpp"
#include "tools/shared/data_dir.hpp"

namespace mox::importing {

namespace {

std::unique_ptr<intake::MessageSource> open_source(const Options& options) {
    if (options.source.empty()) throw Error(Errc::usage, "PATH is empty");
    if (options.format == Format::mbox) return intake::open_mbox(options.source);
    if (options.source == "-") throw Error(Errc::usage, "a maildir cannot be read from standard input");
    return intake::open_maildir(options.source);
}

std::string checked_mailbox(const std::string& typed) {
    std::string name = model::normalised_mailbox_name(typed);
    if (const auto problem = model::mailbox_name_problem(name); !problem.empty())
        throw Error(Errc::usage, "mailbox name " + quote(typed) + " " + std::string(problem));
    return name;
}

cli::Record summary_of(const Totals& totals, const Options& options, const std::string& mailbox) {
    std::string text = options.dry_run ? "would import" : "imported";
    text += " {messages:message|messages} ({size_bytes:bytes}) into {mailbox} of account {account}";
    if (totals.failed > 0) text += ", {failed} could not be read";
    cli::Record record("summary", text + " in {elapsed_seconds} s");
    record.set("account", options.account)
        .set("mailbox", mailbox)
        .set("messages", totals.messages)
        .set("size_bytes", totals.size_bytes)
        .set("failed", totals.failed)
        .set("rejected_keywords", totals.rejected_keywords)
        .set("dry_run", cli::Value(options.dry_run))
        .set("elapsed_seconds", cli::Value(totals.elapsed_seconds));
    return record;
}

void add_options(CLI::App& app, Options& options) {
    cli::add_choice(app, "FORMAT", options.format, {{"mbox", Format::mbox}, {"maildir", Format::maildir}},
                    "Form of PATH.");
    app.add_option("ACCOUNT", options.account, "Account to import into.")->required()->type_name("ACCOUNT");
    app.add_option("MAILBOX", options.mailbox, "Mailbox to import into; made, with its parents, when missing.")
        ->required()
        ->type_name("MAILBOX");
    app.add_option("PATH", options.source,
                   "The mbox file or the folder of the maildir; '-' reads an mbox from standard input.")
        ->required()
        ->type_name("PATH");
    cli::add_config_options(app, options.data_dir);
    cli::add_dry_run_option(app, options.dry_run);
    cli::add_jobs_option(app, options.jobs);
    cli::add_lock_timeout_option(app, options.lock_timeout);
}

}  // namespace

cli::Exit run(const Options& options, cli::Reporter& out) {
    const std::string mailbox = checked_mailbox(options.mailbox);
    const auto data_dir = tools::open_data_dir(options.data_dir);
    const auto source = open_source(options);
    const Settings settings{.mailbox = mailbox, .jobs = options.jobs};
    Totals totals;
    if (options.dry_run) {
        tools::require_account(data_dir, options.account);
        totals = examine(*source, settings, out);
    } else {
        auto account =
            tools::open_account(data_dir, options.account, {.lock_timeout = options.lock_timeout, .cache_kib = 16'384});
        totals = import_into(account, *source, settings, out);
    }
    out.summary(summary_of(totals, options, mailbox));
    return totals.failed == 0 ? cli::Exit::ok : cli::Exit::incomplete;
}

cli::Tool tool() {
    return cli::make_tool<Options>(
        {.name = "import",
         .summary = "Import messages from an mbox file or a maildir into a mailbox.",
         .description =
             "All messages become visible at once, or none. Flags, keywords and dates come along. Works beside a "
             "running server. Importing twice gives every message twice.",
         .examples = {{"mox-import mbox alice Inbox ~/mail.mbox", "With the configuration in config/mox.conf."},
                      {"zcat old.gz | mox-import --data-dir data mbox alice Archive/2019 -", "From standard input."}},
         .exits = {cli::Exit::ok, cli::Exit::failed, cli::Exit::usage, cli::Exit::incomplete, cli::Exit::not_found,
                   cli::Exit::locked, cli::Exit::newer_version}},
        add_options, run, [](const Options& options, std::string_view what) {
            return tools::complete_names(options.data_dir, what, options.account);
        });
}

}  // namespace mox::importing
