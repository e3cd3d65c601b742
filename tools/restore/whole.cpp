#include <fmt/format.h>
#include <unistd.h>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/parallel.hpp"
#include "check/verify.hpp"
#include "snapshot/check_manifest.hpp"
#include "snapshot/restore_directory.hpp"
#include "tools/restore/arguments.hpp"
#include "tools/restore/modes.hpp"

namespace mox::restore {

namespace fs = std::filesystem;

namespace {

snapshot::RestoreOptions restore_options(const Options& options) {
    return {.destination = options.destination,
            .config_dir = options.config_dir,
            .owner = owner_of(options.owner),
            .go_on = options.damaged,
            .uidvalidity = options.keep_uidvalidity ? snapshot::UidValidity::keep : snapshot::UidValidity::fresh,
            .hold_queue = options.hold_queue,
            .jobs = options.jobs != 0 ? options.jobs : default_jobs()};
}

// Looks for damage and tells each. Paths are those below the data directory, wherever it lies.
class Verifying {
public:
    Verifying(const Options& options, cli::Reporter& out) : options_(options), out_(out) {}

    // Before anything is written: the manifest, and all files but messages against it.
    void check_manifest(const snapshot::Source& source) {
        if (source.manifest() == nullptr) return;
        out_.step("verifying the manifest");
        problems_ += static_cast<std::uint64_t>(source.manifest()->problem_count);
        for (const auto& problem : source.manifest()->problems)
            out_.warning(quote(problem.path) + ", when the snapshot was made: " + problem.detail);
        if (!source.has_message_files()) return;  // an archive was compared with it when it was opened
        snapshot::check_manifest(source.path(), [&](const snapshot::Deviation& deviation) {
            ++problems_;
            out_.finding({.path = deviation.path, .detail = deviation.detail, .check = "manifest"});
        });
    }
    // Every promise, contents of messages included.
    void check_all(const datadir::Layout& layout, std::string_view what) {
        out_.step(what);
        cli::Progress progress(out_, {.label = "verifying", .unit = "messages"});
        const auto sums = check::verify(
            layout,
            {.contents = check::Contents::hashes,
             .jobs = options_.jobs,
             .lock_timeout = options_.lock_timeout,
             .progress = [&](std::uint64_t messages, std::uint64_t bytes) { progress.add(messages, bytes); }},
            [&](const check::Finding& finding) {
                if (finding.severity != check::Severity::error) return;
                out_.finding({.path = finding.path, .detail = finding.detail, .check = std::string(finding.check)});
            });
        problems_ += sums.errors;
        unknown_formats_ += sums.unknown_formats;
    }
    void require_sound(const snapshot::Source& source) const {
        if (problems_ == 0 || options_.damaged) return;
        if (problems_ == unknown_formats_)
            throw Error(Errc::newer_version,
                        "snapshot " + quote(source.path().native()) +
                            " has databases of a format "
                            "that this program does not know",
                        "use a newer release of moxtools");
        throw Error(Errc::corrupt,
                    fmt::format("snapshot {} is damaged: {} {}", quote(source.path().native()), problems_,
                                problems_ == 1 ? "problem" : "problems"),
                    "another snapshot may be whole; --damaged restores what can be restored of this one");
    }
    [[nodiscard]] std::uint64_t problems() const { return problems_; }

private:
    const Options& options_;
    cli::Reporter& out_;
    std::uint64_t problems_ = 0, unknown_formats_ = 0;
};

cli::Record summary_of(const Options& options, const snapshot::Source& source, const snapshot::RestoreTotals& totals,
                       std::uint64_t problems, double elapsed_seconds) {
    const bool leaves_config = !options.config_dir && !source.config().empty();
    std::string text =
        "restored {messages:message|messages} of {accounts:account|accounts} ({files:file|files}, {file_bytes:bytes}) "
        "to {destination} in {elapsed_seconds} s";
    if (problems > 0) text += "; {problems:problem|problems}";
    if (leaves_config)
        text += source.has_message_files() ? "; the configuration is in {config}" : "; without the configuration";
    return cli::Record("summary", text)
        .set("destination", options.destination)
        .set("config", leaves_config && source.has_message_files() ? source.config() : options.config_dir.value_or(""))
        .set("accounts", totals.accounts)
        .set("mailboxes", totals.mailboxes)
        .set("messages", totals.messages)
        .set("queued_messages", totals.queued_messages)
        .set("files", totals.files)
        .set("file_bytes", totals.file_bytes)
        .set("config_files", totals.config_files)
        .set("uidvalidity", options.keep_uidvalidity ? "kept" : "fresh")
        .set("problems", problems)
        .set("dry_run", cli::Value(false))
        .set("elapsed_seconds", cli::Value(elapsed_seconds));
}

cli::Exit run_dry(const Options& options, const snapshot::Source& source, bool replaces, Verifying& verifying,
                  cli::Reporter& out) {
    // Of an archive, messages are seen only when they are unpacked.
    if (source.has_message_files()) {
        verifying.check_all(datadir::Layout(source.data()), "verifying the snapshot");
        verifying.require_sound(source);
    }
    std::string text = "would restore {snapshot} to {destination}";
    if (replaces) text += ", replacing what an interrupted restore left";
    out.summary(cli::Record("summary", text)
                    .set("snapshot", source.path())
                    .set("destination", options.destination)
                    .set("replaces_incomplete", cli::Value(replaces))
                    .set("problems", verifying.problems())
                    .set("dry_run", cli::Value(true)));
    return verifying.problems() == 0 ? cli::Exit::ok : cli::Exit::incomplete;
}

// What whoever restores should know before the server runs again.
void give_hints(const Options& options, const snapshot::RestoreTotals& totals, const datadir::Layout& layout,
                cli::Reporter& out) {
    if (totals.queued_messages > 0 && !options.hold_queue)
        out.warning(fmt::format("{} queued {} will be sent, also what was sent after the snapshot was made",
                                totals.queued_messages, totals.queued_messages == 1 ? "message" : "messages"),
                    "--hold-queue keeps them until you say so");
    if (::geteuid() == 0 && datadir::ownership_of(layout.root()).user == 0U && options.owner.empty())
        out.warning(quote(layout.root().native()) + " belongs to root",
                    "a server that runs as another user cannot write there; --owner says whose it is");
}

}  // namespace

cli::Exit restore_whole(const Options& options, snapshot::Source& source, cli::Reporter& out) {
    const Stopwatch watch;
    const auto settings = restore_options(options);
    const bool replaces = snapshot::require_restorable(source, settings);
    Verifying verifying(options, out);
    verifying.check_manifest(source);
    verifying.require_sound(source);
    if (options.dry_run) return run_dry(options, source, replaces, verifying, out);

    snapshot::RestoreTotals totals;
    {
        Listener listener(out, "files");
        snapshot::DirectoryRestore restore(source, settings, listener);
        restore.copy();
        listener.end_progress();
        verifying.check_all(restore.layout(), "verifying what was restored");
        verifying.require_sound(source);
        restore.renew_databases();
        restore.complete();
        totals = restore.totals();
        give_hints(options, totals, restore.layout(), out);
    }
    const auto problems = verifying.problems() + static_cast<std::uint64_t>(totals.problems);
    out.summary(summary_of(options, source, totals, problems, watch.seconds()));
    return problems == 0 ? cli::Exit::ok : cli::Exit::incomplete;
}

}  // namespace mox::restore
