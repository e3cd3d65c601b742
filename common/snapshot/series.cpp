#include "snapshot/series.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>

#include <algorithm>
#include <cerrno>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/file.hpp"
#include "base/file_kind.hpp"
#include "base/interrupt.hpp"
#include "snapshot/check_manifest.hpp"
#include "snapshot/destination.hpp"
#include "snapshot/run.hpp"

namespace mox::snapshot {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view lock_name = ".mox-backup.lock";
constexpr std::string_view incomplete_suffix = ".incomplete";
constexpr std::size_t name_length = 18;  // "2026-11-22T030000Z"

std::string incomplete_name_of(const std::string& name) {
    return name + std::string(incomplete_suffix);
}

bool is_incomplete_name(std::string_view name) {
    return name.ends_with(incomplete_suffix) &&
           time_of_name(name.substr(0, name.size() - incomplete_suffix.size())).has_value();
}

SeriesEntry look_at(const fs::path& folder, const std::string& name) {
    SeriesEntry entry{.name = name};
    if (is_incomplete_name(name)) {
        entry.state = SeriesState::incomplete;
        return entry;
    }
    try {
        if (const auto status = status_of(folder / name); status && !S_ISDIR(status->st_mode))
            throw Error(Errc::failed, "it is " + std::string(kind_of(status->st_mode)));
        const Manifest manifest = read_manifest(folder / name);
        entry.state = manifest.complete() ? SeriesState::complete : SeriesState::with_problems;
        entry.started = manifest.started;
        entry.verification = manifest.verification;
        entry.problem_count = manifest.problem_count;
    } catch (const Interrupted&) {
        throw;
    } catch (const Error& error) {
        entry.state = SeriesState::unreadable;
        entry.detail = error.what();
    }
    return entry;
}

std::optional<std::int64_t> time_of_entry(const SeriesEntry& entry) {
    return time_of_name(std::string_view(entry.name).substr(0, name_length));
}

}  // namespace

std::string snapshot_name(std::int64_t unix_seconds) {
    const CivilTime time = to_civil(unix_seconds);
    if (time.year < 0 || time.year > 9999)
        throw Error(Errc::failed, fmt::format("no snapshot can have the year {}", time.year), "set the clock");
    return fmt::format("{:04}-{:02}-{:02}T{:02}{:02}{:02}Z", time.year, time.month, time.day, time.hour, time.minute,
                       time.second);
}

std::optional<std::int64_t> time_of_name(std::string_view name) {
    if (name.size() != name_length) return std::nullopt;
    const std::string rfc3339 =
        fmt::format("{}:{}:{}", name.substr(0, 13), name.substr(13, 2), name.substr(15));  // "2026-11-22T03:00:00Z"
    const auto time = from_rfc3339(rfc3339);
    if (!time || snapshot_name(time->seconds) != name) return std::nullopt;
    return time->seconds;
}

std::string_view to_string(SeriesState state) {
    switch (state) {
        case SeriesState::complete:
            return "complete";
        case SeriesState::with_problems:
            return "with_problems";
        case SeriesState::incomplete:
            return "incomplete";
        case SeriesState::unreadable:
            return "unreadable";
    }
    return "?";
}

std::vector<SeriesEntry> list_series(const fs::path& folder) {
    std::vector<SeriesEntry> entries;
    for (const auto& found : list_directory(folder)) {
        if (!time_of_name(found.name) && !is_incomplete_name(found.name)) continue;
        check_interrupt();
        entries.push_back(look_at(folder, found.name));
    }
    return entries;
}

bool is_series(const fs::path& folder) {
    if (!directory_exists(folder)) return false;
    bool found = false;
    for_each_entry(folder, [&](const DirectoryEntry& entry) {
        found = found || entry.name == lock_name || time_of_name(entry.name) || is_incomplete_name(entry.name);
    });
    return found;
}

void require_series_usable(const fs::path& folder, const fs::path& source, const fs::path& config) {
    require_outside(folder, source, config);
    const std::string name = quote(folder.native());
    switch (destination_state(folder)) {
        case DestinationState::missing:
            if (!directory_exists(parent_of(folder)))
                throw Error(Errc::not_found,
                            "no directory " + quote(parent_of(folder).native()) + " for the destination",
                            "make it, or mount what belongs there");
            return;
        case DestinationState::snapshot:
        case DestinationState::incomplete:
            throw Error(Errc::failed, "destination " + name + " is a single snapshot, not a folder of them",
                        "choose another folder for snapshots that are kept by rules");
        case DestinationState::empty:
            return;
        case DestinationState::other:
            break;
    }
    if (!directory_exists(folder))
        throw Error(Errc::failed, "destination " + name + " is no directory", "choose another folder");
}

