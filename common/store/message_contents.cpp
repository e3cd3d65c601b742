#include "store/message_contents.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "datadir/layout.hpp"

namespace mox::store {

namespace {

// `file` from its byte `start` on, seen from an open folder.
UniqueFd open_in(int folder, const std::string& file, std::size_t start, std::int64_t size_bytes) {
    UniqueFd fd(::openat(folder, file.c_str() + start, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    struct stat status = {};
    if (!fd || ::fstat(fd.get(), &status) != 0) {
        const Error error = system_error(errno, "open", file);
        throw Error(errno == ENOENT ? Errc::corrupt : error.code(), error.what(), "run mox-verifydata");
    }
    if (!S_ISREG(status.st_mode) || status.st_size != size_bytes)
        throw Error(Errc::corrupt, fmt::format("{}: not a regular file of {} bytes", quote(file), size_bytes),
                    "run mox-verifydata");
    return fd;
}

}  // namespace

UniqueFd open_message_file(const std::filesystem::path& file, std::int64_t size_bytes) {
    return open_in(AT_FDCWD, file.native(), 0, size_bytes);
}

MessageFolder::MessageFolder(const std::filesystem::path& path)
    : path_(path.native() + '/'),
      fd_(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {}

MessageContents::MessageContents(const MessageFolder& folder, MessageId id, std::string prefix, std::int64_t size_bytes)
    : file_(folder.path_ + datadir::message_path(number(id))),
      prefix_(std::move(prefix)),
      size_bytes_(static_cast<std::uint64_t>(size_bytes)),
      fd_(open_in(folder.fd_ ? folder.fd_.get() : AT_FDCWD, file_, folder.fd_ ? folder.path_.size() : 0,
                  size_bytes - static_cast<std::int64_t>(prefix_.size()))) {}

MessageContents::MessageContents(std::string file, std::string prefix, std::int64_t size_bytes)
    : file_(std::move(file)),
      prefix_(std::move(prefix)),
      size_bytes_(static_cast<std::uint64_t>(size_bytes)),
      fd_(open_in(AT_FDCWD, file_, 0, size_bytes - static_cast<std::int64_t>(prefix_.size()))) {}

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
        if (count < 0) throw system_error(errno, "read", file_);
        if (count == 0) break;
        done += static_cast<std::size_t>(count);
    }
    return done;
}

std::string MessageContents::read(std::uint64_t begin, std::uint64_t end) const {
    std::string bytes(end - begin, '\0');
    if (read(begin, bytes) != bytes.size())
        throw Error(Errc::corrupt, quote(file_) + ": shorter than it was", "run mox-verifydata");
    return bytes;
}

}  // namespace mox::store
