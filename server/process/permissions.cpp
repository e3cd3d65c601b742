#include "server/process/permissions.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/fd.hpp"
#include "base/file.hpp"
#include "base/platform.hpp"

namespace mox::process {

namespace fs = std::filesystem;

namespace {

constexpr int deepest = 100;

struct Wanted {
    uid_t user;
    gid_t group;
    mode_t mode;
};

bool has_owner(const struct stat& status, const Wanted& wanted) {
    return status.st_uid == wanted.user && status.st_gid == wanted.group;
}

bool is_as(const struct stat& status, const Wanted& wanted) {
    return has_owner(status, wanted) && (status.st_mode & 02777) == wanted.mode;
}

constexpr mode_t set_group_id = 02000;

bool is_as_without_bit(const struct stat& status, const Wanted& wanted) {
    return has_owner(status, wanted) && (status.st_mode & 0777) == (wanted.mode & 0777);
}

std::string in_words(uid_t user, gid_t group, mode_t mode) {
    return fmt::format("{}:{} {:04o}", user, group, static_cast<unsigned>(mode));
}

class Repair {
public:
    Repair(const User& user, const log::Logger& log) : user_(user), log_(log) {}

    void tree(const fs::path& root) {
        UniqueFd fd(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        if (!fd) throw system_error(errno, "look at", root.native());
        struct stat status = {};
        if (::fstat(fd.get(), &status) != 0) throw system_error(errno, "look at", root.native());
        try_group_id(fd.get(), status);
        if (!is_fine(status, directory())) walk(std::move(fd), root, 0);
    }

    // Nothing there is fine.
    void one(const fs::path& path, const Wanted& wanted, int flags) {
        const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | flags));
        struct stat status = {};
        if (fd && ::fstat(fd.get(), &status) == 0 && (S_ISREG(status.st_mode) || S_ISDIR(status.st_mode)))
            change(fd.get(), path, status, wanted);
    }

private:
    [[nodiscard]] Wanted directory() const { return {user_.user, 0, 02750}; }
    [[nodiscard]] Wanted file() const { return {user_.user, 0, 0640}; }

    void failed(const fs::path& path, int number) {
        log_.error("cannot repair permissions",
                   {{"path", path.native()}, {"err", platform::error_description(number)}});
    }

    // Not every process may set the bit (RestrictSUIDSGID of the unit). Then folders are as well without: the top one
    // keeps others out.
    [[nodiscard]] bool is_fine(const struct stat& status, const Wanted& wanted) const {
        return is_as(status, wanted) || (!can_set_group_id_ && is_as_without_bit(status, wanted));
    }

    // False: errno tells why.
    bool change_mode(int fd, mode_t mode) {
        const bool has_bit = (mode & set_group_id) != 0;
        if (!has_bit || can_set_group_id_) {
            if (::fchmod(fd, mode) == 0) return true;
            if (!has_bit || errno != EPERM) return false;
        }
        if (::fchmod(fd, mode & ~set_group_id) != 0) return false;
        can_set_group_id_ = false;
        return true;
    }

    // Of a folder that may lack nothing but the bit: whether it can be set.
    void try_group_id(int fd, const struct stat& status) {
        if ((status.st_mode & set_group_id) == 0 && is_as_without_bit(status, directory()) &&
            change_mode(fd, directory().mode))
            (void)::fchmod(fd, status.st_mode & 07777);
    }

    void change(int fd, const fs::path& path, const struct stat& status, const Wanted& wanted) {
        if (is_fine(status, wanted)) return;
        if (S_ISREG(status.st_mode) && status.st_nlink > 1 && status.st_uid != wanted.user && status.st_uid == 0) {
            log_.error("permissions are left: a file of root has another name elsewhere", {{"path", path.native()}});
            return;
        }
        if (!has_owner(status, wanted) && ::fchown(fd, wanted.user, wanted.group) != 0) return failed(path, errno);
        struct stat now = {};
        if (::fstat(fd, &now) != 0) return failed(path, errno);
        if (!is_fine(now, wanted) && !change_mode(fd, wanted.mode)) return failed(path, errno);
        if (::fstat(fd, &now) != 0) return failed(path, errno);
        log_.info("permissions repaired", {{"path", path.native()},
                                           {"was", in_words(status.st_uid, status.st_gid, status.st_mode & 07777)},
                                           {"now", in_words(now.st_uid, now.st_gid, now.st_mode & 07777)}});
    }

    void walk(UniqueFd fd, const fs::path& path, int depth) {
        struct stat status = {};
        if (::fstat(fd.get(), &status) != 0) return failed(path, errno);
        change(fd.get(), path, status, directory());
        if (depth > deepest) return failed(path, ELOOP);
        const auto close = [](DIR* open) { ::closedir(open); };
        const std::unique_ptr<DIR, decltype(close)> entries(::fdopendir(fd.get()), close);
        if (!entries) return failed(path, errno);
        const int folder = fd.release();  // closed with `entries`
        while (const dirent* entry = ::readdir(entries.get())) {
            const std::string_view name = entry->d_name;
            if (name != "." && name != "..") visit(folder, entry->d_name, path / name, depth);
        }
    }

    void visit(int folder, const char* name, const fs::path& path, int depth) {
        UniqueFd fd(::openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
        struct stat status = {};
        if (!fd) {
            if (errno != ELOOP && errno != ENXIO && errno != ENOENT) failed(path, errno);  // links and sockets
            return;
        }
        if (::fstat(fd.get(), &status) != 0) return failed(path, errno);
        if (S_ISDIR(status.st_mode)) return walk(std::move(fd), path, depth + 1);
        if (S_ISREG(status.st_mode)) change(fd.get(), path, status, file());
    }

    const User& user_;
    const log::Logger& log_;
    bool can_set_group_id_ = true;
};

// "/etc" is no directory of ours, whatever lies in it.
bool is_own_folder(const fs::path& path) {
    std::error_code ignored;
    const auto whole = fs::canonical(path, ignored);
    return std::distance(whole.begin(), whole.end()) >= 3;
}

}  // namespace

void repair_permissions(const PermissionPaths& paths, const User& user, const log::Logger& log) {
    for (const auto& path : {paths.working_directory, paths.config_directory, paths.data_directory})
        if (!status_of(path)) throw system_error(ENOENT, "look at", path.native());
    Repair repair(user, log);
    for (const auto& path : {paths.config_directory, paths.data_directory}) {
        if (is_own_folder(path))
            repair.tree(path);
        else
            log.error("permissions are left: this is no folder of its own", {{"path", path.native()}});
    }
    std::error_code ignored;
    const auto working = fs::canonical(paths.working_directory, ignored);
    const auto holds = [&](const fs::path& path) { return fs::canonical(path, ignored).parent_path() == working; };
    if (!is_own_folder(working) || (!holds(paths.config_directory) && !holds(paths.data_directory))) return;
    repair.one(working, {0, user.group, 0751}, O_DIRECTORY);
    repair.one(working / "mox", {0, user.group, 0750}, 0);
    repair.one(working / "mox.service", {0, 0, 0644}, 0);
}

}  // namespace mox::process
