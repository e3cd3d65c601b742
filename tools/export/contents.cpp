#include "tools/export/contents.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <utility>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/file.hpp"
#include "base/hash.hpp"
#include "base/interrupt.hpp"
#include "mime/address.hpp"
#include "mime/header.hpp"

namespace mox::exporting {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t block_bytes = 64U << 10U;

// The system has no descriptors or memory left: not the fault of a message.
class Exhausted : public Error {
public:
    using Error::Error;
};

UniqueFd open_regular(const fs::path& file, struct stat& status) {
    UniqueFd fd(::open(file.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    if (!fd) {
        if (errno == ENOENT) throw Error(Errc::corrupt, "is missing");
        if (errno == ELOOP) throw Error(Errc::corrupt, "is not a regular file");
        const Error error = system_error(errno, "open", file.native());
        if (errno == EMFILE || errno == ENFILE || errno == ENOMEM) throw Exhausted(Errc::failed, error.what());
        throw error;
    }
    if (::fstat(fd.get(), &status) != 0) throw system_error(errno, "stat");
    if (!S_ISREG(status.st_mode)) throw Error(Errc::corrupt, "is not a regular file");
    return fd;
}

// Gives `sink` what is left of an open file.
template <class Sink>
void read_blocks(int fd, const fs::path& file, Sink&& sink) {
    thread_local std::string block(block_bytes, '\0');
    for (;;) {
        check_interrupt();
        const std::size_t count = read_full(fd, std::as_writable_bytes(std::span(block)), file);
        if (count == 0) return;
        sink(std::string_view(block).substr(0, count));
    }
}

// Later, when what was checked is to be written: the file was fine then.
void stream_again(const fs::path& file, const std::string& prefix, std::uint64_t size, const outlet::Sink& sink) {
    struct stat status = {};
    const UniqueFd fd = open_regular(file, status);
    sink(prefix);
    std::uint64_t seen = prefix.size();
    read_blocks(fd.get(), file, [&](std::string_view text) {
        seen += text.size();
        sink(text);
    });
    if (seen != size) throw Error(Errc::corrupt, "message file " + quote(file.native()) + " changed while it was read");
}

// Reads small files in one call.
void read_whole(int fd, const fs::path& file, std::size_t size, std::string& to) {
    const std::size_t start = to.size();
    to.resize(start + size + 1);  // one more byte tells whether the file has grown
    const std::size_t count = read_full(fd, std::as_writable_bytes(std::span(to.data() + start, size + 1)), file);
    to.resize(start + count);
    if (count > size) read_blocks(fd, file, [&](std::string_view text) { to += text; });
}

void check(LoadedMessage& loaded, const store::Message& message, const Sha256Digest& hash) {
    const auto expected = static_cast<std::uint64_t>(message.size_bytes);
    if (loaded.contents.size_bytes != expected)
        loaded.problem = fmt::format("has {} bytes instead of {}", loaded.contents.size_bytes - message.prefix.size(),
                                     expected - message.prefix.size());
    else if (hash != message.file_sha256)
        loaded.problem = "does not have the recorded SHA-256";
}

void load_into(LoadedMessage& loaded, const fs::path& file, const store::Message& message) {
    thread_local Sha256 hasher;
    thread_local bool is_hashing = false;
    if (std::exchange(is_hashing, true)) hasher = Sha256();  // the last message failed half-way
    struct stat status = {};
    const UniqueFd fd = open_regular(file, status);
    outlet::ContentsScanner scanner;
    outlet::Contents& contents = loaded.contents;
    if (status.st_size <= largest_in_memory) {
        contents.text = message.prefix;
        read_whole(fd.get(), file, static_cast<std::size_t>(status.st_size), contents.text);
        hasher.update(as_bytes(std::string_view(contents.text).substr(message.prefix.size())));
        scanner.feed(contents.text);
    } else {
        scanner.feed(message.prefix);
        loaded.start = message.prefix;
        read_blocks(fd.get(), file, [&](std::string_view text) {
            hasher.update(as_bytes(text));
            scanner.feed(text);
            if (loaded.start.size() < block_bytes) loaded.start += text.substr(0, block_bytes - loaded.start.size());
        });
        contents.stream = [file, prefix = message.prefix, size = scanner.size_bytes()](const outlet::Sink& sink) {
            stream_again(file, prefix, size, sink);
        };
    }
    contents.line_ends = scanner.line_ends();
    contents.open_end = scanner.open_end();
    contents.size_bytes = scanner.size_bytes();
    contents.written_bytes = scanner.written_bytes();
    check(loaded, message, hasher.finish());
    is_hashing = false;
}

}  // namespace

LoadedMessage load(const fs::path& file, const store::Message& message) {
    LoadedMessage loaded;
    try {
        load_into(loaded, file, message);
    } catch (const Interrupted&) {
        throw;
    } catch (const Exhausted&) {
        throw;
    } catch (const Error& error) {
        loaded = {};
        loaded.is_unreadable = true;
        loaded.problem = error.code() == Errc::corrupt ? error.what() : "cannot be read: " + std::string(error.what());
    }
    return loaded;
}

std::string sender_of(const std::optional<std::string>& mail_from, std::string_view header) {
    if (mail_from) return *mail_from;
    for (const auto* name : {"Return-Path", "From"})
        if (const auto value = mime::find_field(header, name))
            for (const auto& address : mime::parse_addresses(*value).addresses)
                if (address.kind == mime::AddressKind::mailbox && !address.host.empty())
                    return mime::to_addr_spec(address);
    return {};
}

}  // namespace mox::exporting
