#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/file.hpp"
#include "base/interrupt.hpp"
#include "intake/count_byte.hpp"
#include "intake/from_line.hpp"
#include "intake/source.hpp"

namespace mox::intake {

namespace {

constexpr std::size_t block_bytes = 1U << 20U;
// What stays before the first byte not taken yet: enough to see whether an empty line, "\n\r\n", comes before it.
constexpr std::size_t context_bytes = 3;
constexpr std::string_view from = "From ";

std::string_view without_cr(std::string_view line) {
    return line.ends_with('\r') ? line.substr(0, line.size() - 1) : line;
}

std::string hint_for(std::string_view start) {
    constexpr std::array<std::string_view, 5> packed{"\x1f\x8b", "\x28\xb5\x2f\xfd",
                                                     "\xfd"
                                                     "7zXZ",
                                                     "BZh", "PK\x03\x04"};
    if (std::any_of(packed.begin(), packed.end(), [&](auto magic) { return start.starts_with(magic); }))
        return "this looks like a compressed file; unpack it first";
    return "each message of an mbox file starts with a line such as \"From alice@example.org Mon Jan  2 15:04:05 "
           "2006\"; "
           "a folder of files is a maildir";
}

class MboxSource final : public MessageSource {
public:
    explicit MboxSource(ByteInput input)
        : input_(std::move(input)),
          name_(escaped(input_.name)),
          buffer_(new char[block_bytes + context_bytes]) {}

    std::optional<RawMessage> next() override;
    Progress progress() const override {
        return {.messages = messages_, .bytes = position_ + (end_ - begin_), .total_bytes = input_.total_bytes};
    }
    const Warnings& warnings() const override { return warnings_; }

private:
    std::string_view window() const { return {buffer_.get() + begin_, end_ - begin_}; }
    std::string place() const { return name_ + ':' + std::to_string(line_); }

    bool refill();
    void skip(std::size_t count);
    void take(std::size_t count, ByteBuffer& to);
    void find_first_entry();
    std::string take_from_line();
    ByteBuffer take_contents();
    bool whole_line_in_window(std::size_t enough);
    bool next_entry_starts_here(std::uint64_t contents_start);

