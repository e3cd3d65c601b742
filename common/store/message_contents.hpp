#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "base/fd.hpp"
#include "store/types.hpp"

namespace mox::store {

// The folder of an account's messages, held open: for many messages, finding each from there takes less time than
// finding it by its whole path. Any thread may use it.
class MessageFolder {
public:
    // As datadir::Layout::messages(). There need not be one yet.
    explicit MessageFolder(const std::filesystem::path& path);

private:
    friend class MessageContents;
    std::string path_;  // with a slash at its end
    UniqueFd fd_;       // none: files are found by their whole path
};

// The contents of a message, prefix first, from any place. Keeps the file open: it stays readable when it is erased
// meanwhile. One thread at a time.
class MessageContents {
public:
    // `size_bytes` and `prefix` as in the row. Errc::corrupt when the file is missing, is no regular file or has
    // another size than the row says.
    MessageContents(std::string file, std::string prefix, std::int64_t size_bytes);
    // The same for a message of that folder, which need not outlive it.
    MessageContents(const MessageFolder& folder, MessageId id, std::string prefix, std::int64_t size_bytes);

    [[nodiscard]] std::uint64_t size_bytes() const { return size_bytes_; }
    // Fills `buffer` with what is at `offset`; fewer bytes only at the end.
    [[nodiscard]] std::size_t read(std::uint64_t offset, std::span<char> buffer) const;
    // Bytes from begin to end, without end, which must lie inside.
    [[nodiscard]] std::string read(std::uint64_t begin, std::uint64_t end) const;

private:
    std::string file_;  // making a std::filesystem::path takes as long as opening it
    std::string prefix_;
    std::uint64_t size_bytes_;
    UniqueFd fd_;
};

// A message's file, with the same errors: `size_bytes` of the file alone.
[[nodiscard]] UniqueFd open_message_file(const std::filesystem::path& file, std::int64_t size_bytes);

}  // namespace mox::store
