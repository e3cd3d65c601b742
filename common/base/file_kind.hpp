#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string_view>

// What a file is, whatever its name says.

namespace mox {

// "a regular file", "a folder", "a symbolic link", … of a file's mode (inode(7)).
[[nodiscard]] std::string_view kind_of(mode_t mode);

enum class DatabaseFile {
    empty,
    sqlite,  // by its first 16 bytes (SQLite file format, section 1.3)
    bolt,    // of the original mox: the magic number of BoltDB's first meta page, 16 bytes behind its beginning
    other
};
// Of a regular file, by its first bytes. Throws Error when it cannot be read.
[[nodiscard]] DatabaseFile kind_of_database(const std::filesystem::path& path);

}  // namespace mox
