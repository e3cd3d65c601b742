#include "tools/backup/job.hpp"

#include <cmath>

#include "base/encoding.hpp"
#include "base/parallel.hpp"
#include "config/load.hpp"

namespace mox::backup {

namespace {

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

double seconds_since(std::chrono::steady_clock::time_point start) {
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
    return std::round(elapsed.count() * 1000) / 1000;
}

}  // namespace

void Listener::problem(const snapshot::Problem& problem) {
    out_.warning(quote(problem.path) + ": " + problem.detail);
}

snapshot::TakeOptions take_options(const Options& options) {
    snapshot::TakeOptions take{.messages = {.allow_link = options.link_live},
                               .jobs = options.jobs != 0 ? options.jobs : default_jobs(),
                               .lock_timeout = options.lock_timeout,
                               .clock = options.clock};
    find_source(options, take);
    return take;
}

cli::Record summary_of(const snapshot::Manifest& manifest, const std::filesystem::path& snapshot,
                       const std::optional<Pruning>& pruning, std::chrono::steady_clock::time_point started) {
    const auto& totals = manifest.totals;
    std::string text = "{messages:message|messages} of {accounts:account|accounts} ({message_bytes:bytes}; ";
    if (pruning) text += "{shared} shared, ";
    text +=
        "{linked} linked, {reflinked} reflinked, {copied} copied) and {files:other file|other files} "
        "({file_bytes:bytes}) in {destination} in {elapsed_seconds} s";
    if (!manifest.complete()) text += "; {problems:problem|problems}";
    if (manifest.verification == snapshot::Verification::failed) text += ", not verified";
    if (manifest.verification == snapshot::Verification::unshared) text += "; verified, without reading shared files";
    if (manifest.verification == snapshot::Verification::full) text += "; verified";
    if (pruning) text += "; {kept:snapshot|snapshots} kept, {removed} removed";
    cli::Record record("summary", text);
    record.set("destination", snapshot)
        .set("complete", cli::Value(manifest.complete()))
        .set("accounts", totals.accounts)
        .set("mailboxes", totals.mailboxes)
        .set("messages", totals.messages)
        .set("queued_messages", totals.queued_messages)
        .set("message_files", totals.message_files)
        .set("message_bytes", totals.message_bytes)
        .set("shared", totals.shared)
        .set("linked", totals.linked)
        .set("reflinked", totals.reflinked)
        .set("copied", totals.copied)
        .set("files", totals.files)
        .set("file_bytes", totals.file_bytes)
        .set("config", cli::Value(manifest.config))
        .set("problems", manifest.problem_count)
        .set("verification", to_string(manifest.verification));
    if (!manifest.previous.empty()) record.set("previous", manifest.previous);
    if (pruning) record.set("kept", pruning->kept).set("removed", pruning->removed);
    record.set("dry_run", cli::Value(false)).set("elapsed_seconds", cli::Value(seconds_since(started)));
    return record;
}

cli::Record dry_summary_of(const snapshot::Plan& plan, const std::filesystem::path& snapshot,
                           const std::optional<Pruning>& pruning) {
    std::string text =
        "would copy {messages:message|messages} of {accounts:account|accounts} ({message_bytes:bytes}) and "
        "{databases:database|databases} ({database_bytes:bytes}) to {destination}";
    if (plan.replaces_incomplete) text += ", replacing an incomplete snapshot";
    if (pruning) text += ", keep {kept:snapshot|snapshots} and remove {removed}";
    cli::Record record("summary", text);
    record.set("destination", snapshot)
        .set("accounts", plan.accounts)
        .set("messages", plan.messages)
        .set("message_bytes", plan.message_bytes)
        .set("databases", plan.databases)
        .set("database_bytes", plan.database_bytes)
        .set("replaces_incomplete", cli::Value(plan.replaces_incomplete));
    if (pruning) record.set("kept", pruning->kept).set("removed", pruning->removed);
    record.set("dry_run", cli::Value(true));
    return record;
}

cli::Exit exit_of(const snapshot::Manifest& manifest) {
    if (manifest.verification == snapshot::Verification::failed) return cli::Exit::failed;
    return manifest.complete() ? cli::Exit::ok : cli::Exit::incomplete;
}

}  // namespace mox::backup
