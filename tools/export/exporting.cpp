#include "tools/export/exporting.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/parallel.hpp"
#include "datadir/lock.hpp"
#include "model/mailbox_name.hpp"
#include "outlet/staging.hpp"
#include "tools/export/export_run.hpp"
#include "tools/shared/data_dir.hpp"

namespace mox::exporting {

namespace {

bool is_stream(const Options& options) {
    return options.destination == "-";
}

// Several mailboxes, in a folder with one of the layouts.
bool is_tree(const Options& options) {
    return !options.mailbox || options.recursive;
}

outlet::Layout layout_of(const Options& options) {
    return options.format == Format::mbox ? outlet::Layout::mbox_tree : options.layout;
}

archive::Format archive_format_of(const Options& options) {
    if (options.archive_format) return *options.archive_format;
    if (is_stream(options)) return archive::Format::tar;
    if (const auto format = archive::format_of(options.destination.filename().native())) return *format;
    throw Error(Errc::usage,
                "the name " + quote(options.destination.native()) + " does not tell the form of the archive",
                "end it in .tar, .tar.gz, .tgz or .tar.zst, or use --archive-format");
}

void check_options(const Options& options, const cli::Reporter& out) {
    if (options.destination.empty()) throw Error(Errc::usage, "operand DEST is missing or empty");
    if (options.format == Format::archive) (void)archive_format_of(options);
    if (options.recursive && !options.mailbox)
        throw Error(Errc::usage, "--recursive is for one mailbox and those below it",
                    "without MAILBOX all are exported");
    if (!is_stream(options)) return;
    if (options.format == Format::maildir || (options.format == Format::mbox && is_tree(options)))
        throw Error(Errc::usage, "only an archive, or a single mailbox as mbox, can go to standard output",
                    "name a mailbox, or choose a file or folder");
    if (out.settings().format == cli::Format::json)
        throw Error(Errc::usage, "--json and the mail cannot both go to standard output");
}

Criteria criteria_of(const Options& options) {
    Criteria criteria{.recursive = options.recursive, .from = folded(options.from), .subject = folded(options.subject)};
    if (options.mailbox) {
        criteria.mailbox = model::normalised_mailbox_name(*options.mailbox);
        if (const auto problem = model::mailbox_name_problem(*criteria.mailbox); !problem.empty())
            throw Error(Errc::usage, "mailbox name " + quote(*options.mailbox) + " " + std::string(problem));
    }
    if (options.since) criteria.since = parse_since(*options.since);
    if (options.until) criteria.before = parse_until(*options.until);
    for (const auto* names : {&options.flags, &options.keywords})
        for (const auto& name : *names) add_name(criteria, name);
    return criteria;
}

// Before anything is read. A data directory holds nothing that no row explains.
void check_place(const Options& options, const datadir::Layout& layout) {
    if (is_stream(options)) return;
    outlet::Staging::require_usable(options.destination);
    std::error_code unknown;  // what cannot be looked at will fail with a better reason
    const auto inner = std::filesystem::weakly_canonical(options.destination, unknown);
    const auto outer = std::filesystem::weakly_canonical(layout.root(), unknown);
    if (unknown) return;
    if (std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end()).first == outer.end())
        throw Error(Errc::failed,
                    "destination " + quote(options.destination.native()) + " is inside of the data directory",
                    "choose a place elsewhere");
}

// Before anything is written.
void check_names(const Options& options, const Selection& selection) {
    if (!is_tree(options)) return;
    for (const auto& mailbox : selection.mailboxes())
        if (const auto problem = outlet::path_problem(mailbox.info.name, layout_of(options)); !problem.empty())
            throw Error(Errc::failed, "mailbox " + quote(mailbox.info.name) + ": " + problem,
                        options.format == Format::maildir && options.layout == outlet::Layout::maildirpp
                            ? "choose --layout nested, or export it by itself"
                            : "rename it, or export it by itself");
}

unsigned jobs_of(const Options& options) {
    return options.jobs != 0 ? options.jobs : default_jobs();
}

UniqueFd standard_output() {
    UniqueFd fd(::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0));
    if (!fd) throw system_error(errno, "open", "standard output");
    return fd;
}

