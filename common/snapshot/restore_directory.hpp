#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "datadir/layout.hpp"
#include "snapshot/restore_target.hpp"
#include "snapshot/source.hpp"
#include "snapshot/take.hpp"

// A whole data directory out of a snapshot. docs/restoring.md.

namespace mox::snapshot {

enum class UidValidity {
    fresh,  // every mailbox gets one that it never had: clients forget what they knew and read all again
    keep,   // exactly as it was
};

struct RestoreOptions {
    std::filesystem::path destination;                // becomes the data directory
    std::optional<std::filesystem::path> config_dir;  // gets the configuration
    std::optional<Owner> owner;                       // nullopt: see RestoreTarget
    bool go_on = false;                               // past files and databases that cannot be read: problems
    UidValidity uidvalidity = UidValidity::fresh;
    bool hold_queue = false;  // nothing that waits in the queue is sent before somebody says so
    unsigned jobs = 1;
    const Clock* clock = nullptr;  // the system's when null
};

struct RestoreTotals {
    std::int64_t accounts = 0, mailboxes = 0, messages = 0, queued_messages = 0;
    std::int64_t files = 0, file_bytes = 0, config_files = 0;
    std::int64_t problems = 0;
};

// Throws unless source and destinations are good: Errc::failed when they are inside of one another, the source is in
// use, or a destination is not empty; not_found when there is no configuration to restore. Writes nothing. True when
// what a killed restore left is going to be replaced.
bool require_restorable(const Source& source, const RestoreOptions& options);

// One restore, step by step. Until complete() returns the destination is marked (datadir::open() refuses it), and the
// destructor removes everything that was written. Every step throws Error as take() does.
class DirectoryRestore {
public:
    DirectoryRestore(Source& source, const RestoreOptions& options, Observer& observer);
    ~DirectoryRestore();
    DirectoryRestore(const DirectoryRestore&) = delete;
    DirectoryRestore& operator=(const DirectoryRestore&) = delete;

    // The data directory, for looking at it between the steps.
    [[nodiscard]] datadir::Layout layout() const;
    // 1. All files; never links to those of the source.
    void copy();
    // 2. Databases as a server expects them: WAL mode, UIDVALIDITY, id counters above every file.
    void renew_databases();
    // 3. Everything to disk, then the mark goes.
    void complete();
    [[nodiscard]] RestoreTotals totals() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace mox::snapshot
