#include "server/log/sink.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace mox::log {

namespace {

// RFC 5424 section 6.2.1: error 3, informational 6, debug 7.
char priority_of(Level level) {
    if (level == Level::error) return '3';
    return level == Level::info ? '6' : '7';
}

}  // namespace

DescriptorSink::DescriptorSink(int fd, const char* journal_stream) : fd_(fd) {
    struct stat status = {};
    if (journal_stream == nullptr || ::fstat(fd, &status) != 0) return;
    is_journal_ = journal_stream == std::to_string(status.st_dev) + ":" + std::to_string(status.st_ino);
}

void DescriptorSink::write(Level level, std::string_view line) {
    std::string out;
    out.reserve(line.size() + 4);
    if (is_journal_) out.append({'<', priority_of(level), '>'});
    out += line;
    out += '\n';
    const std::lock_guard lock(mutex_);
    for (std::string_view rest = out; !rest.empty();) {
        const ssize_t count = ::write(fd_, rest.data(), rest.size());
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return;
        rest.remove_prefix(static_cast<std::size_t>(count));
    }
}

void StringSink::write(Level, std::string_view line) {
    const std::lock_guard lock(mutex_);
    text_.append(line).append("\n");
}

std::string StringSink::text() const {
    const std::lock_guard lock(mutex_);
    return text_;
}

}  // namespace mox::log
