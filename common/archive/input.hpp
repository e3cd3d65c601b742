#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "archive/handle.hpp"
#include "base/fd.hpp"

// The bytes that an archive is read from. Internal to this folder.

namespace mox::archive {

// A file, pipe or socket, from its current position. read() throws Error{failed} naming it, and Interrupted.
class RawInput {
public:
    RawInput(UniqueFd fd, std::string name);

    // A block, valid until the next call; empty only at the end.
    [[nodiscard]] std::span<const std::byte> read();
    // The same position once more: what the last read() gave comes again, only once, before anything else.
    void unread() { again_ = true; }
    // As lseek(2); only with is_seekable().
    [[nodiscard]] std::int64_t seek(std::int64_t offset, int whence);

    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] bool is_seekable() const { return seekable_; }
    [[nodiscard]] std::uint64_t bytes_read() const { return bytes_read_; }
    [[nodiscard]] std::optional<std::uint64_t> total_bytes() const { return total_bytes_; }

private:
    UniqueFd fd_;
    std::string name_;
    std::vector<std::byte> buffer_;
    std::size_t filled_ = 0;
    bool again_ = false, seekable_ = false;
    std::uint64_t bytes_read_ = 0;
    std::optional<std::uint64_t> total_bytes_;
};

// The same without its compression (gzip, bzip2, xz, zstd, or none), told by its first bytes.
class Unpacker {
public:
    explicit Unpacker(RawInput& input);

    // A block, valid until the next call; empty only at the proper end of the compressed data, behind which nothing
    // may follow. Errc::corrupt when it is damaged or cut off.
    [[nodiscard]] std::span<const std::byte> read();
    [[nodiscard]] std::uint64_t bytes_out() const { return bytes_out_; }

private:
    static la_ssize_t on_read(::archive* object, void* self, const void** block);
    [[noreturn]] void fail();

    RawInput& input_;
    std::exception_ptr failure_;  // of input_
    ReadHandle handle_;
    bool opened_ = false;
    std::uint64_t bytes_out_ = 0;
};

}  // namespace mox::archive
