#include "support/mounts.hpp"

#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <iostream>
#include <string>

namespace mox::test {

namespace fs = std::filesystem;

namespace {

void set_writable(const fs::path& folder, bool writable) {
    const auto how = writable ? fs::perm_options::add : fs::perm_options::remove;
    constexpr auto write = fs::perms::owner_write | fs::perms::group_write | fs::perms::others_write;
    fs::permissions(folder, write, how);
    for (const auto& entry : fs::recursive_directory_iterator(folder)) fs::permissions(entry.path(), write, how);
}

// So that nothing is left mounted when the process is killed.
bool have_own_mounts() {
    static const bool done =
        ::unshare(CLONE_NEWNS) == 0 && ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
    return done;
}

void say_skipped() {
    std::cerr << "skipped: cannot mount file systems here (" << std::strerror(errno) << ")\n";
}

}  // namespace

Mounted::~Mounted() {
    if (path_.empty()) return;
    if (::geteuid() == 0)
        (void)::umount2(path_.c_str(), MNT_DETACH);
    else
        set_writable(path_, true);
}

std::optional<Mounted> Mounted::small(const fs::path& folder, std::size_t size_bytes) {
    fs::create_directories(folder);
    const std::string options = "size=" + std::to_string(size_bytes);
    if (have_own_mounts() && ::mount("none", folder.c_str(), "tmpfs", 0, options.c_str()) == 0) return Mounted(folder);
    say_skipped();
    return std::nullopt;
}

std::optional<Mounted> Mounted::read_only(const fs::path& folder) {
    if (::geteuid() != 0) {
        set_writable(folder, false);
        return Mounted(folder);
    }
    if (have_own_mounts() && ::mount(folder.c_str(), folder.c_str(), nullptr, MS_BIND, nullptr) == 0) {
        Mounted mounted(folder);
        if (::mount(nullptr, folder.c_str(), nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY, nullptr) == 0) return mounted;
    }
    say_skipped();
    return std::nullopt;
}

}  // namespace mox::test
