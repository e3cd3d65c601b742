#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "archive/writer.hpp"
#include "base/clock.hpp"
#include "base/copy.hpp"
#include "snapshot/manifest.hpp"

// Consistent copies of a data directory, also while a server or tools work in it. docs/snapshot.md.

namespace mox::snapshot {

// A snapshot of the same data directory made earlier, complete and without problems. Message files that have not
// changed since are shared with it: second names of the same files, of which no byte is read.
struct Previous {
    std::filesystem::path directory;      // of the snapshot
    std::string name;                     // for the manifest
    std::set<std::string> untrustworthy;  // message files, "accounts/alice/msg/a/1", that are known to be damaged there
};

struct TakeOptions {
    std::filesystem::path data_dir;
    std::optional<std::filesystem::path> config_dir;  // nullopt: without configuration
    CopyPolicy messages;                              // allow_link: message files may be links to the live ones
    std::optional<Previous> previous;
    unsigned jobs = 1;
    std::chrono::milliseconds lock_timeout{10'000};  // for each database, and for the hold on erasure
    const Clock* clock = nullptr;                    // the system's when null
};

// Hears what happens, from several threads at a time.
class Observer {
public:
    virtual ~Observer() = default;
    // The snapshot goes on without, or with more than, what it should have; path as in the source ("accounts/…").
    virtual void problem(const Problem&) {}
    virtual void step(std::string_view) {}
    // What is worth a warning, but no fault of this snapshot.
    virtual void remark(const std::string& /*text*/) {}
    // How many message files there are to store; then, now and then, how many more are.
    virtual void expect(std::uint64_t /*files*/) {}
    virtual void stored(std::uint64_t /*files*/, std::uint64_t /*bytes*/) {}
};

// Writes a snapshot into `destination`, which is missing (its parent exists), empty, or holds what an earlier run that
// was killed left. Returns its manifest when everything is on disk. Whatever is thrown, the destination is as it was
// found (without such leftovers), and the source is untouched. Data that cannot be read is a problem, not an error;
// errors are: Errc::failed for a destination that will not do and failed writes, not_found without source or parent,
// no_space, interrupted, unknown_format and newer_version for a source that this program cannot know, locked when no
// database could be read for locks, when erasure cannot be held, or when another run writes to the destination.
Manifest take(const TakeOptions& options, const std::filesystem::path& destination, Observer& observer);

struct ArchiveOptions {
    std::filesystem::path file;  // "-": standard output
    archive::WriteOptions write;
    std::filesystem::path scratch;  // of standard output: where databases are put; empty: the system's
};

// The same into one archive, with the databases in front and the manifest as its last member; nothing but databases is
// copied beside it. The file is complete or not there: until then everything is in the folder `file`.partial, which a
// run that was killed leaves and the next one to the same file replaces. Reflinks and links there are none.
Manifest take_archive(const TakeOptions& options, const ArchiveOptions& archive, Observer& observer);

// The first checks of take(): Errc::not_found or unknown_format unless source and configuration are there.
void require_source(const TakeOptions& options);
// The mode of a folder, for one that shall be like it.
[[nodiscard]] mode_t mode_of(const std::filesystem::path& path);

// What take() would do first: all its checks of source and destination; nothing is written. Counts are of now.
struct Plan {
    std::int64_t accounts = 0, messages = 0, message_bytes = 0;
    std::int64_t databases = 0, database_bytes = 0;
    bool replaces_incomplete = false;  // the destination holds an incomplete snapshot, which would be removed
};
[[nodiscard]] Plan plan(const TakeOptions& options, const std::filesystem::path& destination);
[[nodiscard]] Plan plan_archive(const TakeOptions& options, const std::filesystem::path& file);

}  // namespace mox::snapshot
