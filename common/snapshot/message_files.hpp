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
    bool rows_known = true;    // false when the database cannot be read: whatever lies there is stored
};

// All folders that the database or the source has. Entries of the source's folder that are no directories are handled
// here: see copy_listed(). `expected` are names in it that others take care of.
[[nodiscard]] std::vector<FolderTask> folders_of(Run& run, const MessageStore& store, const StoreFacts& facts,
                                                 const std::vector<std::string>& expected);
// The same when the database cannot be read.
[[nodiscard]] std::vector<FolderTask> folders_without_rows(Run& run, const MessageStore& store,
                                                           const std::vector<std::string>& expected);

// Stores the files that rows of the copied database name, those that are unchanged as links to the previous snapshot.
// Files that are missing, of the wrong size or kind are problems, even if the previous snapshot helps out, and so is a
// file that nothing explains, which is copied.
void copy_folder(Run& run, const FolderTask& task);

}  // namespace mox::snapshot
