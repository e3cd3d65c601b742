#include "archive/reader.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <exception>

#include "archive/input.hpp"
#include "base/encoding.hpp"
#include "base/interrupt.hpp"

namespace mox::archive {

namespace {

// Below this nobody asks how much was packed into how little.
constexpr std::uint64_t free_expansion = 16U << 20U;

bool looks_like_zip(std::span<const std::byte> start) {
    const auto text = as_text(start.first(std::min<std::size_t>(start.size(), 4)));
    return text == "PK\x03\x04" || text == "PK\x05\x06" || text == "PK\x07\x08";
}

Kind kind_of(::archive_entry* entry) {
    if (::archive_entry_hardlink(entry) != nullptr) return Kind::hard_link;
    switch (::archive_entry_filetype(entry)) {
        case AE_IFREG:
            return Kind::file;
        case AE_IFDIR:
            return Kind::folder;
        case AE_IFLNK:
            return Kind::symlink;
        default:
            return Kind::other;
    }
}

std::string text_or_empty(const char* text) {
    return text != nullptr ? text : "";
}

// Errors say which archive; a failed read names it itself.
template <class Work>
decltype(auto) named(const std::string& name, Work&& work) try {
    return std::forward<Work>(work)();
} catch (Error& error) {
    if (error.code() != Errc::failed && error.code() != Errc::interrupted) error.add_context(quote(name));
    throw;
}

std::string clean(std::string path) {
    while (path.size() > 2 && path.starts_with("./")) path.erase(0, path.find_first_not_of('/', 1));
    while (path.size() > 1 && path.ends_with('/')) path.pop_back();
    return path;
}

}  // namespace

class Reader::State {
public:
    State(UniqueFd fd, const std::string& name, Accept accept, const Limits& limits)
        : input_(std::move(fd), name),
          accept_(accept),
          limits_(limits),
          handle_(::archive_read_new()) {
        if (!handle_) throw std::bad_alloc();
    }

    std::optional<Member> next() {
        check_interrupt();
        if (!opened_) open();
        const LocaleScope locale(names());
        ::archive_entry* entry = nullptr;
        const int result = ::archive_read_next_header(handle_.get(), &entry);
        if (result == ARCHIVE_EOF) {
            check_end();
            return std::nullopt;
        }
        // A warning is about names that were converted or times; the member can be read.
        if (result != ARCHIVE_OK && result != ARCHIVE_WARN) fail();
        if (++members_ > limits_.most_members)
            throw Error(Errc::corrupt, fmt::format("has more than {} members", limits_.most_members));
        return current_ = member_of(entry);
    }

    std::size_t read(std::span<std::byte> buffer) {
        check_interrupt();
        if (current_ && current_->encrypted)
            throw Error(Errc::corrupt, quote(current_->path) + " is encrypted", "unpack it with its password");
        const LocaleScope locale(names());
        const la_ssize_t count = ::archive_read_data(handle_.get(), buffer.data(), buffer.size());
        if (count < 0) in_context(current_ ? quote(current_->path) : "contents", [&] { fail(); });
        contents_ += static_cast<std::uint64_t>(count);
        if (contents_ > limits_.most_bytes)
            throw Error(Errc::corrupt, fmt::format("has more than {} bytes of contents", limits_.most_bytes));
        check_expansion(contents_);
        return static_cast<std::size_t>(count);
    }

    [[nodiscard]] const RawInput& input() const { return input_; }

private:
    [[nodiscard]] Names names() const { return zip_ ? Names::utf8 : Names::bytes; }

    // At the first member, so that what the first bytes are is told where damage is expected.
    void open() {
        opened_ = true;
        const auto start = input_.read();
        if (start.empty()) throw Error(Errc::unknown_format, "is empty, no archive");
        zip_ = accept_ == Accept::tar_or_zip && looks_like_zip(start);
        input_.unread();
        ::archive* const object = handle_.get();
        if (zip_ && input_.is_seekable()) ::archive_read_set_seek_callback(object, &State::on_seek);
        const int supported =
            zip_ ? ::archive_read_support_format_zip(object) : ::archive_read_support_format_tar(object);
        if (supported != ARCHIVE_OK) throw failure_of(object, Errc::failed);
        if (!zip_) unpacker_.emplace(input_);
        const LocaleScope locale(names());
        if (::archive_read_open2(object, this, nullptr, &State::on_read, nullptr, nullptr) != ARCHIVE_OK) fail();
    }

    static la_ssize_t on_read(::archive* object, void* self, const void** block) {
        auto& state = *static_cast<State*>(self);
        try {
            state.last_ = state.unpacker_ ? state.unpacker_->read() : state.input_.read();
            state.given_ += state.last_.size();
            state.check_expansion(state.given_);
            *block = state.last_.data();
            return static_cast<la_ssize_t>(state.last_.size());
        } catch (const std::exception& error) {  // rethrown when libarchive has returned
            state.failure_ = std::current_exception();
            ::archive_set_error(object, EIO, "%s", error.what());
            return ARCHIVE_FATAL;
        }
    }

    static la_int64_t on_seek(::archive* object, void* self, la_int64_t offset, int whence) {
        auto& state = *static_cast<State*>(self);
        try {
            return state.input_.seek(offset, whence);
        } catch (const std::exception& error) {  // rethrown when libarchive has returned
            state.failure_ = std::current_exception();
            ::archive_set_error(object, EIO, "%s", error.what());
            return ARCHIVE_FATAL;
        }
    }

