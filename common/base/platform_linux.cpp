#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "base/error.hpp"
#include "base/platform.hpp"

namespace mox::platform {

bool clone_file(int from, int to) {
    return ::ioctl(to, FICLONE, from) == 0;
}

int open_nameless(const char* folder) {
    return ::open(folder, O_TMPFILE | O_RDWR | O_EXCL | O_CLOEXEC, 0600);
}

bool copy_contents(int from, int to, std::uint64_t size, const char* to_name) {
    std::uint64_t done = 0;
    while (done < size) {
        const ssize_t count = ::copy_file_range(from, nullptr, to, nullptr, size - done, 0);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0 && done == 0 && (errno == EXDEV || errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP))
            return false;
        if (count < 0) throw system_error(errno, "copy to", to_name);
        if (count == 0) return done != 0 || size == 0;  // some file systems report 0 for what they cannot copy
        done += static_cast<std::uint64_t>(count);
    }
    return true;
}

bool rename_without_replacing(const char* from, const char* to) {
    return ::renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0;
}

bool sync_filesystem_of(int fd, const std::filesystem::path& path) {
    if (::syncfs(fd) != 0) throw system_error(errno, "sync file system of", path.native());
    return true;
}

bool is_locked(int fd, std::int64_t start, std::int64_t length) {
    struct flock lock = {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    lock.l_start = start;
    lock.l_len = length;
    return ::fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

std::string error_description(int number) {
    const char* text = ::strerrordesc_np(number);
    return text != nullptr ? text : "Unknown error";
}

std::uint64_t peak_memory_bytes() {
    struct rusage usage = {};
    return ::getrusage(RUSAGE_SELF, &usage) == 0 ? static_cast<std::uint64_t>(usage.ru_maxrss) * 1024 : 0;
}

}  // namespace mox::platform
