#include "cli/output.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/file.hpp"

namespace mox::cli {

namespace {

constexpr std::size_t buffer_size_bytes = 64U << 10U;
constexpr std::chrono::milliseconds longest_hold_back(100);
constexpr std::string_view output_name = "standard output";

unsigned terminal_width(int fd) {
    struct winsize size = {};
    return ::ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80U;
}

}  // namespace

StandardOutput::StandardOutput(int fd)
    : fd_(fd),
      is_terminal_(::isatty(fd) == 1),
      drained_(std::chrono::steady_clock::now()) {}

unsigned StandardOutput::width() const {
    return terminal_width(fd_);
}

void StandardOutput::write(std::string_view text) {
    if (broken_) return;
    buffer_ += text;
    if (is_terminal_ || buffer_.size() >= buffer_size_bytes ||
        std::chrono::steady_clock::now() - drained_ >= longest_hold_back)
        drain();
}

// Closing a copy of the descriptor makes network file systems tell about writes that they have only accepted so far.
void StandardOutput::flush() {
    if (broken_) return;
    drain();
    const int copy = ::dup(fd_);
    if (copy < 0 || ::close(copy) == 0 || errno == EINTR) return;
    broken_ = true;
    throw system_error(errno, "write", output_name);
}

void StandardOutput::drain() {
    const std::string pending = std::exchange(buffer_, {});
    drained_ = std::chrono::steady_clock::now();
    if (pending.empty()) return;
    try {
        write_all(fd_, pending, std::filesystem::path(output_name));
    } catch (const Error&) {
        broken_ = true;
        throw;
    }
}

StandardError::StandardError(int fd) : fd_(fd), is_terminal_(::isatty(fd) == 1) {}

unsigned StandardError::width() const {
    return terminal_width(fd_);
}

void StandardError::write(std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(fd_, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
}

void occupy_standard_descriptors() {
    for (int fd = 0; fd <= 2; ++fd) {
        if (::fcntl(fd, F_GETFD) >= 0 || errno != EBADF) continue;
        // open() takes the lowest free number, which is `fd`; the access mode is the wrong one on purpose.
        if (::open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) < 0) return;
    }
}

std::string one_line(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const std::size_t length = std::max<std::size_t>(utf8_sequence_length(text), 1);
        const std::string_view sequence = text.substr(0, length);
        out += sequence == "'" || sequence == "\\" ? std::string(sequence) : escaped(sequence);
        text.remove_prefix(length);
    }
    return out;
}

}  // namespace mox::cli
