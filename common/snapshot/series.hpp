#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/fd.hpp"
#include "snapshot/manifest.hpp"
#include "snapshot/retention.hpp"
#include "snapshot/take.hpp"

// A folder of dated snapshots. A snapshot has its name, "2026-11-22T030000Z", only while it is complete; until then,
// and from the moment on when it is to be removed, it is called "2026-11-22T030000Z.incomplete". Whatever else lies
// there is left alone. docs/snapshot.md, section "Series".

namespace mox::snapshot {

// The name of a snapshot that was begun then; Errc::failed for years beyond 9999. And the reverse, nullopt for any
// other text.
[[nodiscard]] std::string snapshot_name(std::int64_t unix_seconds);
[[nodiscard]] std::optional<std::int64_t> time_of_name(std::string_view name);

enum class SeriesState {
    complete,
    with_problems,  // something is missing in it, or its verification failed: the manifest says what
    incomplete,     // being made, being removed, or left by a run that was killed
    unreadable,     // dated, but without a manifest that this program can read; nothing here touches it
};
[[nodiscard]] std::string_view to_string(SeriesState state);

struct SeriesEntry {
    std::string name;  // of the folder
    SeriesState state = SeriesState::complete;
    std::string detail;  // why it is unreadable
    // What its manifest says; empty for the last two states.
    Timestamp started;
    Verification verification = Verification::none;
    std::int64_t problem_count = 0;
};

// All snapshots in `folder`, oldest first. Needs no lock and changes nothing. Errc::not_found when there is no folder.
[[nodiscard]] std::vector<SeriesEntry> list_series(const std::filesystem::path& folder);

// True when `folder` holds dated snapshots, or the lock that a run made for them.
[[nodiscard]] bool is_series(const std::filesystem::path& folder);

// Throws unless a series of snapshots of `source` (and of `config`, if not empty) can be in `folder`: as
// require_usable() (destination.hpp), but that other files may be there.
void require_series_usable(const std::filesystem::path& folder, const std::filesystem::path& source,
                           const std::filesystem::path& config);

// The newest complete snapshot, to share files with. What verification found damaged in newer ones is not shared;
// nullopt when there is no such snapshot, or when too much was found.
[[nodiscard]] std::optional<Previous> newest_complete(const std::filesystem::path& folder,
                                                      const std::vector<SeriesEntry>& entries);

// The name of the next snapshot, which sorts after all others, and by how much the clock is behind the beginning of one
// of them.
struct NextName {
    std::string name;
    std::int64_t seconds_behind = 0;
};
[[nodiscard]] NextName next_name(const std::vector<SeriesEntry>& entries, const Timestamp& now);

// What a retention makes of these, newest first. `coming` is a snapshot that is yet to be made.
[[nodiscard]] std::vector<RetentionVerdict> judge_series(const std::vector<SeriesEntry>& entries,
                                                         const Retention& retention,
                                                         const std::optional<RetentionCandidate>& coming = {});

struct CleanUp {
    std::vector<std::string> removed;  // names
    std::vector<Error> failures;       // of the others
};

// A series that this process alone changes.
class Series {
public:
    // Makes the folder if need be, its parent must be there. Errc::locked when another run works there. `mode` is for
    // the new folder.
    Series(std::filesystem::path folder, mode_t mode);

    [[nodiscard]] const std::filesystem::path& folder() const { return folder_; }
    // Removes what is incomplete, as far as it can.
    CleanUp clean_up() const;
    // Removes a snapshot. Throws, and leaves it as it is, when there is anything in it that is no part of a snapshot;
    // whatever is thrown later, it is incomplete then.
    void remove(const std::string& name) const;

private:
    std::filesystem::path folder_;
    UniqueFd lock_;
};

// A snapshot on its way into a series. Removed at the end unless publish() has returned.
class NewSnapshot {
public:
    NewSnapshot(const Series& series, std::string name);
    ~NewSnapshot();
    NewSnapshot(const NewSnapshot&) = delete;
    NewSnapshot& operator=(const NewSnapshot&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }  // where take() shall make it
    // Gives it its name, durably.
    void publish();

private:
    const Series& series_;
    const std::string name_;
    const std::filesystem::path path_;
    bool published_ = false;
};

}  // namespace mox::snapshot
