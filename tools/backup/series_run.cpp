#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/interrupt.hpp"
#include "snapshot/series.hpp"
#include "tools/backup/job.hpp"

namespace mox::backup {

namespace {

using snapshot::SeriesEntry;
using snapshot::SeriesState;

std::filesystem::path config_of(const snapshot::TakeOptions& take) {
    return take.config_dir.value_or(std::filesystem::path());
}

Timestamp now(const Options& options) {
    const SystemClock system;
    return (options.clock != nullptr ? *options.clock : system).now();
}

void warn_of(const std::vector<SeriesEntry>& entries, cli::Reporter& out) {
    for (const auto& entry : entries)
        if (entry.state == SeriesState::unreadable)
            out.warning(quote(entry.name) + " is left alone, it is no snapshot that can be read: " + entry.detail);
}

std::string name_for(const std::vector<SeriesEntry>& entries, const Timestamp& time, cli::Reporter& out) {
    const auto next = snapshot::next_name(entries, time);
    if (next.seconds_behind > 0)
        out.warning(fmt::format("the clock is {} s behind the newest snapshot, {}, so this one is named {}",
                                next.seconds_behind, quote(entries.back().name), quote(next.name)),
                    "set the clock; if it was ahead then, rename or remove that snapshot");
    return next.name;
}

cli::Record record_of(const snapshot::RetentionVerdict& verdict, std::string_view text) {
    return cli::Record("snapshot", text)
        .set("name", verdict.name)
        .set("action", verdict.keep ? "keep" : "remove")
        .set("reason", verdict.reason);
}

// A failure to remove old snapshots spoils no new one: it is told, and the rest is done.
class Pruner {
public:
    Pruner(const snapshot::Series& series, cli::Reporter& out) : series_(series), out_(out) {}

    void clean_up() {
        const auto done = series_.clean_up();
        for (const auto& name : done.removed) out_.step("removed " + quote(name));
        for (const auto& error : done.failures) fail(error);
    }
    // Removes the oldest first.
    void prune(const snapshot::Retention& keep) {
        out_.step("removing old snapshots");
        auto verdicts = snapshot::judge_series(snapshot::list_series(series_.folder()), keep);
        std::ranges::reverse(verdicts);
        for (const auto& verdict : verdicts) {
            check_interrupt();
            if (!verdict.keep && !remove(verdict.name)) continue;
            ++(verdict.keep ? done_.kept : done_.removed);
            tell(verdict);
        }
    }
    void keep_all() {
        for (const auto& entry : snapshot::list_series(series_.folder()))
            if (entry.state == SeriesState::complete || entry.state == SeriesState::with_problems) ++done_.kept;
    }
    [[nodiscard]] const Pruning& done() const { return done_; }
    [[nodiscard]] bool failed() const { return failed_; }

private:
    bool remove(const std::string& name) try {
        series_.remove(name);
        return true;
    } catch (const Interrupted&) {
        throw;
    } catch (const Error& error) {
        fail(error);
        return false;
    }
    void fail(const Error& error) {
        failed_ = true;
        out_.error(std::string("remove an old snapshot: ") + error.what(), error.hint(), error.code());
    }
    void tell(const snapshot::RetentionVerdict& verdict) {
        const bool is_json = out_.settings().format == cli::Format::json;
        out_.result(record_of(verdict, verdict.keep ? "kept {name}: {reason:plain}" : "removed {name}: {reason:plain}"),
                    is_json ? cli::Show::always : cli::Show::if_verbose);
    }

    const snapshot::Series& series_;
    cli::Reporter& out_;
    Pruning done_;
    bool failed_ = false;
};

cli::Exit run_dry(const snapshot::TakeOptions& take, const Options& options, cli::Reporter& out) {
    std::vector<SeriesEntry> entries;
    const bool exists = directory_exists(options.destination);
    if (exists) entries = snapshot::list_series(options.destination);
    warn_of(entries, out);
    const Timestamp time = now(options);
    const std::string name = name_for(entries, time, out);
    const auto plan = snapshot::plan(take, exists ? options.destination / name : options.destination);
    Pruning pruning;
    for (const auto& entry : entries)
        if (entry.state == SeriesState::incomplete)
            out.result(record_of({entry.name, false, "incomplete"}, "would remove {name}: {reason:plain}"));
    for (const auto& verdict :
         snapshot::judge_series(entries, options.keep, snapshot::RetentionCandidate{name, time.seconds, false})) {
        ++(verdict.keep ? pruning.kept : pruning.removed);
        out.result(record_of(
            verdict, verdict.keep ? "would keep {name}: {reason:plain}" : "would remove {name}: {reason:plain}"));
    }
    out.summary(dry_summary_of(plan, options.destination / name, pruning));
    return cli::Exit::ok;
}

}  // namespace

cli::Exit run_series(const Options& options, cli::Reporter& out) {
    const auto started = std::chrono::steady_clock::now();
    auto take = take_options(options);
    snapshot::require_source(take);
    snapshot::require_series_usable(options.destination, take.data_dir, config_of(take));
    if (options.dry_run) return run_dry(take, options, out);

    const snapshot::Series series(options.destination, snapshot::mode_of(take.data_dir));
    Pruner pruner(series, out);
    pruner.clean_up();
    const auto entries = snapshot::list_series(series.folder());
    warn_of(entries, out);
    take.previous = snapshot::newest_complete(series.folder(), entries);
    const std::string name = name_for(entries, now(options), out);
    snapshot::Manifest manifest;
    {
        snapshot::NewSnapshot fresh(series, name);
        {
            Listener listener(out);
            manifest = snapshot::take(take, fresh.path(), listener);
        }
        // What has problems cannot verify, and nothing depends on it.
        if (options.verify != Verify::no && manifest.complete())
            verify(fresh.path(), manifest, take.previous ? take.previous->directory : std::filesystem::path(), options,
                   out);
        fresh.publish();
    }
    if (manifest.complete())
        pruner.prune(options.keep);
    else
        pruner.keep_all();
    out.summary(summary_of(manifest, series.folder() / name, pruner.done(), started));
    return pruner.failed() && manifest.complete() ? cli::Exit::failed : exit_of(manifest);
}

}  // namespace mox::backup
