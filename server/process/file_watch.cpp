#include "server/process/file_watch.hpp"

#include "base/file.hpp"

namespace mox::process {

FileWatch::FileWatch(std::filesystem::path file)
    : file_(std::move(file)),
      fd_(begin(file_.has_parent_path() ? file_.parent_path() : ".")),
      last_(look()) {}

std::optional<FileWatch::State> FileWatch::look() const {
    const auto status = status_of(file_);
    if (!status) return std::nullopt;
    return State{.inode = status->st_ino,
                 .size = status->st_size,
                 .seconds = status->st_mtim.tv_sec,
                 .nanoseconds = status->st_mtim.tv_nsec};
}

bool FileWatch::changed() {
    if (fd_) forget_events(fd_.get());
    const auto now = look();
    if (!now || now == last_) return false;
    last_ = now;
    return true;
}

}  // namespace mox::process
