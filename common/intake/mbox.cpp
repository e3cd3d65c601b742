#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
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
constexpr std::size_t max_header_bytes = block_bytes / 2;  // of a header whose Content-Length is looked at
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

struct HeaderStart {
    std::size_t size = 0;             // with the empty line; 0: it does not end in the text
    std::string_view content_length;  // of the first such field
};
HeaderStart look_at_header(std::string_view text) {
    constexpr std::string_view field = "content-length:";
    HeaderStart result;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t lf = text.find('\n', at);
        if (lf == std::string_view::npos) return result;
        const auto line = without_cr(text.substr(at, lf - at));
        at = lf + 1;
        if (line.empty()) {
            result.size = at;
            return result;
        }
        if ((line[0] == 'C' || line[0] == 'c') && result.content_length.empty() &&
            equal_ignoring_case(line.substr(0, field.size()), field))
            result.content_length = line.substr(field.size());
    }
    return result;
}

// The bytes of an entry; of one that is too large only that it is.
struct Contents {
    ByteBuffer bytes;
    bool too_large = false;
    bool has_from_line = false;  // a line of the body starts with "From "
};

class MboxSource final : public MessageSource {
public:
    MboxSource(ByteInput input, const SourceOptions& options)
        : input_(std::move(input)),
          name_(escaped(input_.name)),
          max_message_bytes_(options.max_message_bytes),
          buffer_(new char[block_bytes + context_bytes]) {}

    std::optional<RawMessage> next() override;
    Progress progress() const override {
        return {.messages = messages_, .bytes = position_ + (end_ - begin_), .total_bytes = input_.total_bytes};
    }

private:
    std::string_view window() const { return {buffer_.get() + begin_, end_ - begin_}; }
    std::string place() const { return name_ + ':' + std::to_string(line_); }

    bool refill();
    void skip(std::size_t count);
    void take(std::size_t count, Contents& to);
    void find_first_entry();
    std::string take_from_line();
    void take_contents(Contents& contents);
    bool take_by_length(Contents& contents);
    std::optional<std::uint64_t> length_in_header();
    bool entry_ends_at(std::uint64_t end);
    std::string look_at(std::uint64_t at, std::size_t count);
    bool whole_line_in_window(std::size_t enough);
    bool next_entry_starts_here(std::uint64_t contents_start);

    ByteInput input_;
    std::string name_;
    const std::uint64_t max_message_bytes_;
    int wrong_lengths_ = 0;  // Content-Length fields that did not lead to the end of an entry
    std::unique_ptr<char[]> buffer_;
    std::size_t begin_ = 0, end_ = 0;  // of the window: read and not taken yet
    std::uint64_t position_ = 0;       // of begin_ in the file
    std::uint64_t line_ = 1;           // number of the line that has begin_
    std::uint64_t messages_ = 0;
    bool started_ = false, at_end_ = false;
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

void MboxSource::take(std::size_t count, Contents& to) {
    if (!to.too_large && to.bytes.size() + count > max_message_bytes_ + 2) {  // an empty line may go yet
        to.too_large = true;
        to.bytes = ByteBuffer();
    }
    if (!to.too_large) to.bytes.append(window().substr(0, count));
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
    Contents contents;
    const bool by_length = take_by_length(contents);
    if (!by_length) take_contents(contents);
    if (contents.too_large) message.failure = too_large_failure(message.origin, max_message_bytes_);
    message.body = InlineBody{.bytes = std::move(contents.bytes), .quoted = !by_length || !contents.has_from_line};
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
        if (!std::exchange(skipped, true))
            warnings_.add(WarningKind::from_line, place() + ": empty lines before the first message");
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

// The entry by its Content-Length, if that is right; otherwise nothing is taken.
bool MboxSource::take_by_length(Contents& contents) {
    constexpr int enough_wrong_ones = 10;
    if (wrong_lengths_ >= enough_wrong_ones) return false;
    const auto length = length_in_header();
    if (!length) return false;
    const std::uint64_t end = position_ + *length;
    if (!entry_ends_at(end)) {
        ++wrong_lengths_;
        warnings_.add(WarningKind::content_length,
                      place() + ": a Content-Length that does not lead to the end of the message, ignored");
        return false;
    }
    char last = '\n';
    while (position_ < end) {
        if (window().empty() && !refill()) break;
        const auto part =
            window().substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(end - position_, window().size())));
        // A line may start with the last byte of the part before: what is cut there is text of a large message, and
        // only decides whether quoting is undone.
        contents.has_from_line = contents.has_from_line || (last == '\n' && part.starts_with(from)) ||
                                 part.find("\nFrom ") != std::string_view::npos;
        last = part.back();
        take(part.size(), contents);
    }
    while (window().size() < 2 && refill()) {
    }
    skip(window().starts_with("\r\n") ? 2 : window().starts_with('\n') ? 1 : 0);
    return true;
}

