#include "check/verify.hpp"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <map>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/interrupt.hpp"
#include "base/parallel.hpp"
#include "check/account.hpp"
#include "check/directory.hpp"
#include "check/queue.hpp"
#include "datadir/lock.hpp"
#include "snapshot/check_manifest.hpp"

namespace mox::check {

namespace {

// Passes the findings of scopes on in the order of the scopes, each as soon as all before it are complete.
class Deliverer {
public:
    Deliverer(const Sink& sink, Summary& summary) : sink_(sink), summary_(summary) {}

    void complete(std::size_t index, Scope& scope) {
        const std::lock_guard lock(mutex_);
        scope.add_to(summary_);
        waiting_.emplace(index, scope.take_findings());
        for (auto it = waiting_.begin(); it != waiting_.end() && it->first == next_; it = waiting_.erase(it), ++next_)
            for (const auto& finding : it->second) sink_(finding);
    }

private:
    const Sink& sink_;
    Summary& summary_;
    std::mutex mutex_;
    std::map<std::size_t, std::vector<Finding>> waiting_;
    std::size_t next_ = 0;
};

// What tells that nothing could be looked at is told whatever was asked for.
Options with_necessary_checks(Options options) {
    if (options.only.any())
        for (const CheckId check : {CheckId("folder"), CheckId("database"), CheckId("database-format")})
            options.only.set(check.index());
    return options;
}

UniqueFd open_root(const datadir::Layout& layout) {
    UniqueFd root(::open(layout.root().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!root) throw system_error(errno, "open data directory", layout.root().native());
    return root;
}

// Nobody shall erase message files while we look for them. The lock files are not made for it: without them nobody has
// ever erased anything here, and what begins to be erased is looked at twice.
std::optional<datadir::Lock> hold_erasure(const datadir::Layout& layout, const Options& options) {
    for (const std::string_view name : {"erase", "erase-turnstile"}) {
        const auto status = status_of(layout.lock(name));
        if (!status || !S_ISREG(status->st_mode)) return std::nullopt;
    }
    return datadir::hold_erasure(layout, options.lock_timeout);
}

std::vector<std::string> account_names(Scope& scope) {
    std::vector<std::string> names;
    const UniqueFd folder = open_folder(scope, scope.run().root.get(), "accounts", "accounts");
    if (!folder) return names;
    for_each_entry_of(scope, folder.get(), "accounts", [&](const char* name) {
        struct stat status = {};
        if (::fstatat(folder.get(), name, &status, AT_SYMLINK_NOFOLLOW) != 0) return;
        if (S_ISDIR(status.st_mode))
            names.emplace_back(name);
        else if (S_ISLNK(status.st_mode))
            scope.add("folder", std::string("accounts/") + name,
                      "is a symbolic link, which is not followed: what it leads to is not looked at");
        else
            scope.add("unknown-file", std::string("accounts/") + name,
                      fmt::format("is {}, not the folder of an account", kind_of(status.st_mode)));
    });
    std::sort(names.begin(), names.end());
    return names;
}

// Paths of the manifest are below the snapshot, those of findings below its data directory.
std::string finding_path(const std::string& path) {
    return path.starts_with("data/") ? path.substr(5) : "../" + path;
}

void check_snapshot(Scope& scope) {
    if (!scope.wanted("manifest")) return;
    const auto sink = [&](const snapshot::Deviation& deviation) {
        scope.add("manifest", finding_path(deviation.path), deviation.detail,
                  "the snapshot was changed after it was made, or by a fault of its disk");
    };
    if (scope.run().options.archive != nullptr)
        snapshot::check_archive(*scope.run().options.archive, scope.run().options.snapshot, sink);
    else
        snapshot::check_manifest(scope.run().options.snapshot, sink);
}

// What the pass over an archive met.
void check_archive(Scope& scope) {
    const auto& archive = *scope.run().options.archive;
    for (const auto& [path, detail] : archive.deviations)
        scope.add("archive", path.empty() ? escaped(archive.name) : finding_path(path), detail);
    for (const auto& path : archive.other_owners)
        scope.add("owner-mode", finding_path(path), "belongs to another user than the data directory");
}

}  // namespace

Summary verify(const datadir::Layout& layout, const Options& given, const Sink& sink) {
    const Options options = with_necessary_checks(given);
    Pool pool(options.jobs == 0 ? default_jobs() : options.jobs);
    Run run{.layout = layout,
            .options = options,
            .pool = pool,
            .root = open_root(layout),
            .scratch = options.scratch.empty() ? std::filesystem::temp_directory_path() : options.scratch};
    struct stat status = {};
    if (::fstat(run.root.get(), &status) != 0) throw system_error(errno, "stat", layout.root().native());
    run.owner = status.st_uid;
    run.others = status.st_mode & 07;
    const auto erasure = hold_erasure(layout, options);

    Summary summary;
    Deliverer deliverer(sink, summary);
    Scope directory(run);
    check_directory(directory);
    const auto names = account_names(directory);
    deliverer.complete(0, directory);

    std::vector<Part> parts = database_parts();
    parts.push_back({"queue", check_queue});
    for (const auto& name : names)
        parts.push_back({"accounts/" + name, [&name](Scope& scope) { check_account(scope, name); }});
    if (options.archive != nullptr) parts.push_back({"..", check_archive});
    if (!options.snapshot.empty()) parts.push_back({"../manifest.json", check_snapshot});
    std::vector<Pool::Task> tasks;
    for (std::size_t i = 0; i < parts.size(); ++i)
        tasks.push_back([&, i] {
            check_interrupt();
            Scope scope(run);
            scope.guard(parts[i].path, [&] { parts[i].check(scope); });
            deliverer.complete(i + 1, scope);
        });
    pool.run(tasks);
    summary.accounts = names.size();
    return summary;
}

std::string check_table() {
    std::string text = "| check | promise | severity | what must hold |\n|---|---|---|---|\n";
    for (const Check& check : checks)
        text += fmt::format("| `{}` | P{} | {} | {} |\n", check.id, check.promise,
                            check.severity == Severity::error ? "error" : "warning", check.sentence);
    return text;
}

}  // namespace mox::check
