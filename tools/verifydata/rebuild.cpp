#include "tools/verifydata/rebuild.hpp"

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/file.hpp"
#include "cli/progress.hpp"
#include "repair/rebuild.hpp"
#include "snapshot/source.hpp"
#include "tools/verifydata/findings.hpp"

namespace mox::verifydata {

namespace fs = std::filesystem;

namespace {

// The account's database of a snapshot, as it was when the snapshot was taken.
fs::path database_of(const snapshot::Source& source, const std::string& account) {
    const std::string path = "accounts/" + account + "/index.db";
    const fs::path file = source.data() / path;
    if (!status_of(file))
        throw Error(Errc::not_found, quote(source.path().native()) + " has no account " + quote(account),
                    "choose another snapshot, or do without --from");
    if (const auto trouble = snapshot::database_trouble(source, path); !trouble.empty())
        throw Error(Errc::corrupt, quote(file.native()) + " " + trouble, "choose another snapshot");
    return file;
}

cli::Record summary_of(const datadir::Layout& layout, const Options& options, const repair::Rebuilt& done,
                       double elapsed_seconds) {
    std::string text = "{directory:plain}: account {account} rebuilt, {messages:message|messages}, ";
    if (!options.from.empty()) text += "{known_messages} as the snapshot knew them, {lost_messages} lost, ";
    text += "{recovered_messages} in the mailbox Recovered, ";
    if (done.unread > 0) text += "{unread_files:file|files} not read, ";
    return cli::Record("summary", text + "in {elapsed_seconds} s")
        .set("directory", layout.root())
        .set("account", options.rebuild)
        .set("messages", done.messages)
        .set("known_messages", done.known)
        .set("recovered_messages", done.recovered)
        .set("lost_messages", done.lost)
        .set("unread_files", done.unread)
        .set("repairs", done.actions)
        .set("elapsed_seconds", cli::Value(elapsed_seconds));
}

}  // namespace

cli::Exit rebuild(const datadir::Layout& layout, const Options& options, cli::Reporter& out) {
    const auto started = std::chrono::steady_clock::now();
    const TemporaryDirectory scratch(fs::temp_directory_path(), "mox-verify-");
    std::unique_ptr<snapshot::Source> source;
    repair::RebuildOptions how{
        .account = options.rebuild, .force = options.force, .jobs = options.jobs, .lock_timeout = options.lock_timeout};
    if (!options.from.empty()) {
        source = snapshot::open_source(options.from, scratch.path());
        if (source->path() != options.from) out.step("using " + quote(source->path().native()));
        how.snapshot_database = database_of(*source, options.rebuild);
    }
    repair::Rebuilt done;
    {
        cli::Progress progress(out, {.label = "reading", .unit = "messages"});
        how.progress = [&](std::uint64_t messages, std::uint64_t bytes) { progress.add(messages, bytes); };
        done = repair::rebuild(layout, how,
                               {.action = [&](const repair::Action& action) { out.result(shown(action)); },
                                .trouble = [&](const std::string& path, const std::string& what,
                                               const std::string& hint) { out.error(quote(path) + ": " + what, hint); },
                                .finding = [](const check::Finding&) {}});
    }
    if (options.from.empty())
        out.warning(
            "mailboxes, flags, settings and the password of " + quote(options.rebuild) + " are not known any more",
            "--from SNAPSHOT brings back what a snapshot has of them");
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - started;
    out.summary(summary_of(layout, options, done, elapsed.count()));
    return done.unread == 0 ? cli::Exit::ok : cli::Exit::failed;
}

}  // namespace mox::verifydata
