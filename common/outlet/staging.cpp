#include "outlet/staging.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/file.hpp"
#include "base/platform.hpp"

namespace mox::outlet {

namespace fs = std::filesystem;

namespace {

fs::path without_final_slash(const fs::path& path) {
    return path.has_filename() ? path : path.parent_path();
}

fs::path parent_of(const fs::path& path) {
    return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

// Where the system cannot do that in one step, `to` is looked for just before.
void rename_to_new(const fs::path& from, const fs::path& to) {
    if (platform::rename_without_replacing(from.c_str(), to.c_str())) return;
    int number = errno;
    if (number == ENOSYS || number == EINVAL) {
        if (!status_of(to)) return rename_file(from, to);
        number = EEXIST;
    }
    throw system_error(number, "rename " + quote(from.native()) + " to", to.native());
}

}  // namespace

void Staging::require_usable(const fs::path& target) {
    const fs::path path = without_final_slash(target);
    if (path.empty()) throw Error(Errc::usage, "DEST is empty");
    if (!path.has_filename() || path.filename() == "." || path.filename() == ".." || status_of(path))
        throw Error(Errc::failed, "destination " + quote(target.native()) + " exists already",
                    "an export never replaces or adds to anything; choose a new name");
    if (!directory_exists(parent_of(path)))
        throw Error(Errc::not_found, "no directory " + quote(parent_of(path).native()) + " for the destination",
                    "make it, or mount what belongs there");
}

Staging::Staging(const fs::path& target, Kind kind)
    : target_(without_final_slash(target)),
      path_(target_.native() + std::string(partial_suffix)),
      kind_(kind) {
    require_usable(target);
    take();
}

// Makes the partial file or folder, or takes over what a killed run left.
void Staging::take() {
    const bool is_file = kind_ == Kind::file;
    const auto unusable = [&](std::string_view why) {
        return Error(Errc::failed, quote(path_.native()) + ' ' + std::string(why),
                     "it has the name of an unfinished export; move it away");
    };
    const auto found = status_of(path_);
    if (found && !(is_file ? S_ISREG(found->st_mode) : S_ISDIR(found->st_mode)))
        throw unusable(is_file ? "is not a regular file" : "is not a folder");
    if (!is_file) make_directory(path_, {.directory_mode = 0700});
    const int flags = is_file ? O_RDWR | O_CREAT : O_RDONLY | O_DIRECTORY;
    fd_ = UniqueFd(::open(path_.c_str(), flags | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!fd_) {
        const int number = errno;
        if (!found && !is_file) ::rmdir(path_.c_str());
        throw system_error(number, "create", path_.native());
    }
    if (::flock(fd_.get(), LOCK_EX | LOCK_NB) != 0)
        throw Error(Errc::locked, "another export is writing to " + quote(path_.native()));
    // Before we had the lock, another run may have completed it or removed it.
    struct stat held = {};
    const auto named = status_of(path_);
    if (::fstat(fd_.get(), &held) != 0 || !named || named->st_ino != held.st_ino || named->st_dev != held.st_dev)
        throw Error(Errc::locked, "another export was writing to " + quote(path_.native()), "try again");
    ours_ = true;
    try {
        if (is_file) {
            if (::ftruncate(fd_.get(), 0) != 0) throw system_error(errno, "empty", path_.native());
        } else {
            for (const auto& entry : list_directory(path_)) {
                std::error_code error;
                fs::remove_all(path_ / entry.name, error);
                if (error) throw system_error(error.value(), "remove", (path_ / entry.name).native());
            }
        }
    } catch (...) {
        if (is_file || !found) remove(path_);
        throw;
    }
}

UniqueFd Staging::file() const {
    UniqueFd fd(::fcntl(fd_.get(), F_DUPFD_CLOEXEC, 0));
    if (!fd) throw system_error(errno, "open", path_.native());
    return fd;
}

void Staging::commit() {
    if (kind_ == Kind::file)
        sync_file(fd_.get(), path_);
    else
        sync_filesystem(path_);
    rename_to_new(path_, target_);
    path_ = target_;  // removed from there, should the last step fail
    sync_directory(parent_of(target_));
    ours_ = false;
}

void Staging::remove(const fs::path& path) const noexcept {
    std::error_code ignored;
    fs::remove_all(path, ignored);
}

Staging::~Staging() {
    if (ours_) remove(path_);
}

}  // namespace mox::outlet
