#include "tools/import/importing.hpp"

#include <charconv>
#include <optional>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "cli/progress.hpp"
#include "config/junk_flags.hpp"
#include "mime/date.hpp"
#include "model/mailbox_name.hpp"
#include "tools/shared/data_dir.hpp"

namespace mox::importing {

namespace {

bool is_single(const Options& options) {
    return options.format == Format::mbox || options.format == Format::maildir;
}

std::filesystem::path source_path(const Options& options) {
    const std::size_t wanted = is_single(options) ? 2 : 1;
    if (options.operands.size() != wanted)
        throw Error(
            Errc::usage,
            is_single(options) ? "mbox and maildir take ACCOUNT MAILBOX PATH" : "auto and archive take ACCOUNT PATH",
            is_single(options) ? "" : "--into names one mailbox for everything");
    if (options.operands.back().empty()) throw Error(Errc::usage, "PATH is empty");
    return options.operands.back();
}

std::unique_ptr<intake::MailTree> open_source(const Options& options, const std::filesystem::path& path,
                                              cli::Reporter& out) {
    // Shown only while it is used: an archive is read twice, which may take a while.
    std::optional<cli::Progress> progress;
    const intake::TreeOptions tree{
        .source = {.max_message_bytes = options.max_message_bytes},
        .looking_around =
            [&](const intake::TreeProgress& state) {
                if (!progress) progress.emplace(out, cli::Progress::Options{.label = "looking at it", .unit = "files"});
                progress->add(1);
                progress->set_share(state.done, state.total);
            },
        .keep_partial = options.keep_partial};
    if (path == "-" && options.format != Format::mbox)
        throw Error(Errc::usage, "only an mbox can be read from standard input");
    switch (options.format) {
        case Format::mbox:
            return intake::tree_of(intake::open_mbox(path, tree.source), escaped(path.native()));
        case Format::maildir:
            return intake::tree_of(intake::open_maildir(path), escaped(path.native()));
        case Format::archive:
            return intake::open_archive_tree(path, tree);
        case Format::automatic:
            break;
    }
    return intake::open_tree(path, tree);
}

std::string checked_mailbox(const std::string& typed) {
    std::string name = model::normalised_mailbox_name(typed);
    if (const auto problem = model::mailbox_name_problem(name); !problem.empty())
        throw Error(Errc::usage, "mailbox name " + quote(typed) + " " + std::string(problem));
    return name;
}

// Midnight, UTC, of a day written YYYY-MM-DD.
std::optional<std::int64_t> since_of(const std::string& text) {
    if (text.empty()) return std::nullopt;
    constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
    const auto number = [&](std::size_t at, std::size_t size) {
        int value = -1;
        const char* const begin = text.data() + at;
        const auto parsed = std::from_chars(begin, begin + size, value);
        return parsed.ptr == begin + size ? value : -1;
    };
    std::optional<Timestamp> time;
    if (text.size() == 10 && text[4] == '-' && text[7] == '-') {
        const int month = number(5, 2);
        if (month >= 1 && month <= 12)
            time = mime::parse_date(text.substr(8, 2) + " " +
                                    std::string(months.substr(static_cast<std::size_t>(month - 1) * 3, 3)) + " " +
                                    text.substr(0, 4) + " 00:00:00 +0000");
    }
    if (!time || number(0, 4) < 0 || number(8, 2) < 0)
        throw Error(Errc::usage, "--since: " + quote(text) + " is no day", "write it as 2024-01-31");
    return time->seconds;
}

Settings settings_of(const Options& options, const tools::DataDir& data_dir) {
    Settings settings{.labels = options.labels,
                      .skip_duplicates = options.skip_duplicates,
                      .since = since_of(options.since),
                      .max_message_bytes = options.max_message_bytes,
                      .report = options.report,
                      .show_mailboxes = !is_single(options),
                      .jobs = options.jobs};
    auto& rules = settings.destinations;
    if (is_single(options)) rules.into = checked_mailbox(options.operands[0]);
    if (!options.into.empty()) rules.into = checked_mailbox(options.into);
    if (!options.prefix.empty()) rules.prefix = checked_mailbox(options.prefix);
    if (!rules.into.empty() && !rules.prefix.empty())
        throw Error(Errc::usage, "--prefix has no meaning when everything goes into one mailbox");
    rules.include = options.include;
    rules.exclude = options.exclude;
    rules.map_special_use = !options.keep_names;
    if (data_dir.config) rules.junk = config::junk_flags(*data_dir.config, options.account);
    return settings;
}

cli::Record summary_of(const Totals& totals, const Options& options, const std::string& mailbox) {
    std::string text = options.dry_run ? "would import" : "imported";
    text += " {messages:message|messages} ({size_bytes:bytes}) into ";
    text += mailbox.empty() ? "{mailboxes:mailbox|mailboxes}" : "{mailbox}";
    text += " of account {account}";
    if (totals.duplicates > 0) text += ", {duplicates} were there already";
    if (totals.too_old > 0) text += ", {too_old} are older than asked for";
    if (totals.failed > 0) text += ", {failed} could not be read";
    cli::Record record("summary", text + " in {elapsed_seconds} s");
    record.set("account", options.account);
    if (!mailbox.empty()) record.set("mailbox", mailbox);
    record.set("mailboxes", totals.mailboxes)
        .set("messages", totals.messages)
        .set("size_bytes", totals.size_bytes)
        .set("duplicates", totals.duplicates)
        .set("too_old", totals.too_old)
        .set("failed", totals.failed)
        .set("rejected_keywords", totals.rejected_keywords)
        .set("dry_run", cli::Value(options.dry_run))
        .set("elapsed_seconds", cli::Value(totals.elapsed_seconds));
    return record;
}

void add_selection_options(cli::CommandLine& app, Options& options) {
    app.add_option("--into", options.into, "Put everything into this one mailbox.").type_name("MAILBOX");
    app.add_option("--prefix", options.prefix, "Put all mailboxes below this one.").type_name("MAILBOX");
    app.add_option("--include", options.include, "Only mailboxes that match, such as 'Lists/*'.").type_name("PATTERN");
    app.add_option("--exclude", options.exclude, "No mailboxes that match.").type_name("PATTERN");
    app.add_flag("--keep-names", options.keep_names,
                 "Keep names such as 'Sent Items' instead of using the account's mailbox for sent mail.");
    cli::add_choice(
        app, "--gmail-labels", options.labels,
        {{"mailboxes", LabelUse::mailboxes}, {"keywords", LabelUse::keywords}, {"ignore", LabelUse::ignore}},
        "What becomes of labels in mail from Google Takeout.");
    app.add_option("--since", options.since, "Only messages received on or after this day, YYYY-MM-DD in UTC.")
        .type_name("DAY");
    app.add_flag("--skip-duplicates", options.skip_duplicates,
                 "Leave out what the mailbox holds already: the same contents, or the same Message-ID and size.");
    app.add_option("--max-message-size", options.max_message_bytes, "Refuse larger messages.")
        .type_name("BYTES")
        .default_text();
    app.add_flag("--keep-partial", options.keep_partial,
                 "Of an archive that is cut off or damaged, import what came before.");
    app.add_option("--report", options.report, "Write a JSON line for each message to this file.").type_name("FILE");
}

void add_options(cli::CommandLine& app, Options& options) {
    cli::add_choice(app, "FORMAT", options.format,
                    {{"mbox", Format::mbox},
                     {"maildir", Format::maildir},
                     {"auto", Format::automatic},
                     {"archive", Format::archive}},
                    "Form of PATH; auto finds out.");
    app.add_option("ACCOUNT", options.account, "Account to import into.").required().type_name("ACCOUNT");
    app.add_option("PATH", options.operands,
                   "For mbox and maildir: MAILBOX, which is made with its parents when missing, and then the file or "
                   "folder; '-' reads an mbox from standard input. For auto and archive: the file or folder.")
        .required()
        .expected(1, 2)
        .type_name("PATH");
    add_selection_options(app, options);
    cli::add_config_options(app, options.data_dir);
    cli::add_dry_run_option(app, options.dry_run);
    cli::add_jobs_option(app, options.jobs);
    cli::add_lock_timeout_option(app, options.lock_timeout);
}

Totals look_at(const tools::DataDir& data_dir, const Options& options, intake::MailTree& tree, const Settings& settings,
               cli::Reporter& out) {
    tools::require_account(data_dir, options.account);
    if (!status_of(data_dir.layout.account(options.account))) return examine(nullptr, tree, settings, out);
    auto account = tools::open_account_untouched(data_dir.layout, options.account);
    return examine(&account, tree, settings, out);
}

}  // namespace

cli::Exit run(const Options& options, cli::Reporter& out) {
    const auto path = source_path(options);
    if (is_single(options)) (void)checked_mailbox(options.operands[0]);
    const auto data_dir = tools::open_data_dir(options.data_dir);
    const Settings settings = settings_of(options, data_dir);
    const auto tree = open_source(options, path, out);
    if (!is_single(options))
        out.result(
            cli::Record("found", "found {what:plain} in {path}").set("what", tree->description()).set("path", path),
            cli::Show::unless_quiet);
    Totals totals;
    if (options.dry_run) {
        totals = look_at(data_dir, options, *tree, settings, out);
    } else {
        auto account =
            tools::open_account(data_dir, options.account, {.lock_timeout = options.lock_timeout, .cache_kib = 16'384});
        totals = import_into(account, *tree, settings, out);
    }
    out.summary(summary_of(totals, options, settings.destinations.into));
    return totals.failed == 0 && !totals.report_failed ? cli::Exit::ok : cli::Exit::incomplete;
}

cli::Tool tool() {
    return cli::make_tool<Options>(
        {.name = "import",
         .summary = "Import mail of other programs into mailboxes.",
         .description =
             "All messages become visible at once, or none. Flags, keywords and dates come along. Works beside a "
             "running server. Importing twice gives every message twice, unless --skip-duplicates is given.",
         .examples = {{"mox-import mbox alice Inbox ~/mail.mbox", "With the configuration in config/mox.conf."},
                      {"mox-import auto alice ~/Maildir", "All mailboxes of a Maildir++, a Thunderbird profile, …"},
                      {"zcat old.gz | mox-import --data-dir data mbox alice Archive/2019 -", "From standard input."}},
         .exits = {cli::Exit::ok, cli::Exit::failed, cli::Exit::usage, cli::Exit::incomplete, cli::Exit::not_found,
                   cli::Exit::locked, cli::Exit::newer_version}},
        add_options, run, [](const Options& options, std::string_view what) {
            return tools::complete_names(options.data_dir, what, options.account);
        });
}

}  // namespace mox::importing
