#include "snapshot/restore_target.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "datadir/lock.hpp"
#include "datadir/restoring.hpp"
#include "snapshot/destination.hpp"

namespace mox::snapshot {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view lost_and_found = "lost+found";

bool has_nothing(const fs::path& path) {
    bool any = false;
    for_each_entry(path, [&](const DirectoryEntry& entry) { any = any || entry.name != lost_and_found; });
    return !any;
}

Ownership new_ownership(const fs::path& path, const std::optional<Owner>& owner) {
    Ownership ownership = directory_exists(path) ? datadir::ownership_of(path) : Ownership{};
    if (!ownership.user) {
        struct stat status = {};
        if (::stat(parent_of(path).c_str(), &status) != 0) throw system_error(errno, "stat", parent_of(path).native());
        ownership.user = status.st_uid;
        ownership.group = status.st_gid;
    }
    if (owner) {
        if (::geteuid() != 0) throw Error(Errc::failed, "only root can say whose the restored files are");
        ownership.user = owner->user;
        ownership.group = owner->group;
    }
    return ownership;
}

}  // namespace

bool require_restorable(const fs::path& path) {
    const std::string name = quote(path.native());
    const auto status = status_of(path);
    if (!status) {
        if (!directory_exists(parent_of(path)))
            throw Error(Errc::not_found, "no directory " + quote(parent_of(path).native()) + " for the destination",
                        "make it, or mount what belongs there");
        return false;
    }
    if (!directory_exists(path)) throw Error(Errc::failed, "destination " + name + " exists and is no directory");
    if (status_of(path / datadir::restoring_name)) return true;
    if (datadir::is_served(datadir::Layout(path)))
        throw Error(Errc::failed, "destination " + name + " is served by a running server",
                    "stop the server and restore into a new folder; --account restores beside a running server");
    if (!has_nothing(path))
        throw Error(Errc::failed, "destination " + name + " is not empty",
                    "move what is there aside; --account restores into a directory that exists");
    return false;
}

bool has_note(const fs::path& path, std::string_view line) {
    const auto status = status_of(path / datadir::restoring_name);
    if (!status || !S_ISREG(status->st_mode)) return false;
    return read_file(path / datadir::restoring_name).find("\n" + std::string(line) + "\n") != std::string::npos;
}

RestoreTarget::RestoreTarget(fs::path path, const std::optional<Owner>& owner)
    : path_(path.has_filename() || !path.has_relative_path() ? std::move(path) : path.parent_path()) {
    require_restorable(path_);
    ownership_ = new_ownership(path_, owner);
    made_ = make_directory(path_, ownership_);
    try {
        if (made_) sync_directory(parent_of(path_));
        mark();
        if (owner && !made_ && ::chown(path_.c_str(), owner->user, owner->group) != 0)
            throw system_error(errno, "change owner of", path_.native());
    } catch (...) {
        if (marked_) ::unlink((path_ / datadir::restoring_name).c_str());
        if (made_) ::rmdir(path_.c_str());
        throw;
    }
}

// The mark is locked, so that a run finds out whether the one that left it still works.
void RestoreTarget::mark() {
    const fs::path file = path_ / datadir::restoring_name;
    const bool was_empty = has_nothing(path_);
    mark_ = UniqueFd(::open(file.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!mark_) throw system_error(errno, "create", file.native());
    if (::flock(mark_.get(), LOCK_EX | LOCK_NB) != 0)
        throw Error(Errc::locked, "destination " + quote(path_.native()) + ": another restore is writing to it");
    // Between our look and the lock another run may have begun or completed.
    struct stat ours = {};
    const auto named = status_of(file);
    const bool is_fresh = ::fstat(mark_.get(), &ours) == 0 && ours.st_size == 0;
    if (!named || named->st_ino != ours.st_ino || (was_empty && !is_fresh))
        throw Error(Errc::failed, "destination " + quote(path_.native()) + " was filled by another program meanwhile");
    marked_ = true;
    // A mark that was never written is older than anything else.
    if (is_fresh) {
        for_each_entry(path_, [&](const DirectoryEntry& entry) {
            if (entry.name == lost_and_found || entry.name == datadir::restoring_name) return;
            throw Error(Errc::failed, "destination " + quote(path_.native()) + " is not empty",
                        "move what is there aside");
        });
        write_all(mark_.get(), "This folder is not completely restored. mox-restore removes what is in it.\n", file);
    } else {
        remove_contents();
    }
    sync_file(mark_.get(), file);
    sync_directory(path_);
}

void RestoreTarget::remove_contents() const {
    for (const auto& entry : list_directory(path_)) {
        if (entry.name == lost_and_found || entry.name == datadir::restoring_name) continue;
        std::error_code error;
        fs::remove_all(path_ / entry.name, error);
        if (error) throw system_error(error.value(), "remove", (path_ / entry.name).native());
    }
}

RestoreTarget::~RestoreTarget() {
    if (complete_) return;
    try {
        remove_contents();
        ::unlink((path_ / datadir::restoring_name).c_str());
        if (made_) ::rmdir(path_.c_str());
    } catch (const std::exception&) {  // the mark stays and says what this is
    }
}

void RestoreTarget::sync() const {
    sync_filesystem(path_);
}

void RestoreTarget::note(std::string_view line) {
    const fs::path file = path_ / datadir::restoring_name;
    if (::lseek(mark_.get(), 0, SEEK_END) < 0) throw system_error(errno, "seek in", file.native());
    write_all(mark_.get(), std::string(line) + "\n", file);
    sync_file(mark_.get(), file);
}

void RestoreTarget::complete() {
    remove_file(path_ / datadir::restoring_name);
    sync_directory(path_);
    complete_ = true;
}

}  // namespace mox::snapshot
