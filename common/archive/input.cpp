#include "archive/input.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/encoding.hpp"
#include "base/interrupt.hpp"

namespace mox::archive {

namespace {

constexpr std::size_t block_bytes = 256 * 1024;

locale_t locale_for(Names names) {
    static const locale_t bytes = ::newlocale(LC_ALL_MASK, "C", nullptr);
    static const locale_t utf8 = ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
    // Without C.UTF-8 names that are not ASCII cannot be told; they are refused then, not guessed.
    return names == Names::utf8 && utf8 != nullptr ? utf8 : bytes;
}

}  // namespace

LocaleScope::LocaleScope(Names names) : previous_(::uselocale(locale_for(names))) {}

Error failure_of(::archive* object, Errc code) {
    const char* text = ::archive_error_string(object);
    std::string message = text != nullptr ? escaped(text) : "unknown failure";
    if (!message.empty() && message[0] >= 'A' && message[0] <= 'Z' && !(message.size() > 1 && message[1] <= 'Z'))
        message[0] = ascii_lower(message[0]);
    return {code, std::move(message)};
}

RawInput::RawInput(UniqueFd fd, std::string name) : fd_(std::move(fd)), name_(std::move(name)), buffer_(block_bytes) {
    struct stat status = {};
    if (::fstat(fd_.get(), &status) != 0) throw system_error(errno, "stat", name_);
    if (S_ISDIR(status.st_mode)) throw Error(Errc::failed, quote(name_) + " is a directory, not an archive");
    const off_t at = ::lseek(fd_.get(), 0, SEEK_CUR);
    if (!S_ISREG(status.st_mode) || at < 0) return;
    seekable_ = true;
    total_bytes_ = static_cast<std::uint64_t>(status.st_size > at ? status.st_size - at : 0);
}

std::span<const std::byte> RawInput::read() {
    if (again_) {
        again_ = false;
        return std::span(buffer_).first(filled_);
    }
    for (;;) {
        check_interrupt();
        const ssize_t count = ::read(fd_.get(), buffer_.data(), buffer_.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) throw system_error(errno, "read", name_);
        filled_ = static_cast<std::size_t>(count);
        bytes_read_ += filled_;
        return std::span(buffer_).first(filled_);
    }
}

std::int64_t RawInput::seek(std::int64_t offset, int whence) {
    again_ = false;
    const off_t at = ::lseek(fd_.get(), offset, whence);
    if (at < 0) throw system_error(errno, "seek in", name_);
    return at;
}

Unpacker::Unpacker(RawInput& input) : input_(input), handle_(::archive_read_new()) {
    if (!handle_) throw std::bad_alloc();
    // Not all filters that libarchive has: some start programs.
    for (const auto support : {::archive_read_support_filter_gzip, ::archive_read_support_filter_bzip2,
                               ::archive_read_support_filter_xz, ::archive_read_support_filter_zstd})
        if (support(handle_.get()) < ARCHIVE_WARN) throw failure_of(handle_.get(), Errc::failed);
    if (::archive_read_support_format_raw(handle_.get()) != ARCHIVE_OK) throw failure_of(handle_.get(), Errc::failed);
}

la_ssize_t Unpacker::on_read(::archive* object, void* self, const void** block) {
    auto& unpacker = *static_cast<Unpacker*>(self);
    try {
        const auto bytes = unpacker.input_.read();
        *block = bytes.data();
        return static_cast<la_ssize_t>(bytes.size());
    } catch (const std::exception& error) {  // rethrown when libarchive has returned
        unpacker.failure_ = std::current_exception();
        ::archive_set_error(object, EIO, "%s", error.what());
        return -1;
    }
}

void Unpacker::fail() {
    if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
    throw failure_of(handle_.get(), Errc::corrupt);
}

std::span<const std::byte> Unpacker::read() {
    const LocaleScope locale(Names::bytes);
    if (!opened_) {
        opened_ = true;
        ::archive_entry* entry = nullptr;
        if (::archive_read_open2(handle_.get(), this, nullptr, &Unpacker::on_read, nullptr, nullptr) != ARCHIVE_OK)
            fail();
        if (::archive_read_next_header(handle_.get(), &entry) != ARCHIVE_OK) fail();
    }
    for (;;) {
        const void* block = nullptr;
        std::size_t size = 0;
        la_int64_t offset = 0;
        const int result = ::archive_read_data_block(handle_.get(), &block, &size, &offset);
        if (result == ARCHIVE_EOF) break;
        if (result != ARCHIVE_OK) fail();
        if (size == 0) continue;
        bytes_out_ += size;
        return {static_cast<const std::byte*>(block), size};
    }
    // What the innermost filter has left is not compressed data.
    const auto consumed = static_cast<std::uint64_t>(::archive_filter_bytes(handle_.get(), -1));
    if (consumed < input_.bytes_read() || !input_.read().empty())
        throw Error(Errc::corrupt, "something follows the end of the compressed data");
    return {};
}

}  // namespace mox::archive