std::unique_ptr<outlet::Writer> open_archive(const Options& options) {
    outlet::ArchiveOptions archive{.format = archive_format_of(options), .threads = jobs_of(options)};
    if (is_tree(options)) archive.layout = options.layout;
    return is_stream(options) ? outlet::archive_stream(standard_output(), "standard output", archive)
                              : outlet::archive_file(options.destination, archive);
}

std::unique_ptr<outlet::Writer> open_writer(const Options& options) {
    switch (options.format) {
        case Format::mbox:
            if (is_stream(options)) return outlet::mbox_stream(standard_output(), "standard output");
            return is_tree(options) ? outlet::mbox_tree(options.destination) : outlet::mbox_file(options.destination);
        case Format::maildir:
            return is_tree(options) ? outlet::maildir_tree(options.destination, options.layout)
                                    : outlet::maildir(options.destination);
        case Format::archive:
            break;
    }
    return open_archive(options);
}

// A record for each mailbox, for those who look closely and for programs.
void report_mailbox(const Options& options, const SelectedMailbox& mailbox, const Totals& totals, cli::Reporter& out) {
    if (is_stream(options)) return;
    const std::string path = is_tree(options) ? outlet::path_of_mailbox(mailbox.info.name, layout_of(options)) : "";
    const bool is_json = out.settings().format == cli::Format::json;
    out.result(cli::Record("mailbox", "{mailbox}: {messages:message|messages} ({size_bytes:bytes})")
                   .set("mailbox", mailbox.info.name)
                   .set("path", path)
                   .set("messages", totals.messages)
                   .set("size_bytes", totals.size_bytes)
                   .set("damaged", totals.damaged)
                   .set("failed", totals.failed),
               is_json ? cli::Show::always : cli::Show::if_verbose);
}

cli::Record summary_of(const Options& options, const Totals& totals, double elapsed_seconds) {
    std::string text = options.dry_run ? "would export" : "exported";
    text +=
        " {messages:message|messages} ({size_bytes:bytes}) in {mailboxes:mailbox|mailboxes} of account {account} to"
        " {destination}";
    if (totals.damaged > 0) text += ", {damaged} damaged";
    if (totals.failed > 0) text += ", {failed} left out";
    cli::Record record("summary", text + " in {elapsed_seconds} s");
    record.set("account", options.account);
    if (options.mailbox) record.set("mailbox", model::normalised_mailbox_name(*options.mailbox));
    record.set("destination", options.destination)
        .set("mailboxes", totals.mailboxes)
        .set("messages", totals.messages)
        .set("size_bytes", totals.size_bytes)
        .set("damaged", totals.damaged)
        .set("failed", totals.failed)
        .set("dry_run", cli::Value(options.dry_run))
        .set("elapsed_seconds", cli::Value(elapsed_seconds));
    return record;
}

Totals examine(const Selection& selection) {
    return {.mailboxes = static_cast<std::int64_t>(selection.mailboxes().size()),
            .messages = selection.messages(),
            .size_bytes = selection.size_bytes()};
}

