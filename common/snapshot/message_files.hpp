#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "snapshot/databases.hpp"
#include "snapshot/run.hpp"

// Message files of a snapshot. Internal to this folder.

namespace mox::snapshot {

// One folder below msg/ or queue/: those of its rows' files, and what else it holds.
struct FolderTask {
    const MessageStore* store;
    const StoreFacts* facts;
    std::string name;          // "a"
    std::int64_t number = -1;  // id / 8192; -1 when the database has no row in this folder
};

// All folders that the database or the source has. Entries of the source's folder that are no directories are handled
// here: see copy_unexpected(). `expected` are names in it that others take care of.
[[nodiscard]] std::vector<FolderTask> folders_of(Run& run, const MessageStore& store, const StoreFacts& facts,
                                                 const std::vector<std::string>& expected);

// Stores the files that rows of the copied database name. Those that are missing, of the wrong size or kind are
// problems, and so is a file that nothing explains, which is copied.
void copy_folder(Run& run, const FolderTask& task);

}  // namespace mox::snapshot