    [[noreturn]] void fail() {
        if (failure_) std::rethrow_exception(std::exchange(failure_, nullptr));
        if (members_ == 0 && ::archive_format(handle_.get()) == 0)
            throw Error(Errc::unknown_format, "is no archive of a kind that this program knows");
        throw failure_of(handle_.get(), Errc::corrupt);
    }

    void check_expansion(std::uint64_t unpacked) const {
        if (unpacked > free_expansion && unpacked / limits_.most_expansion > input_.bytes_read())
            throw Error(Errc::corrupt, fmt::format("unpacks to more than {} times its size", limits_.most_expansion),
                        "such archives are made to fill disks");
    }

    Member member_of(::archive_entry* entry) const {
        const char* path = ::archive_entry_pathname(entry);
        if (path == nullptr)
            throw Error(Errc::corrupt, fmt::format("member {} has no name that can be read", members_));
        Member member{.path = clean(path),
                      .kind = kind_of(entry),
                      .link_target = {},
                      .size_bytes = {},
                      .mode = ::archive_entry_perm(entry),
                      .user = static_cast<uid_t>(::archive_entry_uid(entry)),
                      .group = static_cast<gid_t>(::archive_entry_gid(entry)),
                      .modified = ::archive_entry_mtime(entry),
                      .encrypted = ::archive_entry_is_encrypted(entry) != 0};
        if (member.kind == Kind::symlink) member.link_target = text_or_empty(::archive_entry_symlink(entry));
        if (member.kind == Kind::hard_link) member.link_target = clean(text_or_empty(::archive_entry_hardlink(entry)));
        if (::archive_entry_size_is_set(entry) != 0) member.size_bytes = ::archive_entry_size(entry);
        return member;
    }

    // libarchive takes the end of a file for the end of a tar, and does not look at what follows the end mark.
    void check_end() {
        if (!unpacker_) return check_end_of_zip();
        const auto consumed = static_cast<std::uint64_t>(::archive_filter_bytes(handle_.get(), 0));
        if (consumed < static_cast<std::uint64_t>(::archive_read_header_position(handle_.get())) + 512)
            throw Error(Errc::corrupt, "ends without the mark of its end: something may be cut off");
        if (given_ % 512 != 0) throw Error(Errc::corrupt, "something follows its end");
        require_zeros(last_.last(std::min<std::uint64_t>(given_ - consumed, last_.size())));
        for (auto block = unpacker_->read(); !block.empty(); block = unpacker_->read()) {
            check_expansion(unpacker_->bytes_out());
            require_zeros(block);
        }
    }

    // It also reads the members of a zip whose directory is cut off, one after the other.
    void check_end_of_zip() {
        constexpr std::string_view mark = "PK\x05\x06";
        constexpr std::size_t mark_bytes = 22, most_comment_bytes = 65535;
        if (!input_.is_seekable()) return;
        const std::int64_t end = input_.seek(0, SEEK_END);
        (void)input_.seek(std::max<std::int64_t>(end - static_cast<std::int64_t>(mark_bytes + most_comment_bytes), 0),
                          SEEK_SET);
        std::string tail;
        for (auto block = input_.read(); !block.empty(); block = input_.read()) tail += as_text(block);
        for (auto at = tail.rfind(mark); at != std::string::npos; at = at == 0 ? at - 1 : tail.rfind(mark, at - 1)) {
            if (tail.size() - at < mark_bytes) continue;
            const auto byte = [&](std::size_t i) {
                return static_cast<std::size_t>(static_cast<unsigned char>(tail[i]));
            };
            if (tail.size() - at >= mark_bytes + byte(at + 20) + (byte(at + 21) << 8U)) return;
        }
        throw Error(Errc::corrupt, "ends without its directory: something may be cut off");
    }

    static void require_zeros(std::span<const std::byte> bytes) {
        if (!std::ranges::all_of(bytes, [](std::byte byte) { return byte == std::byte{0}; }))
            throw Error(Errc::corrupt, "something follows its end");
    }

    RawInput input_;
    const Accept accept_;
    const Limits limits_;
    bool opened_ = false, zip_ = false;
    std::optional<Unpacker> unpacker_;
    std::span<const std::byte> last_;  // what libarchive was given last
    std::uint64_t given_ = 0, contents_ = 0, members_ = 0;
    std::exception_ptr failure_;  // of our callbacks
    std::optional<Member> current_;
    ReadHandle handle_;  // goes first: it may call back
};

Reader::Reader(UniqueFd fd, std::string name, Accept accept, const Limits& limits)
    : state_(named(name, [&] { return std::make_unique<State>(std::move(fd), name, accept, limits); })) {}
Reader::~Reader() = default;
Reader::Reader(Reader&&) noexcept = default;

std::optional<Member> Reader::next() {
    return named(state_->input().name(), [&] { return state_->next(); });
}

std::size_t Reader::read(std::span<std::byte> buffer) {
    return named(state_->input().name(), [&] { return state_->read(buffer); });
}

std::uint64_t Reader::bytes_read() const {
    return state_->input().bytes_read();
}

std::optional<std::uint64_t> Reader::total_bytes() const {
    return state_->input().total_bytes();
}

Reader open_archive(const std::filesystem::path& path, Accept accept, const Limits& limits) {
    if (path == "-") {
        UniqueFd input(::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3));
        if (!input) throw system_error(errno, "open", "standard input");
        return {std::move(input), "standard input", accept, limits};
    }
    UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
    if (!file) throw system_error(errno, "open", path.native());
    return {std::move(file), path.native(), accept, limits};
}

}  // namespace mox::archive
