#pragma once

#include <cstddef>
#include <vector>

#include "intake/folder_names.hpp"

namespace mox::intake {

// What tells where the mail of a tree begins: names of folders, with all their parts.
struct FolderPlaces {
    std::vector<FolderName> folders;  // of every maildir, and every folder that holds mbox files or single messages
    std::vector<FolderName> with_children;  // maildirs that have Maildir++ folders
    std::vector<FolderName> with_lists;     // folders with a file `subscriptions`, whose lines are relative to them
};

// How many parts at the start of all names only say where the mail was: "home/alice/Maildir", "Takeout/Mail". Those
// before a folder that has a list of subscriptions and holds everything; else those up to the last one that holds
// everything and is a Maildir++ or has a name such as "Maildir", "Mail", "Takeout", "Local Folders".
[[nodiscard]] std::size_t parts_before_root(const FolderPlaces& places);

}  // namespace mox::intake