void add_options(cli::CommandLine& app, Options& options) {
    cli::add_choice(app, "FORMAT", options.format,
                    {{"mbox", Format::mbox}, {"maildir", Format::maildir}, {"archive", Format::archive}},
                    "Form of the export; an archive holds maildirs.");
    app.add_option("ACCOUNT", options.account, "Account to export from.").required().type_name("ACCOUNT");
    // CLI11 fills operands from the left: with one of these two, it is DEST.
    const auto operands = std::make_shared<std::vector<std::string>>();
    const auto take = [&options, operands](const std::string& operand) {
        operands->push_back(operand);
        options.destination = operand;
        if (operands->size() > 1) options.mailbox = operands->front();
    };
    app.add_option_function("MAILBOX", take, "Mailbox to export; all when only DEST follows ACCOUNT.")
        .type_name("MAILBOX");
    app.add_option_function("DEST", take,
                            "New file or folder; '-' writes an archive, or a mailbox as mbox, to standard output.")
        .type_name("PATH");
    app.add_flag("--recursive", options.recursive, "Also the mailboxes below MAILBOX; DEST is then a folder.");
    cli::add_choice(app, "--layout", options.layout,
                    {{"maildir++", outlet::Layout::maildirpp}, {"nested", outlet::Layout::nested}},
                    "How several maildirs lie in DEST.");
    cli::add_choice(
        app, "--archive-format", {"tar", "tar.gz", "tar.zst"},
        [&](std::size_t index) {
            options.archive_format =
                std::array{archive::Format::tar, archive::Format::tar_gzip, archive::Format::tar_zstd}.at(index);
        },
        "Form of an archive; by default as its name says, and tar for standard output.", std::nullopt);
    app.add_option("--since", options.since, "Only what was received on that day (UTC) or later.").type_name("DATE");
    app.add_option("--until", options.until, "Only what was received on that day (UTC) or earlier.").type_name("DATE");
    app.add_option("--from", options.from, "Only messages with this text in the From field.").type_name("TEXT");
    app.add_option("--subject", options.subject, "Only messages with this text in the subject.").type_name("TEXT");
    app.add_option("--flag", options.flags, "Only messages with this flag, such as seen or $Junk; may be repeated.")
        .type_name("FLAG");
    app.add_option("--keyword", options.keywords, "Only messages with this keyword; may be repeated.")
        .type_name("KEYWORD");
    cli::add_config_options(app, options.data_dir);
    cli::add_dry_run_option(app, options.dry_run);
    cli::add_jobs_option(app, options.jobs);
    cli::add_lock_timeout_option(app, options.lock_timeout);
}

}  // namespace

cli::Exit run(const Options& options, cli::Reporter& out) {
    const auto started = std::chrono::steady_clock::now();
    check_options(options, out);
    const Criteria criteria = criteria_of(options);
    const auto data_dir = tools::open_data_dir(options.data_dir);
    check_place(options, data_dir.layout);
    // Nobody erases a file that is on the list until we are done.
    const auto held = datadir::hold_erasure(data_dir.layout, options.lock_timeout);
    auto account = tools::open_account_for_reading(data_dir.layout, options.account, options.lock_timeout);
    Selection selection(account, criteria);
    check_names(options, selection);
    Totals totals;
    if (options.dry_run) {
        totals = examine(selection);
    } else {
        const auto writer = open_writer(options);
        totals = export_all(
            account, selection, *writer, jobs_of(options), out,
            [&](const auto& mailbox, const Totals& of_mailbox) { report_mailbox(options, mailbox, of_mailbox, out); });
    }
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - started;
    if (!is_stream(options)) out.summary(summary_of(options, totals, std::round(elapsed.count() * 1000) / 1000));
    return totals.damaged + totals.failed == 0 ? cli::Exit::ok : cli::Exit::incomplete;
}

cli::Tool tool() {
    return cli::make_tool<Options>(
        {.name = "export",
         .summary = "Export an account or a mailbox as mbox files, maildirs or an archive.",
         .description =
             "Everything that mox-import reads back, flags, keywords and dates included, and that other programs read. "
             "Works beside a running server. DEST must not exist; it appears when it is complete.",
         .examples = {{"mox-export maildir alice ~/alice", "All mailboxes as Maildir++."},
                      {"mox-export --data-dir data mbox alice Archive/2019 - | zstd >2019.mbox.zst",
                       "One mailbox to standard output."}},
         .exits = {cli::Exit::ok, cli::Exit::failed, cli::Exit::usage, cli::Exit::incomplete, cli::Exit::not_found,
                   cli::Exit::locked, cli::Exit::newer_version}},
        add_options, run, [](const Options& options, std::string_view what) {
            return tools::complete_names(options.data_dir, what, options.account);
        });
}

}  // namespace mox::exporting
