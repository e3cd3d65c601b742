#include "check/scope.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <memory>

#include "base/encoding.hpp"
#include "base/error.hpp"

namespace mox::check {

void Scope::add(CheckId check, std::string path, std::string detail, std::string hint) {
    if (!wanted(check)) return;
    const std::lock_guard lock(mutex_);
    OfCheck& of = checks_[check.index()];
    if (of.findings.size() >= run_.options.most_findings) {
        ++of.count;
        return;
    }
    if (!of.known.emplace(path, detail).second) return;
    ++of.count;
    of.findings.push_back({.path = std::move(path),
                           .severity = check.check().severity,
                           .detail = std::move(detail),
                           .check = check.check().id,
                           .hint = std::move(hint)});
}

void Scope::add_unknown_format(std::string path, std::string detail, std::string hint) {
    {
        const std::lock_guard lock(mutex_);
        ++unknown_formats_;
    }
    add("database-format", std::move(path), std::move(detail), std::move(hint));
}

void Scope::add_messages(std::uint64_t count, std::uint64_t size_bytes) {
    const std::lock_guard lock(mutex_);
    messages_ += count;
    size_bytes_ += size_bytes;
}

void Scope::add_read(std::uint64_t count, std::uint64_t size_bytes) {
    const std::lock_guard lock(mutex_);
    read_messages_ += count;
    read_bytes_ += size_bytes;
}

void Scope::guard(const std::string& path, const std::function<void()>& work) {
    try {
        work();
    } catch (const Interrupted&) {
        throw;
    } catch (const Error& error) {
        // Nobody can tell what else is wrong with something that cannot be read, so this is told whatever was asked.
        add("database", path, error.what(), error.hint());
    } catch (const std::exception& error) {
        add("database", path, error.what());
    }
}

void Scope::clear() {
    const std::lock_guard lock(mutex_);
    for (auto& of : checks_) of = {};
    unknown_formats_ = messages_ = size_bytes_ = read_messages_ = read_bytes_ = 0;
}

std::vector<Finding> Scope::take_findings() {
    const std::lock_guard lock(mutex_);
    std::vector<Finding> all;
    for (auto& of : checks_) {
        std::sort(of.findings.begin(), of.findings.end(), [](const Finding& a, const Finding& b) {
            return std::tie(a.path, a.detail) < std::tie(b.path, b.detail);
        });
        const std::uint64_t more = of.count - of.findings.size();
        for (auto& finding : of.findings) all.push_back(std::move(finding));
        if (more == 0) continue;
        Finding rest = all.back();
        rest.detail = fmt::format("and {} more of this kind, here and in other places", more);
        rest.hint.clear();
        all.push_back(std::move(rest));
    }
    return all;
}

void Scope::add_to(Summary& summary) const {
    const std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < check_count; ++i)
        (checks[i].severity == Severity::error ? summary.errors : summary.warnings) += checks_[i].count;
    summary.unknown_formats += unknown_formats_;
    summary.messages += messages_;
    summary.size_bytes += size_bytes_;
    summary.read_messages += read_messages_;
    summary.read_bytes += read_bytes_;
}

void check_owner(Scope& scope, const std::string& path, const struct stat& status) {
    // Files of a snapshot may be shared with the data directory, whose owner they keep. Those of an archive are not.
    const bool may_be_shared = !scope.run().options.snapshot.empty() && scope.run().options.archive == nullptr;
    if (!may_be_shared && status.st_uid != scope.run().owner)
        scope.add("owner-mode", path,
                  fmt::format("belongs to user {}, the data directory to user {}", status.st_uid, scope.run().owner));
    const mode_t others = status.st_mode & 07;
    if (!S_ISLNK(status.st_mode) && (others & ~scope.run().others) != 0)
        scope.add("owner-mode", path,
                  fmt::format("mode {:04o} lets others in, the data directory does not", status.st_mode & 07777));
}

UniqueFd open_folder(Scope& scope, int parent, const char* name, const std::string& path) {
    UniqueFd fd(::openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK));
    struct stat status = {};
    if (fd) {
        if (::fstat(fd.get(), &status) == 0) check_owner(scope, path, status);
        return fd;
    }
    const int number = errno;
    if (number == ENOENT) return fd;
    if (::fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW) == 0 && !S_ISDIR(status.st_mode))
        scope.add("folder", path, fmt::format("is {}, not a folder", kind_of(status.st_mode)));
    else
        scope.add("folder", path, fmt::format("cannot be opened: {}", std::strerror(number)));
    return fd;
}

void for_each_entry_of(Scope& scope, int folder, const std::string& path,
                       const std::function<void(const char* name)>& visit) {
    struct CloseDirectory {
        void operator()(DIR* directory) const { ::closedir(directory); }
    };
    // Opened anew: a duplicate would share the reading position.
    const int fd = ::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const std::unique_ptr<DIR, CloseDirectory> directory(fd < 0 ? nullptr : ::fdopendir(fd));
    if (!directory) {
        if (fd >= 0) ::close(fd);
        scope.add("folder", path, fmt::format("cannot be read: {}", std::strerror(errno)));
        return;
    }
    for (;;) {
        errno = 0;
        const dirent* entry = ::readdir(directory.get());
        if (entry == nullptr) break;
        const std::string_view name = entry->d_name;
        if (name != "." && name != "..") visit(entry->d_name);
    }
    if (errno != 0) scope.add("folder", path, fmt::format("cannot be read: {}", std::strerror(errno)));
}

}  // namespace mox::check