// How many bytes an entry whose header is in the window has by its Content-Length; nullopt without a sensible one.
std::optional<std::uint64_t> MboxSource::length_in_header() {
    // Most headers are there at once. A pipe is waited for only as long as the end of the header has not come.
    HeaderStart header = look_at_header(window().substr(0, max_header_bytes));
    while (header.size == 0 && window().size() < max_header_bytes && refill())
        header = look_at_header(window().substr(0, max_header_bytes));
    if (header.size == 0 || header.content_length.empty()) return std::nullopt;
    const auto digits = trimmed(header.content_length);
    std::uint64_t length = 0;
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), length);
    constexpr std::uint64_t absurd = 1ULL << 48U;
    if (parsed.ec != std::errc() || parsed.ptr != digits.data() + digits.size() || length > absurd) return std::nullopt;
    return header.size + length;
}

// Whether the file ends at that position, or an entry starts there, perhaps after one empty line.
bool MboxSource::entry_ends_at(std::uint64_t end) {
    const std::string text = look_at(end, max_from_line_bytes + 4);
    std::string_view rest = text;
    rest.remove_prefix(rest.starts_with("\r\n") ? 2 : rest.starts_with('\n') ? 1 : 0);
    // Both a From line and the end have to come after a whole line.
    const std::string before = look_at(end - 1, 1);
    if (before != "\n" && rest.size() == text.size()) return before.size() == 1 && text.empty();
    if (rest.empty()) return true;
    return parse_from_line(without_cr(rest.substr(0, rest.find('\n')))).has_value();
}

// Bytes from a later position, fewer at the end of the file; none where they cannot be had.
std::string MboxSource::look_at(std::uint64_t at, std::size_t count) {
    while (at + count > position_ + window().size() && at + count - position_ <= block_bytes && refill()) {
    }
    const std::uint64_t offset = at - position_;
    if (offset <= window().size() && (at_end_ || offset + count <= window().size()))
        return std::string(window().substr(static_cast<std::size_t>(offset), count));
    std::string text(count, '\0');
    if (!input_.read_at) return {};
    text.resize(input_.read_at(at, std::as_writable_bytes(std::span(text))));
    return text;
}

// Everything up to the next entry, without the empty line that separates them.
void MboxSource::take_contents(Contents& contents) {
    const std::uint64_t start = position_;
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
    const auto text = contents.bytes.text();
    const std::size_t separator = text.ends_with("\r\n") ? 2 : text.ends_with('\n') ? 1 : 0;
    if (const auto rest = text.substr(0, text.size() - separator); rest.empty() || rest.ends_with('\n'))
        contents.bytes.shrink(rest.size());
    contents.too_large = contents.too_large || contents.bytes.size() > max_message_bytes_;
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
        warnings_.add(WarningKind::from_line,
                      place() + ": a line that starts with \"From \" has no date there; taken as text of the message");
    return false;
}

ByteInput input_of(std::shared_ptr<UniqueFd> fd, std::string name) {
    struct stat status = {};
    if (::fstat(fd->get(), &status) != 0) throw system_error(errno, "stat", name);
    if (S_ISDIR(status.st_mode))
        throw Error(Errc::failed, "open " + quote(name) + ": it is a folder, not an mbox file", "is it a maildir?");
    ByteInput input{.name = name};
    if (S_ISREG(status.st_mode)) {
        const auto start = static_cast<std::uint64_t>(std::max<off_t>(::lseek(fd->get(), 0, SEEK_CUR), 0));
        input.total_bytes = static_cast<std::uint64_t>(status.st_size) -
                            std::min<std::uint64_t>(start, static_cast<std::uint64_t>(status.st_size));
        (void)::posix_fadvise(fd->get(), 0, 0, POSIX_FADV_SEQUENTIAL);  // only a hint
        input.read_at = [fd, start](std::uint64_t at, std::span<std::byte> buffer) {
            const ssize_t count = ::pread(fd->get(), buffer.data(), buffer.size(), static_cast<off_t>(start + at));
            return count > 0 ? static_cast<std::size_t>(count) : 0;
        };
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

std::unique_ptr<MessageSource> open_mbox(const std::filesystem::path& path, const SourceOptions& options) {
    if (path != "-") return open_mbox(open_for_reading(path), path.native(), options);
    UniqueFd fd(::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0));
    if (!fd) throw system_error(errno, "open", "standard input");
    return open_mbox(std::move(fd), "standard input", options);
}

std::unique_ptr<MessageSource> open_mbox(UniqueFd fd, std::string name, const SourceOptions& options) {
    return open_mbox(input_of(std::make_shared<UniqueFd>(std::move(fd)), std::move(name)), options);
}

std::unique_ptr<MessageSource> open_mbox(ByteInput input, const SourceOptions& options) {
    return std::make_unique<MboxSource>(std::move(input), options);
}

}  // namespace mox::intake
