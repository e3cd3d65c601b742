#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/fd.hpp"
#include "base/file.hpp"

namespace mox::outlet {

// A file that is written from start to end, through a buffer. What is not flushed is lost; syncing is the caller's.
class OutputFile {
public:
    OutputFile(UniqueFd fd, std::filesystem::path name) : fd_(std::move(fd)), name_(std::move(name)) {}

    void append(std::string_view text) {
        constexpr std::size_t buffer_bytes = 256U << 10U;
        const bool is_large = text.size() > buffer_bytes / 4;
        if (is_large || buffer_.size() + text.size() > buffer_bytes) flush();
        if (is_large)
            write_all(fd_.get(), text, name_);
        else
            buffer_ += text;
    }
    void flush() {
        write_all(fd_.get(), buffer_, name_);
        buffer_.clear();
    }
    [[nodiscard]] int fd() const { return fd_.get(); }

private:
    UniqueFd fd_;
    std::filesystem::path name_;
    std::string buffer_;
};

}  // namespace mox::outlet
