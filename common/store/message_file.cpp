#include "store/message_file.hpp"

#include "base/encoding.hpp"
#include "store/message_contents.hpp"

namespace mox::store {

namespace fs = std::filesystem;

void MessageWriter::begin(const fs::path& path, std::string_view prefix, const Ownership& ownership) {
    path_ = path;
    fd_ = path.empty() ? UniqueFd() : create_file(path, ownership);
    size_bytes_ = 0;
    scanner_.feed(prefix);
}

void MessageWriter::write(std::span<const std::byte> bytes) {
    if (fd_) write_all(fd_.get(), bytes, path_);
    hash_.update(bytes);
    scanner_.feed(as_text(bytes));
    size_bytes_ += static_cast<std::int64_t>(bytes.size());
}

WrittenFile MessageWriter::finish(Sync sync) {
    if (fd_ && sync == Sync::now) sync_file(fd_.get(), path_);
    fd_.reset();
    return {.size_bytes = size_bytes_, .sha256 = hash_.finish(), .parsed = scanner_.finish()};
}

void MessageWriter::abandon() noexcept {
    if (std::exchange(fd_, UniqueFd())) ::unlink(path_.c_str());
    hash_ = Sha256();
    scanner_ = mime::Scanner();
}

void read_contents(const fs::path& file, const Message& message,
                   const std::function<void(std::span<const std::byte>)>& sink) {
    const UniqueFd fd = open_message_file(file, message.size_bytes - static_cast<std::int64_t>(message.prefix.size()));
    if (!message.prefix.empty()) sink(as_bytes(message.prefix));
    std::vector<std::byte> buffer(64 * 1024);
    while (const std::size_t count = read_full(fd.get(), buffer, file)) sink(std::span(buffer).first(count));
}

std::string read_contents(const fs::path& file, const Message& message) {
    std::string contents;
    contents.reserve(static_cast<std::size_t>(message.size_bytes));
    read_contents(file, message, [&](std::span<const std::byte> bytes) { contents += as_text(bytes); });
    return contents;
}

}  // namespace mox::store
