#include "intake/regular_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <utility>

#include "base/error.hpp"

namespace mox::intake {

MessageFolder::Opened open_regular_file(int folder, const std::string& name, std::string_view shown) {
    MessageFolder::Opened result;
    const auto failed = [&](FailureKind kind, std::string_view reason) {
        result.fd.reset();
        result.failure = Failure{kind, std::string(shown) + ": " + std::string(reason)};
        return std::move(result);
    };
    const auto failed_call = [&](std::string_view operation) {
        const int number = errno;
        Error error = system_error(number, operation, shown);
        if (number == EMFILE || number == ENFILE || number == ENOMEM) throw error;
        if (number == ENOENT) return failed(FailureKind::vanished, "removed or renamed while the maildir was read");
        if (number == ELOOP) return failed(FailureKind::not_a_file, "a symbolic link, not followed");
        result.fd.reset();
        result.failure = Failure{FailureKind::unreadable, error.what()};
        return std::move(result);
    };
    struct stat status = {};
    if (::fstatat(folder, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) return failed_call("open");
    if (S_ISLNK(status.st_mode)) return failed(FailureKind::not_a_file, "a symbolic link, not followed");
    if (!S_ISREG(status.st_mode)) return failed(FailureKind::not_a_file, "not a regular file");
    // Between the two calls it may have become something else: O_NONBLOCK never waits for a FIFO.
    constexpr int flags = O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY | O_CLOEXEC;
    result.fd = UniqueFd(::openat(folder, name.c_str(), flags));
    if (!result.fd || ::fstat(result.fd.get(), &status) != 0) return failed_call("open");
    if (!S_ISREG(status.st_mode)) return failed(FailureKind::not_a_file, "not a regular file");
    if (status.st_mtime > 0) result.changed = Timestamp{.seconds = status.st_mtime};
    return result;
}

}  // namespace mox::intake
