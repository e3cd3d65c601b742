#include "base/file.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <system_error>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/platform.hpp"
#include "base/random.hpp"

namespace mox {

namespace fs = std::filesystem;

UniqueFd open_for_reading(const fs::path& path) {
    UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd) throw system_error(errno, "open", path.native());
    return fd;
}

UniqueFd create_file(const fs::path& path, const Ownership& ownership) {
    UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, ownership.file_mode));
    if (!fd) throw system_error(errno, "create", path.native());
    apply_ownership(fd.get(), ownership, path);
    return fd;
}

UniqueFd nameless_file(const fs::path& folder) {
    if (UniqueFd fd(platform::open_nameless(folder.c_str())); fd) return fd;
    std::string name = (folder / "scratch-XXXXXX").native();
    UniqueFd fd(::mkostemp(name.data(), O_CLOEXEC));
    if (!fd) throw system_error(errno, "create", name);
    remove_file(name);
    return fd;
}

void apply_ownership(int fd, const Ownership& ownership, const fs::path& path) {
    if (!ownership.user && !ownership.group) return;
    struct stat status = {};
    if (::fstat(fd, &status) != 0) throw system_error(errno, "stat", path.native());
    const mode_t wanted = S_ISDIR(status.st_mode) ? ownership.directory_mode : ownership.file_mode;
    const bool may_change = ::geteuid() == 0 || ::geteuid() == status.st_uid;
    if (may_change && (status.st_mode & 0777) != wanted && ::fchmod(fd, (status.st_mode & 07000) | wanted) != 0)
        throw system_error(errno, "change mode of", path.native());
    if (::geteuid() != 0) return;
    const uid_t user = ownership.user.value_or(status.st_uid);
    const gid_t group = ownership.group.value_or(status.st_gid);
    if (status.st_uid == user && status.st_gid == group) return;
    if (::fchown(fd, user, group) != 0) throw system_error(errno, "change owner of", path.native());
}

std::string read_file(const fs::path& path, std::size_t limit) {
    const UniqueFd fd = open_for_reading(path);
    std::string contents;
    struct stat status = {};
    if (::fstat(fd.get(), &status) == 0 && status.st_size > 0)
        contents.reserve(std::min<std::size_t>(static_cast<std::size_t>(status.st_size) + 1, limit));
    std::byte buffer[65536];
    for (;;) {
        const std::size_t count = read_full(fd.get(), buffer, path);
        if (count == 0) return contents;
        if (contents.size() + count > limit)
            throw Error(Errc::failed,
                        "read " + quote(path.native()) + ": larger than " + std::to_string(limit) + " bytes");
        contents.append(reinterpret_cast<const char*>(buffer), count);
    }
}

std::size_t read_full(int fd, std::span<std::byte> buffer, const fs::path& path) {
    std::size_t done = 0;
    while (done < buffer.size()) {
        const ssize_t count = ::read(fd, buffer.data() + done, buffer.size() - done);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) throw system_error(errno, "read", path.native());
        if (count == 0) break;
        done += static_cast<std::size_t>(count);
    }
    return done;
}

void write_all(int fd, std::span<const std::byte> bytes, const fs::path& path) {
    while (!bytes.empty()) {
        const ssize_t count = ::write(fd, bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) throw system_error(errno, "write", path.native());
        bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
}

void write_all(int fd, std::string_view text, const fs::path& path) {
    write_all(fd, as_bytes(text), path);
}

void sync_file(int fd, const fs::path& path) {
    if (::fsync(fd) != 0) throw system_error(errno, "sync", path.native());
}

void sync_directory(const fs::path& path) {
    const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd) throw system_error(errno, "open", path.native());
    if (::fsync(fd.get()) != 0) throw system_error(errno, "sync", path.native());
}

void sync_filesystem(const fs::path& path) {
    const UniqueFd fd = open_for_reading(path);
    if (!platform::sync_filesystem_of(fd.get(), path)) ::sync();
}

bool make_directory(const fs::path& path, const Ownership& ownership) {
    if (::mkdir(path.c_str(), ownership.directory_mode) != 0) {
        const int number = errno;
        if (number == EEXIST && directory_exists(path)) return false;
        throw system_error(number, "create directory", path.native());
    }
    if (ownership.user || ownership.group) {
        const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
        if (!fd) throw system_error(errno, "open", path.native());
        apply_ownership(fd.get(), ownership, path);
    }
    return true;
}

void make_directories(const fs::path& path, const Ownership& ownership) {
    if (path.empty() || directory_exists(path)) return;
    if (path.has_parent_path() && path.parent_path() != path) make_directories(path.parent_path(), ownership);
    if (path.has_filename()) make_directory(path, ownership);
}

bool remove_file(const fs::path& path) {
    if (::unlink(path.c_str()) == 0) return true;
    if (errno == ENOENT) return false;
    throw system_error(errno, "remove", path.native());
}

void rename_file(const fs::path& from, const fs::path& to) {
    if (::rename(from.c_str(), to.c_str()) != 0)
        throw system_error(errno, "rename " + quote(from.native()) + " to", to.native());
}

std::optional<struct stat> status_of(const fs::path& path) {
    struct stat status = {};
    if (::lstat(path.c_str(), &status) == 0) return status;
    if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
    throw system_error(errno, "stat", path.native());
}

bool directory_exists(const fs::path& path) {
    struct stat status = {};
    return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

void for_each_entry(const fs::path& path, const std::function<void(const DirectoryEntry&)>& visit) {
    struct CloseDirectory {
        void operator()(DIR* directory) const { ::closedir(directory); }
    };
    const std::unique_ptr<DIR, CloseDirectory> directory(::opendir(path.c_str()));
    if (!directory) throw system_error(errno, "open directory", path.native());
    for (;;) {
        errno = 0;
        const dirent* entry = ::readdir(directory.get());
        if (entry == nullptr) {
            if (errno != 0) throw system_error(errno, "read directory", path.native());
            return;
        }
        const std::string_view name = entry->d_name;
        if (name == "." || name == "..") continue;
        visit({.name = std::string(name), .inode = entry->d_ino, .type = entry->d_type});
    }
}

std::vector<DirectoryEntry> list_directory(const fs::path& path) {
    std::vector<DirectoryEntry> entries;
    for_each_entry(path, [&](const DirectoryEntry& entry) { entries.push_back(entry); });
    std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    return entries;
}

namespace {

std::string random_suffix() {
    std::byte bytes[8];
    SystemRandom().fill(bytes);
    return to_hex(bytes);
}

}  // namespace

AtomicFile::AtomicFile(fs::path target, const Ownership& ownership)
    : target_(std::move(target)),
      temporary_(target_.native() + "." + random_suffix() + ".tmp") {
    fd_ = create_file(temporary_, ownership);
}

AtomicFile::~AtomicFile() {
    if (fd_) ::unlink(temporary_.c_str());
}

void AtomicFile::write(std::string_view text) {
    write_all(fd_.get(), text, temporary_);
}

void AtomicFile::commit() {
    sync_file(fd_.get(), temporary_);
    rename_file(temporary_, target_);
    fd_.reset();
    sync_directory(target_.has_parent_path() ? target_.parent_path() : fs::path("."));
}

TemporaryDirectory::TemporaryDirectory(const fs::path& parent, std::string_view prefix)
    : path_(parent / (std::string(prefix) + random_suffix())) {
    make_directory(path_, {.file_mode = 0600, .directory_mode = 0700});
}

TemporaryDirectory::~TemporaryDirectory() {
    if (path_.empty()) return;
    std::error_code ignored;
    fs::remove_all(path_, ignored);
}

}  // namespace mox
