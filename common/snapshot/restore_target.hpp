#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string_view>

#include "base/fd.hpp"
#include "base/file.hpp"

// A folder that a restore fills. A mark, the file datadir::restoring_name, is durable in it before anything else is
// written and goes last: with the mark no program takes the folder for a data directory.

namespace mox::snapshot {

struct Owner {
    uid_t user = 0;
    gid_t group = 0;
};

// Throws Errc::failed with a hint unless `path` is missing (not_found without its parent), empty, or what a restore
// left that was killed. True in the last case.
bool require_restorable(const std::filesystem::path& path);
// True when `path` has the mark of a restore that noted this line.
[[nodiscard]] bool has_note(const std::filesystem::path& path, std::string_view line);

class RestoreTarget {
public:
    // Makes the folder, or cleans up what a killed restore left, and marks it. Errc::locked when another restore works
    // there; otherwise as require_restorable().
    RestoreTarget(std::filesystem::path path, const std::optional<Owner>& owner);
    // Removes everything that was written unless complete() returned.
    ~RestoreTarget();
    RestoreTarget(const RestoreTarget&) = delete;
    RestoreTarget& operator=(const RestoreTarget&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    // Of what is created in it. A folder that was there keeps its mode, and its owner unless another is given; a new
    // one gets the owner of its parent, 0770 for folders and 0660 for files.
    [[nodiscard]] const Ownership& ownership() const { return ownership_; }
    // Everything to disk.
    void sync() const;
    // Adds a line to the mark, for the run that finds it; durable at return.
    void note(std::string_view line);
    // Removes the mark; durable at return. Everything must be synced.
    void complete();
    // After complete(): the destructor removes everything after all.
    void undo() { complete_ = false; }

private:
    void mark();
    void remove_contents() const;

    std::filesystem::path path_;
    Ownership ownership_;
    bool made_ = false, marked_ = false, complete_ = false;
    UniqueFd mark_;  // locked while we work
};

}  // namespace mox::snapshot
