#include <sys/inotify.h>
#include <unistd.h>

#include <array>

#include "server/process/file_watch.hpp"

namespace mox::process {

// The folder, as files are replaced by renaming. Without inotify (no more watches are to be had) as on other systems.
UniqueFd FileWatch::begin(const std::filesystem::path& folder) {
    UniqueFd fd(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
    if (fd && ::inotify_add_watch(fd.get(), folder.c_str(), IN_CLOSE_WRITE | IN_MOVED_TO) < 0) fd.reset();
    return fd;
}

void FileWatch::forget_events(int fd) {
    std::array<char, 4096> buffer{};
    while (::read(fd, buffer.data(), buffer.size()) > 0) {
    }
}

}  // namespace mox::process
