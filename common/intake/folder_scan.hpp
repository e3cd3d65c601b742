#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "intake/folder_names.hpp"
#include "intake/warnings.hpp"

namespace mox::intake {

enum class FolderKind { maildir, mbox, eml };

struct FoundFolder {
    FolderKind kind = FolderKind::maildir;
    std::filesystem::path path;  // of the maildir, the mbox file, the folder of .eml files
    FolderName name;
    std::uint64_t bytes = 0;     // of an mbox file
    std::uint64_t messages = 0;  // of a maildir, a folder of .eml files: more or less
    bool subscribed = true;
    std::string problem;  // it could not be looked at: why, naming the path
};

struct FoundFolders {
    std::vector<FoundFolder> folders;  // a folder before those in it, otherwise by name
    bool has_maildir_plus = false;
};

// Looks for mail at and below a folder (rules: open_disk_tree()). Symbolic links are not followed; `path` may be one.
// Throws when `path` itself cannot be listed.
[[nodiscard]] FoundFolders find_folders(const std::filesystem::path& path, Warnings& warnings);

}  // namespace mox::intake
