#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

// What only some systems have, each with a portable fallback: platform_linux.cpp or platform_portable.cpp is built
// (option MOX_PORTABLE). Nothing above this folder knows the difference.

namespace mox::platform {

// Makes `to`, an empty file, share the blocks of `from`. False when this file system or system cannot.
[[nodiscard]] bool clone_file(int from, int to);

// A new file in `folder`, open for reading and writing, that never has a name. -1 when the system or the file system
// has no such call.
[[nodiscard]] int open_nameless(const char* folder);

// Copies `size` bytes inside the kernel. False when it cannot (nothing is written then); throws for I/O errors.
[[nodiscard]] bool copy_contents(int from, int to, std::uint64_t size, const char* to_name);

// rename(2) that fails with EEXIST when `to` exists. False, with errno set, when it failed; ENOSYS or EINVAL when the
// system or the file system has no such call.
[[nodiscard]] bool rename_without_replacing(const char* from, const char* to);

// Writes back the whole file system of the open file `fd`. False when the system has no such call.
[[nodiscard]] bool sync_filesystem_of(int fd, const std::filesystem::path& path);

// True when a process holds a record lock (fcntl) that overlaps these bytes; also one of this process where the system
// can tell.
[[nodiscard]] bool is_locked(int fd, std::int64_t start, std::int64_t length);

// What an errno value means, in English where the system can say so whatever the locale: "No such file or directory".
[[nodiscard]] std::string error_description(int number);

// Peak resident memory of this process in bytes, 0 when unknown.
[[nodiscard]] std::uint64_t peak_memory_bytes();

}  // namespace mox::platform
