#pragma once

#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "base/file.hpp"
#include "base/hash.hpp"
#include "mime/scanner.hpp"
#include "store/types.hpp"

namespace mox::store {

// What writing a message's file tells about it.
struct WrittenFile {
    std::int64_t size_bytes = 0;  // of the file, without the prefix
    Sha256Digest sha256{};        // of the file
    mime::Message parsed;         // of prefix and file together
};

// Writes one message file after the other, hashing and parsing on the way: the bytes pass once. Keeps its buffers, so
// one object serves many messages; one thread at a time.
class MessageWriter {
public:
    // Makes `path`, which must not exist; its folder must. The prefix is parsed, not written. With an empty path
    // nothing is written: the bytes are only looked at.
    void begin(const std::filesystem::path& path, std::string_view prefix, const Ownership& ownership);
    void write(std::span<const std::byte> bytes);
    enum class Sync { now, later };  // later: the caller syncs the whole batch
    [[nodiscard]] WrittenFile finish(Sync sync);
    // Removes a file that was begun and not finished.
    void abandon() noexcept;

private:
    std::filesystem::path path_;
    UniqueFd fd_;
    Sha256 hash_;
    mime::Scanner scanner_;
    std::int64_t size_bytes_ = 0;
};

// Contents of a message, prefix first, in pieces of up to 64 KiB. Errc::corrupt when the file is missing, is no regular
// file or has another size than the row says.
void read_contents(const std::filesystem::path& file, const Message& message,
                   const std::function<void(std::span<const std::byte>)>& sink);
[[nodiscard]] std::string read_contents(const std::filesystem::path& file, const Message& message);

}  // namespace mox::store
