#include "repair/files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>

#include "base/copy.hpp"
#include "base/encoding.hpp"
#include "base/error.hpp"

namespace mox::repair {

namespace fs = std::filesystem;

namespace {

// The folder that holds `path`, opened without following links; empty when it is not there.
UniqueFd open_parent(const Part& part, const std::string& path) {
    UniqueFd folder(::openat(part.run().root.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    for (const auto& name : fs::path(path).parent_path()) {
        if (name == "..") return {};
        folder = UniqueFd(::openat(folder.get(), name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
        if (!folder) return {};
    }
    return folder;
}

bool is_there(int folder, const std::string& name) {
    struct stat status = {};
    return ::fstatat(folder, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0;
}

void mend_owner(Part& part, const std::string& path) {
    const std::string name = fs::path(path).filename();
    const UniqueFd folder = open_parent(part, path);
    struct stat status = {}, root = {};
    if (!folder || ::fstat(part.run().root.get(), &root) != 0 ||
        ::fstatat(folder.get(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0 ||
        (!S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode)))
        return;
    const UniqueFd fd(::openat(folder.get(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!fd) throw system_error(errno, "open", path);
    const mode_t mode = status.st_mode & 07777 & ~(static_cast<mode_t>(07) & ~root.st_mode);
    const bool is_foreign = status.st_uid != root.st_uid;
    if (mode == (status.st_mode & 07777) && !is_foreign) return;
    if (is_foreign && ::geteuid() != 0)
        throw Error(Errc::failed, fmt::format("belongs to user {}", status.st_uid), "only root can change the owner");
    if (!part.dry_run()) {
        if (is_foreign && ::fchown(fd.get(), root.st_uid, root.st_gid) != 0) throw system_error(errno, "chown", path);
        if (::fchmod(fd.get(), mode) != 0) throw system_error(errno, "chmod", path);
    }
    part.did("owner-mode", path,
             fmt::format("had mode {:04o}, has {:04o} now{}", status.st_mode & 07777, mode,
                         is_foreign ? fmt::format(", and belongs to user {}", root.st_uid) : ""));
    part.tell();
}

enum class Away { move, copy };

bool put_away(Part& part, CheckId check, const std::string& path, Away how) {
    const std::string name = fs::path(path).filename();
    const UniqueFd folder = open_parent(part, path);
    if (!folder || !is_there(folder.get(), name)) return false;
    const fs::path target = part.layout().moved() / fs::path(path).parent_path();
    const std::string shown = "moved/" + fs::path(path).parent_path().native();
    if (part.dry_run()) {
        part.did(check, path, (how == Away::move ? "moves to " : "is copied to ") + quote(shown));
        return true;
    }
    make_directories(target, part.run().ownership);
    const UniqueFd to(::open(target.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!to) throw system_error(errno, "open", target.native());
    std::string new_name = name;
    for (int number = 1; is_there(to.get(), new_name); ++number) new_name = fmt::format("{}.{}", name, number);
    if (how == Away::copy) {
        (void)link_or_copy_at(folder.get(), name.c_str(), to.get(), new_name.c_str(), {}, part.run().ownership);
        const UniqueFd copy = open_for_reading(target / new_name);
        sync_file(copy.get(), target / new_name);
    } else if (::renameat(folder.get(), name.c_str(), to.get(), new_name.c_str()) != 0) {
        throw system_error(errno, "move " + quote(path) + " to", (target / new_name).native());
    }
    for (fs::path made = target; made != part.layout().root(); made = made.parent_path()) sync_directory(made);
    sync_directory(part.layout().root());
    sync_file(folder.get(), path);
    part.did(check, path,
             (how == Away::move ? "moved to " : "copied to ") + quote((fs::path(shown) / new_name).native()));
    return true;
}

}  // namespace

bool move_away(Part& part, CheckId check, const std::string& path) {
    return put_away(part, check, path, Away::move);
}
bool copy_away(Part& part, CheckId check, const std::string& path) {
    return put_away(part, check, path, Away::copy);
}

void move_strays(Part& part, const std::function<bool(const std::string& path)>& is_stray) {
    if (!part.wanted("stray-file")) return;
    for (const auto& path : part.paths("stray-file"))
        part.attempt(path, [&] {
            if (is_stray(path) && move_away(part, "stray-file", path)) part.tell();
        });
}

void mend_owners(Part& part) {
    if (!part.wanted("owner-mode")) return;
    for (const auto& path : part.paths("owner-mode")) part.attempt(path, [&] { mend_owner(part, path); });
}

}  // namespace mox::repair
