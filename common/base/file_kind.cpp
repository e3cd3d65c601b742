#include "base/file_kind.hpp"

#include <sys/stat.h>

#include <array>
#include <cstddef>
#include <span>

#include "base/encoding.hpp"
#include "base/file.hpp"

namespace mox {

std::string_view kind_of(mode_t mode) {
    if (S_ISREG(mode)) return "a regular file";
    if (S_ISDIR(mode)) return "a folder";
    if (S_ISLNK(mode)) return "a symbolic link";
    if (S_ISSOCK(mode)) return "a socket";
    if (S_ISFIFO(mode)) return "a named pipe";
    if (S_ISCHR(mode) || S_ISBLK(mode)) return "a device";
    return "of an unknown kind";
}

DatabaseFile kind_of_database(const std::filesystem::path& path) {
    constexpr std::string_view sqlite("SQLite format 3\0", 16), bolt = "\xed\xda\x0c\xed";
    const auto fd = open_for_reading(path);
    std::array<std::byte, 20> bytes{};
    const std::string_view head = as_text(std::span(bytes).first(read_full(fd.get(), bytes, path)));
    if (head.empty()) return DatabaseFile::empty;
    if (head.starts_with(sqlite)) return DatabaseFile::sqlite;
    return head.size() == bytes.size() && head.substr(16) == bolt ? DatabaseFile::bolt : DatabaseFile::other;
}

}  // namespace mox
