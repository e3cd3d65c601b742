#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>

#include "archive/format.hpp"

namespace mox::archive {

struct WriteOptions {
    Format format = Format::tar_zstd;
    std::optional<int> level;  // of the compression; the library's own when empty. See levels_of().
    unsigned threads = 1;      // that compress, where the compression can be divided (zstd)
};

struct Levels {
    int lowest = 0, highest = 0;  // equal: there is nothing to choose
};
[[nodiscard]] Levels levels_of(Format format);

// Writes a tar (POSIX ustar, with pax headers for members that need them), member after member, in constant memory.
// Times are whole seconds. Bytes go to `sink` as they come; durability is the caller's. Throws what the sink throws,
// and Error{failed}; after that only destruction is allowed. One thread at a time.
class Writer {
public:
    using Sink = std::function<void(std::span<const std::byte>)>;
    Writer(const WriteOptions& options, Sink sink);
    ~Writer();
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;

    // Begins a member, a file, folder or symlink. A file has exactly size_bytes, which write() gives next.
    void add(const Member& member);
    void write(std::span<const std::byte> bytes);
    // The end mark, and everything that was held back to the sink. Without it the archive is recognisably cut off.
    void finish();

private:
    class State;
    std::unique_ptr<State> state_;
};

}  // namespace mox::archive
