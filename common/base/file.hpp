#pragma once

#include <sys/stat.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.hpp"

// Files and directories, with errors that name them. Every function throws system_error() (base/error.hpp) with the
// path; "durable" means: fsync of the file and of the directory that names it have returned.

namespace mox {

// Who owns what is created, and its mode. Whatever a tool creates inside a data directory looks as if that directory's
// owner had made it, even when root runs the tool. Owner and group are changed only when the process may; with a user
// or group given, the modes are exact, whatever the umask.
struct Ownership {
    std::optional<uid_t> user;   // nullopt: whoever runs the process
    std::optional<gid_t> group;  // likewise
    mode_t file_mode = 0660;     // before the umask
    mode_t directory_mode = 0770;
};

[[nodiscard]] UniqueFd open_for_reading(const std::filesystem::path& path);
// A new file that must not exist, close-on-exec. Errc::failed with "file exists" when it does.
[[nodiscard]] UniqueFd create_file(const std::filesystem::path& path, const Ownership& ownership = {});
// A scratch file in `folder` for reading and writing. It has no name, so it goes with its descriptor, however the
// process ends; where the system cannot make such a file, it has one for a moment.
[[nodiscard]] UniqueFd nameless_file(const std::filesystem::path& folder);
// Gives an open file the owner of `ownership`, when it has another one and the process may change it.
void apply_ownership(int fd, const Ownership& ownership, const std::filesystem::path& path);

// Everything up to the end; Errc::failed when it is more than `limit` bytes.
[[nodiscard]] std::string read_file(const std::filesystem::path& path, std::size_t limit = 64U << 20U);
// Up to buffer.size() bytes, fewer only at the end of the file.
[[nodiscard]] std::size_t read_full(int fd, std::span<std::byte> buffer, const std::filesystem::path& path);
void write_all(int fd, std::span<const std::byte> bytes, const std::filesystem::path& path);
void write_all(int fd, std::string_view text, const std::filesystem::path& path);

void sync_file(int fd, const std::filesystem::path& path);
void sync_directory(const std::filesystem::path& path);
// Everything written to the file system that holds `path`: one call instead of one per file. Falls back to sync(2).
// Errors that writeback met since the last call on that file system are reported where the system can tell.
void sync_filesystem(const std::filesystem::path& path);

// The directory and its missing parents.
void make_directories(const std::filesystem::path& path, const Ownership& ownership = {});
// True when it was made now, false when it was there.
bool make_directory(const std::filesystem::path& path, const Ownership& ownership = {});
// True when there was something to remove.
bool remove_file(const std::filesystem::path& path);
void rename_file(const std::filesystem::path& from, const std::filesystem::path& to);

// Without following a link at the end; nullopt when nothing is there.
[[nodiscard]] std::optional<struct stat> status_of(const std::filesystem::path& path);
[[nodiscard]] bool directory_exists(const std::filesystem::path& path);

struct DirectoryEntry {
    std::string name;
    std::uint64_t inode = 0;
    unsigned char type = 0;  // DT_REG, DT_DIR, ...; DT_UNKNOWN where the file system does not tell
};
// Every entry but "." and "..", in the system's order, without reading all into memory.
void for_each_entry(const std::filesystem::path& path, const std::function<void(const DirectoryEntry&)>& visit);
// The same, sorted by name, for folders that are small or whose order must be the same every time.
[[nodiscard]] std::vector<DirectoryEntry> list_directory(const std::filesystem::path& path);

// Writes a new version of `target`. Readers see the old file or the complete new one: nothing changes before commit(),
// and nothing is left behind when commit() is not reached. Durable after commit().
class AtomicFile {
public:
    explicit AtomicFile(std::filesystem::path target, const Ownership& ownership = {});
    AtomicFile(AtomicFile&&) = default;
    ~AtomicFile();  // removes the temporary file unless committed

    void write(std::string_view text);
    void commit();

private:
    std::filesystem::path target_, temporary_;
    UniqueFd fd_;  // empty once committed
};

// A directory of its own below `parent`, removed with all its contents at the end.
class TemporaryDirectory {
public:
    explicit TemporaryDirectory(const std::filesystem::path& parent, std::string_view prefix = "mox-");
    TemporaryDirectory(TemporaryDirectory&& other) noexcept : path_(std::exchange(other.path_, {})) {}
    TemporaryDirectory& operator=(TemporaryDirectory&&) = delete;
    ~TemporaryDirectory();
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

}  // namespace mox