std::optional<Previous> newest_complete(const fs::path& folder, const std::vector<SeriesEntry>& entries) {
    const auto newest = std::find_if(entries.rbegin(), entries.rend(),
                                     [](const auto& entry) { return entry.state == SeriesState::complete; });
    if (newest == entries.rend()) return std::nullopt;
    Previous previous{.directory = folder / newest->name, .name = newest->name, .untrustworthy = {}};
    for (auto later = newest.base(); later != entries.end(); ++later) {
        if (later->state != SeriesState::with_problems || later->verification != Verification::failed) continue;
        const Manifest manifest = read_manifest(folder / later->name);
        if (manifest.problem_count > static_cast<std::int64_t>(manifest.problems.size())) return std::nullopt;
        for (const auto& problem : manifest.problems) previous.untrustworthy.insert(problem.path);
    }
    return previous;
}

NextName next_name(const std::vector<SeriesEntry>& entries, const Timestamp& now) {
    std::int64_t next = now.seconds, newest = now.seconds;
    for (const auto& entry : entries) {
        next = std::max(next, time_of_entry(entry).value_or(0) + 1);
        newest = std::max(newest, entry.started.seconds);
    }
    return {.name = snapshot_name(next), .seconds_behind = newest - now.seconds};
}

std::vector<RetentionVerdict> judge_series(const std::vector<SeriesEntry>& entries, const Retention& retention,
                                           const std::optional<RetentionCandidate>& coming) {
    std::vector<RetentionCandidate> candidates;
    for (const auto& entry : entries)
        if (entry.state == SeriesState::complete || entry.state == SeriesState::with_problems)
            candidates.push_back({.name = entry.name,
                                  .started = entry.started.seconds,
                                  .has_problems = entry.state == SeriesState::with_problems});
    if (coming) candidates.push_back(*coming);
    return apply_retention(retention, std::move(candidates));
}

Series::Series(fs::path folder, mode_t mode) : folder_(std::move(folder)) {
    if (make_directory(folder_, {.directory_mode = static_cast<mode_t>((mode & 0777) | 0700)}))
        sync_directory(parent_of(folder_));
    const fs::path file = folder_ / lock_name;
    lock_ = UniqueFd(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!lock_) throw system_error(errno, "create lock", file.native());
    while (::flock(lock_.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK)
            throw Error(Errc::locked, "destination " + quote(folder_.native()) + ": another backup is working there",
                        "try again when it has finished");
        if (errno != EINTR) throw system_error(errno, "lock", file.native());
    }
}

CleanUp Series::clean_up() const {
    CleanUp done;
    for (const auto& found : list_directory(folder_)) {
        if (!is_incomplete_name(found.name)) continue;
        check_interrupt();
        try {
            remove_snapshot(folder_ / found.name, OnSignal::stop);
            done.removed.push_back(found.name);
        } catch (const Interrupted&) {
            throw;
        } catch (const Error& error) {
            done.failures.push_back(error);
        }
    }
    return done;
}

void Series::remove(const std::string& name) const {
    const fs::path doomed = folder_ / incomplete_name_of(name);
    require_only_parts(folder_ / name);
    rename_file(folder_ / name, doomed);
    sync_directory(folder_);
    remove_snapshot(doomed, OnSignal::stop);
}

NewSnapshot::NewSnapshot(const Series& series, std::string name)
    : series_(series),
      name_(std::move(name)),
      path_(series.folder() / incomplete_name_of(name_)) {}

NewSnapshot::~NewSnapshot() {
    if (published_) return;
    try {
        if (status_of(path_)) remove_snapshot(path_, OnSignal::go_on);
    } catch (const std::exception&) {  // its name says what it is
    }
}

void NewSnapshot::publish() {
    const fs::path target = series_.folder() / name_;
    rename_file(path_, target);
    try {
        sync_directory(series_.folder());
    } catch (const Error&) {
        (void)::rename(target.c_str(), path_.c_str());
        throw;
    }
    published_ = true;
}

}  // namespace mox::snapshot
