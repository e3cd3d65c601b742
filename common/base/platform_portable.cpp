#include <fcntl.h>

#include <cerrno>
#include <system_error>

#include "base/platform.hpp"

namespace mox::platform {

bool clone_file(int, int) {
    return false;
}
int open_nameless(const char*) {
    return -1;
}
bool copy_contents(int, int, std::uint64_t, const char*) {
    return false;
}
bool rename_without_replacing(const char*, const char*) {
    errno = ENOSYS;
    return false;
}
bool sync_filesystem_of(int, const std::filesystem::path&) {
    return false;
}

bool is_locked(int fd, std::int64_t start, std::int64_t length) {
    struct flock lock = {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    lock.l_start = start;
    lock.l_len = length;
    return ::fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

std::string error_description(int number) {
    return std::generic_category().message(number);
}

std::uint64_t peak_memory_bytes() {
    return 0;
}

}  // namespace mox::platform
