#include "store/message_contents.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/encoding.hpp"
#include "base/error.hpp"

namespace mox::store {

UniqueFd open_message_file(const std::filesystem::path& file, std::int64_t size_bytes) {
    UniqueFd fd(::open(file.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    struct stat status = {};
    if (!fd || ::fstat(fd.get(), &status) != 0) {
        const Error error = system_error(errno, "open", file.native());
        throw Error(errno == ENOENT ? Errc::corrupt : error.code(), error.what(), "run mox-verifydata");
    }
    if (!S_ISREG(status.st_mode) || status.st_size != size_bytes)
        throw Error(Errc::corrupt, fmt::format("{}: not a regular file of {} bytes", quote(file.native()), size_bytes),
                    "run mox-verifydata");
    return fd;
}

MessageContents::MessageContents(std::filesystem::path file, std::string prefix, std::int64_t size_bytes)
    : file_(std::move(file)),
      prefix_(std::move(prefix)),
      size_bytes_(static_cast<std::uint64_t>(size_bytes)),
      fd_(open_message_file(file_, size_bytes - static_cast<std::int64_t>(prefix_.size()))) {}

std::size_t MessageContents::read(std::uint64_t offset, std::span<char> buffer) const {
    std::size_t done = 0;
    if (offset < prefix_.size()) {
        done = std::min<std::size_t>(buffer.size(), prefix_.size() - offset);
        std::copy_n(prefix_.begin() + static_cast<std::ptrdiff_t>(offset), done, buffer.begin());
    }
    while (done < buffer.size()) {
        const auto from = static_cast<off_t>(offset + done - prefix_.size());
        const auto count = ::pread(fd_.get(), buffer.data() + done, buffer.size() - done, from);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) throw system_error(errno, "read", file_.native());
        if (count == 0) break;
        done += static_cast<std::size_t>(count);
    }
    return done;
}

std::string MessageContents::read(std::uint64_t begin, std::uint64_t end) const {
    std::string bytes(end - begin, '\0');
    if (read(begin, bytes) != bytes.size())
        throw Error(Errc::corrupt, quote(file_.native()) + ": shorter than it was", "run mox-verifydata");
    return bytes;
}

}  // namespace mox::store
