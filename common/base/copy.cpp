#include "base/copy.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/platform.hpp"

namespace mox {

namespace {

// Below this size a read and a write cost less than what the kernel needs to copy by itself.
constexpr std::uint64_t small_size = 64 * 1024;

// The plain way, used for small files and where the kernel cannot copy by itself.
void copy_by_hand(int from, int to, std::uint64_t size, const char* from_name, const char* to_name) {
    // Small files are many: no more memory is cleared for each than it needs.
    std::vector<std::byte> buffer(std::clamp<std::uint64_t>(size + 1, 4096, 256 * 1024));
    while (const std::size_t count = read_full(from, buffer, from_name))
        write_all(to, std::span(buffer).first(count), to_name);
}

}  // namespace

std::string_view to_string(CopyMethod method) {
    switch (method) {
        case CopyMethod::link:
            return "link";
        case CopyMethod::reflink:
            return "reflink";
        case CopyMethod::copy:
            return "copy";
    }
    return "?";
}

CopyMethod link_or_copy_at(int from_directory, const char* from, int to_directory, const char* to,
                           const CopyPolicy& policy, const Ownership& ownership) {
    if (policy.allow_link && ::linkat(from_directory, from, to_directory, to, 0) == 0) return CopyMethod::link;
    if (policy.allow_link && (errno == EEXIST || errno == ENOENT)) throw system_error(errno, "link to", to);

    // A device or a pipe in place of a message file must not be waited for.
    const UniqueFd source(::openat(from_directory, from, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!source) throw system_error(errno, "open", from);
    struct stat status = {};
    if (::fstat(source.get(), &status) != 0) throw system_error(errno, "stat", from);
    if (!S_ISREG(status.st_mode)) throw Error(Errc::failed, "copy " + quote(from) + ": not a regular file");

    const UniqueFd target(::openat(to_directory, to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, ownership.file_mode));
    if (!target) throw system_error(errno, "create", to);
    try {
        apply_ownership(target.get(), ownership, to);
        if (policy.allow_reflink && platform::clone_file(source.get(), target.get())) return CopyMethod::reflink;
        const auto size = static_cast<std::uint64_t>(status.st_size);
        if (size <= small_size || !platform::copy_contents(source.get(), target.get(), size, to))
            copy_by_hand(source.get(), target.get(), size, from, to);
        return CopyMethod::copy;
    } catch (...) {
        ::unlinkat(to_directory, to, 0);
        throw;
    }
}

CopyMethod link_or_copy(const std::filesystem::path& from, const std::filesystem::path& to, const CopyPolicy& policy,
                        const Ownership& ownership) {
    return link_or_copy_at(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), policy, ownership);
}

}  // namespace mox
