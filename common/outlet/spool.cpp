#include "outlet/spool.hpp"

#include <unistd.h>

#include <cerrno>

#include "base/error.hpp"
#include "base/file.hpp"

namespace mox::outlet {

namespace {

constexpr std::size_t most_in_memory = 1U << 20U;
constexpr const char* name = "temporary file";

}  // namespace

void Spool::append(std::string_view text) {
    buffer_ += text;
    size_ += text.size();
    if (buffer_.size() >= most_in_memory) spill();
}

void Spool::spill() {
    if (!file_) file_.reset(std::tmpfile());
    if (!file_) throw system_error(errno, "create", name);
    write_all(::fileno(file_.get()), buffer_, name);
    buffer_.clear();
}

void Spool::read(const std::function<void(std::string_view)>& sink) {
    if (file_) {
        const int fd = ::fileno(file_.get());
        if (::lseek(fd, 0, SEEK_SET) != 0) throw system_error(errno, "read", name);
        std::string block(65536, '\0');
        while (const std::size_t count = read_full(fd, std::as_writable_bytes(std::span(block)), name))
            sink(std::string_view(block).substr(0, count));
    }
    if (!buffer_.empty()) sink(buffer_);
}

}  // namespace mox::outlet
