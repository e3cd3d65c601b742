#include "repair/part.hpp"

#include "base/copy.hpp"
#include "base/error.hpp"
#include "db/inspect.hpp"
#include "db/snapshot.hpp"

namespace mox::repair {

namespace fs = std::filesystem;

void copy_database(const fs::path& from, const fs::path& to, std::chrono::milliseconds lock_timeout,
                   const Ownership& ownership) {
    if (db::in_use(from)) {
        db::snapshot(from, to, {.lock_timeout = lock_timeout}, ownership);
        return;
    }
    for (const std::string_view suffix : {"", "-wal", "-journal"}) {
        const fs::path file = from.native() + std::string(suffix);
        if (status_of(file)) link_or_copy(file, to.native() + std::string(suffix), {}, ownership);
    }
}

Part::Part(Run& run, const std::vector<check::Finding>& findings) : run_(run), findings_(findings) {}

bool Part::has(CheckId check, std::string_view path) const {
    return std::ranges::any_of(findings_, [&](const check::Finding& finding) {
        return finding.check == check.check().id && (path.empty() || finding.path == path);
    });
}

std::vector<std::string> Part::paths(CheckId check) const {
    std::vector<std::string> paths;
    for (const auto& finding : findings_)
        if (finding.check == check.check().id) paths.push_back(finding.path);
    std::ranges::sort(paths);
    const auto rest = std::ranges::unique(paths);
    paths.erase(rest.begin(), rest.end());
    return paths;
}

void Part::use_copies() {
    scratch_.emplace(run_.options.scratch.empty() ? fs::temp_directory_path() : run_.options.scratch, "mox-repair-");
    databases_.emplace(scratch_->path());
    make_directory(databases_->tmp());
    // So that reservations of running processes look as they are.
    if (directory_exists(run_.layout.locks()))
        fs::create_directory_symlink(fs::absolute(run_.layout.locks()), databases_->locks());
}

void Part::copy_database(const fs::path& path) {
    if (!databases_ || !status_of(path)) return;
    const fs::path copy = databases_->root() / run_.layout.relative(path);
    make_directories(copy.parent_path());
    mox::repair::copy_database(path, copy, run_.options.lock_timeout, {});
}

void Part::did(CheckId check, std::string path, std::string detail) {
    pending_.push_back({.path = std::move(path), .check = check.check().id, .detail = std::move(detail)});
}

void Part::tell() {
    for (const auto& action : pending_) {
        ++run_.summary.actions;
        run_.sinks.action(action);
    }
    pending_.clear();
}

void Part::attempt_any(const std::string& path, const std::function<void()>& work) {
    try {
        work();
    } catch (const Interrupted&) {
        throw;
    } catch (const Error& error) {
        if (run_.troubles.insert(path + ": " + error.what()).second) {
            ++run_.summary.troubles;
            run_.sinks.trouble(path, error.what(), error.hint());
        }
    } catch (const std::exception& error) {
        ++run_.summary.troubles;
        run_.sinks.trouble(path, error.what(), {});
    }
    pending_.clear();
}

}  // namespace mox::repair