    ByteInput input_;
    std::string name_;
    std::unique_ptr<char[]> buffer_;
    std::size_t begin_ = 0, end_ = 0;  // of the window: read and not taken yet
    std::uint64_t position_ = 0;       // of begin_ in the file
    std::uint64_t line_ = 1;           // number of the line that has begin_
    std::uint64_t messages_ = 0;
    bool started_ = false, at_end_ = false;
    Warnings warnings_;
};

// Reads once into the free part of the buffer, of which there is some; false at the end of the input.
bool MboxSource::refill() {
    check_interrupt();
    if (at_end_) return false;
    const std::size_t kept = std::min(begin_, context_bytes);
    const std::size_t from_here = begin_ - kept;
    std::memmove(buffer_.get(), buffer_.get() + from_here, end_ - from_here);
    begin_ -= from_here;
    end_ -= from_here;
    const std::size_t room = block_bytes + context_bytes - end_;
    const std::size_t count = input_.read(std::as_writable_bytes(std::span(buffer_.get() + end_, room)));
    end_ += count;
    at_end_ = count == 0;
    return !at_end_;
}

void MboxSource::skip(std::size_t count) {
    line_ += count_byte(window().substr(0, count), '\n');
    begin_ += count;
    position_ += count;
}

void MboxSource::take(std::size_t count, ByteBuffer& to) {
    to.append(window().substr(0, count));
    skip(count);
}

std::optional<RawMessage> MboxSource::next() {
    check_interrupt();
    if (!started_) {
        find_first_entry();
        started_ = true;
    }
    if (begin_ == end_ && !refill()) return std::nullopt;
    RawMessage message{.origin = place(), .offset_bytes = position_};
    message.received = parse_from_line(without_cr(take_from_line()));
    message.body = InlineBody{.bytes = take_contents()};
    ++messages_;
    return message;
}

void MboxSource::find_first_entry() {
    bool skipped = false;
    for (;;) {
        while (window().size() < from.size() && refill()) {
        }
        const auto text = window();
        const std::size_t blank = text.starts_with('\n') ? 1 : text.starts_with("\r\n") ? 2 : 0;
        if (blank == 0) break;
        if (!std::exchange(skipped, true)) warnings_.add(place() + ": empty lines before the first message");
        skip(blank);
    }
    if (window().empty() || window().starts_with(from)) return;
    throw Error(Errc::corrupt, place() + ": not an mbox file: the line does not start with \"From \"",
                hint_for(window()));
}

// The line that starts an entry, without its LF. Of a line longer than any From line only the start.
std::string MboxSource::take_from_line() {
    std::string line;
    for (;;) {
        const auto text = window();
        const auto end = std::min(text.find('\n'), text.size());
        const std::size_t wanted = max_from_line_bytes + 2;
        line += text.substr(0, std::min(end, wanted - std::min(wanted, line.size())));
        skip(std::min(end + 1, text.size()));
        if (end < text.size() || !refill()) return line;
    }
}

// Everything up to the next entry, without the empty line that separates them.
ByteBuffer MboxSource::take_contents() {
    const std::uint64_t start = position_;
    ByteBuffer contents;
    for (;;) {
        // The LF before a From line may be taken already: buffer_[begin_ - 1] is there since a line came before.
        const char* const text = buffer_.get() + begin_;
        const void* const found = begin_ == 0 ? nullptr : ::memmem(text - 1, end_ - begin_ + 1, "\nFrom ", 6);
        if (found == nullptr) {
            constexpr std::size_t maybe_found_later = from.size();
            take(window().size() - std::min(window().size(), maybe_found_later), contents);
            if (refill()) continue;
            take(window().size(), contents);
            break;
        }
        take(static_cast<std::size_t>(static_cast<const char*>(found) + 1 - text), contents);
        if (!whole_line_in_window(max_from_line_bytes + 2)) {
            refill();
            continue;
        }
        if (next_entry_starts_here(start)) break;
        take(from.size(), contents);  // text after all
    }
    const auto text = contents.text();
    const std::size_t separator = text.ends_with("\r\n") ? 2 : text.ends_with('\n') ? 1 : 0;
    if (const auto rest = text.substr(0, text.size() - separator); rest.empty() || rest.ends_with('\n'))
        contents.shrink(rest.size());
    return contents;
}

// Whether the window has all of its first line, or `enough` bytes of it, or all there is.
bool MboxSource::whole_line_in_window(std::size_t enough) {
    const auto text = window();
    return at_end_ || text.size() >= enough || text.find('\n') != std::string_view::npos;
}

bool MboxSource::next_entry_starts_here(std::uint64_t contents_start) {
    const char* const here = buffer_.get() + begin_;
    const bool directly_after_from_line = position_ == contents_start;
    const bool after_empty_line =
        !directly_after_from_line &&
        (here[-2] == '\n' || (here[-2] == '\r' && position_ - contents_start >= 2 && here[-3] == '\n'));
    if (!directly_after_from_line && !after_empty_line) return false;
    const auto text = window();
    if (parse_from_line(without_cr(text.substr(0, std::min(text.find('\n'), max_from_line_bytes + 2))))) return true;
    if (after_empty_line)
        warnings_.add(place() + ": a line that starts with \"From \" has no date there; taken as text of the message");
    return false;
}

ByteInput input_of(std::shared_ptr<UniqueFd> fd, std::string name) {
    struct stat status = {};
    if (::fstat(fd->get(), &status) != 0) throw system_error(errno, "stat", name);
    if (S_ISDIR(status.st_mode))
        throw Error(Errc::failed, "open " + quote(name) + ": it is a folder, not an mbox file", "is it a maildir?");
    ByteInput input{.name = name};
    if (S_ISREG(status.st_mode)) {
        const off_t at = ::lseek(fd->get(), 0, SEEK_CUR);
        input.total_bytes = static_cast<std::uint64_t>(std::max<off_t>(status.st_size - std::max<off_t>(at, 0), 0));
        (void)::posix_fadvise(fd->get(), 0, 0, POSIX_FADV_SEQUENTIAL);  // only a hint
    }
    input.read = [fd = std::move(fd), name = std::move(name)](std::span<std::byte> buffer) {
        for (;;) {
            const ssize_t count = ::read(fd->get(), buffer.data(), buffer.size());
            if (count >= 0) return static_cast<std::size_t>(count);
            if (errno != EINTR) throw system_error(errno, "read", name);
            check_interrupt();
        }
    };
    return input;
}

}  // namespace

std::unique_ptr<MessageSource> open_mbox(const std::filesystem::path& path) {
    if (path != "-") return open_mbox(open_for_reading(path), path.native());
    UniqueFd fd(::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0));
    if (!fd) throw system_error(errno, "open", "standard input");
    return open_mbox(std::move(fd), "standard input");
}

std::unique_ptr<MessageSource> open_mbox(UniqueFd fd, std::string name) {
    return open_mbox(input_of(std::make_shared<UniqueFd>(std::move(fd)), std::move(name)));
}

std::unique_ptr<MessageSource> open_mbox(ByteInput input) {
    return std::make_unique<MboxSource>(std::move(input));
}

}  // namespace mox::intake
