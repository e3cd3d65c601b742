#include "backups.hpp"

#include <fmt/format.h>

#include <set>

#include "base/file.hpp"
#include "snapshot/databases.hpp"
#include "snapshot/manifest.hpp"
#include "store/schema.hpp"
#include "support/run_program.hpp"

namespace mox::load {

namespace fs = std::filesystem;

namespace {

// So many snapshots may wait for their verification; then the backups wait.
constexpr std::size_t most_waiting = 50;

std::set<std::string> snapshots_in(const fs::path& series) {
    std::set<std::string> names;
    if (!directory_exists(series)) return names;
    for (const auto& entry : list_directory(series))
        if (status_of(series / entry.name / snapshot::manifest_name)) names.insert(entry.name);
    return names;
}

}  // namespace

Backups::Backups(BackupOptions options, const Shared& shared) : options_(std::move(options)), shared_(shared) {}

Backups::~Backups() {
    if (!thread_.joinable()) return;
    {
        const std::lock_guard lock(mutex_);
        waiting_.clear();
        no_more_ = true;
    }
    thread_.join();
}

void Backups::run(SteadyTime deadline) {
    const bool series = !options_.series.empty();
    if (options_.verify && !series) thread_ = std::thread([this] { verify_all(); });
    SteadyTime earliest;
    while ((count_ < options_.at_least || std::chrono::steady_clock::now() < deadline) && !failed()) {
        // The snapshots of a series are named by the second.
        if (series) std::this_thread::sleep_until(earliest);
        earliest = std::chrono::steady_clock::now() + std::chrono::milliseconds(1001);
        Snapshot snapshot;
        if (!back_up(snapshot)) break;
        if (!options_.verify) {
            if (!series) fs::remove_all(snapshot.path);
        } else if (series) {
            verify(snapshot);
        } else {
            std::unique_lock lock(mutex_);
            waiting_.push_back(std::move(snapshot));
            while (waiting_.size() >= most_waiting && failures_.empty()) {
                lock.unlock();
                std::this_thread::sleep_for(std::chrono::milliseconds(10));
                lock.lock();
            }
        }
    }
    {
        const std::lock_guard lock(mutex_);
        no_more_ = true;
    }
    if (thread_.joinable()) thread_.join();
    if (series && options_.verify)
        for (const auto& name : snapshots_in(options_.place)) verify_directory(options_.place / name);
}

bool Backups::back_up(Snapshot& snapshot) {
    const bool series = !options_.series.empty();
    for (int account = 0; account < options_.accounts; ++account)
        snapshot.committed_before.push_back(shared_.committed.at(static_cast<std::size_t>(account)));
    const auto before = series ? snapshots_in(options_.place) : std::set<std::string>();
    const fs::path target = series ? options_.place : options_.place / std::to_string(count_);
    std::vector<std::string> words{MOX_BIN "/mox-backup",     "-q", "--lock-timeout", "60", "--data-dir",
                                   options_.data_dir.native()};
    if (count_ % 3 == 2) words.emplace_back("--link-live");
    words.insert(words.end(), options_.series.begin(), options_.series.end());
    words.push_back(target.native());
    ++count_;
    snapshot.started_us = microseconds_since(options_.start);
    const auto run = test::run_program(words);
    snapshot.finished_us = microseconds_since(options_.start);
    snapshot.path = target;
    if (series)
        for (const auto& name : snapshots_in(options_.place))
            if (!before.contains(name)) snapshot.path = options_.place / name;
    if (run.exit_code == 0 && run.out.empty() && run.err.empty() && (!series || snapshot.path != target)) return true;
    fail(fmt::format("{}: backup from {} us to {} us: exit code {}\n{}{}", target.native(), snapshot.started_us,
                     snapshot.finished_us, run.exit_code, run.out, run.err));
    return false;
}

void Backups::verify_all() {
    std::int64_t verified = 0;
    for (;;) {
        Snapshot snapshot;
        {
            const std::lock_guard lock(mutex_);
            if (waiting_.empty() && no_more_) return;
            if (!waiting_.empty()) {
                snapshot = std::move(waiting_.front());
                waiting_.pop_front();
            }
        }
        if (snapshot.path.empty()) {
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
            continue;
        }
        verify(snapshot);
        if (failed()) return;
        if (++verified % 4 == 0) verify_live();
        fs::remove_all(snapshot.path);
    }
}

void Backups::verify(const Snapshot& snapshot) {
    verify_directory(snapshot.path);
    try {
        const datadir::Layout layout(snapshot.path / "data");
        for (int account = 0; account < options_.accounts; ++account) {
            auto database = snapshot::open_copy(layout.account_db(account_name(account)), store::account_schema());
            sightings_.push_back({.snapshot = snapshot.path,
                                  .account = account,
                                  .state = state_of(database),
                                  .committed_before = snapshot.committed_before.at(static_cast<std::size_t>(account)),
                                  .started_us = snapshot.started_us,
                                  .finished_us = snapshot.finished_us});
        }
    } catch (const std::exception& error) {
        fail(snapshot.path.native() + ": " + error.what());
    }
}

void Backups::verify_live() {
    verify_directory(options_.data_dir);
    ++live_verifications_;
}

void Backups::verify_directory(const fs::path& directory) {
    const auto run =
        test::run_program({MOX_BIN "/mox-verifydata", "-q", "--read-data", "--lock-timeout", "60", directory.native()});
    if (run.exit_code != 0 || !run.out.empty() || !run.err.empty())
        fail(fmt::format("{}: verification: exit code {}\n{}{}", directory.native(), run.exit_code, run.out, run.err));
}

void Backups::fail(const std::string& what) {
    const std::lock_guard lock(mutex_);
    failures_.push_back(what);
}

bool Backups::failed() {
    const std::lock_guard lock(mutex_);
    return !failures_.empty();
}

}  // namespace mox::load
