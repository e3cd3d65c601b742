#include "mime/scanner.hpp"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "mime/header.hpp"
#include "mime/part_header.hpp"

namespace mox::mime {

namespace {

// A longer line is no delimiter: boundary, four dashes, and blanks after them.
constexpr std::size_t max_delimiter_bytes = 1'000;

std::string_view without_line_end(std::string_view line) {
    if (line.ends_with('\n')) line.remove_suffix(line.ends_with("\r\n") ? 2 : 1);
    return line;
}

// Passes a leaf's body on to its counter, but keeps back a line end at its end: it may belong to a boundary.
class BodyCounter {
public:
    void start(TransferEncoding encoding) {
        size_ = DecodedSize(encoding);
        held_ = {};
    }
    void feed(std::string_view bytes) {
        if (bytes.empty()) return;
        if (held_ == "\r" && bytes == "\n") {
            held_ = "\r\n";
            return;
        }
        size_.feed(std::exchange(held_, {}));
        const std::size_t keep = bytes.ends_with("\r\n") ? 2 : bytes.ends_with('\n') || bytes.ends_with('\r') ? 1 : 0;
        size_.feed(bytes.substr(0, bytes.size() - keep));
        held_ = keep == 2              ? std::string_view("\r\n")
                : keep == 0            ? std::string_view()
                : bytes.back() == '\n' ? "\n"
                                       : "\r";
    }
    // The body is over; `drop_line_end` when a boundary follows.
    DecodedSize& finish(bool drop_line_end) {
        if (!drop_line_end || held_ == "\r") size_.feed(held_);
        return size_;
    }

private:
    DecodedSize size_;
    std::string_view held_;  // "", "\r", "\n" or "\r\n"
};

// An entity whose end has not come yet.
struct Frame {
    Part part;
    EntityRole role = EntityRole::part;
    std::string boundary;  // not empty: a multipart
    bool seen_boundary = false;
    bool closed = false;             // its closing boundary has come
    std::uint64_t lines_before = 0;  // lines of the message before its body
};

}  // namespace

class Scanner::State {
public:
    enum class Headers : std::uint8_t { whole, of_content };
    explicit State(Headers headers = Headers::whole) : headers_(headers) { open(EntityRole::root, 0); }

    void feed(std::string_view bytes) {
        while (!bytes.empty()) bytes.remove_prefix(undecided_ ? read_line_start(bytes) : read_text(bytes));
    }

    Message finish() {
        if (!line_.empty()) end_line_without_end();
        while (mode_ == Mode::header) end_header(position_, Ending::cut_off);
        const std::uint64_t partial = position_ > line_begin_ ? 1 : 0;
        while (!frames_.empty()) close(position_, lines_ + partial, Ending::cut_off);
        Message message;
        message.size_bytes = position_;
        message.root = std::move(root_);
        message.date = date_;
        message.defects = defects_.take();
        message.threading = std::move(threading_);
        return message;
    }

private:
    enum class Mode { header, leaf, between };  // between: before the first boundary or after the closing one
    enum class Ending { line_end, boundary, cut_off };

    Frame& top() { return frames_.back(); }

    // ---- lines -------------------------------------------------------------------------------------------------

    // True when a line starting with `c` may be a delimiter or end the header.
    [[nodiscard]] bool may_matter(char c) const {
        return c == '-' || (mode_ == Mode::header && (c == '\r' || c == '\n'));
    }
    [[nodiscard]] bool may_still_matter() const {
        if (line_.size() > max_delimiter_bytes) return false;
        if (line_ == "\r") return mode_ == Mode::header;
        return line_ == "-" || line_.starts_with("--");
    }

    // At the start of a line, or in one that may be a delimiter so far (`line_`). Returns how much was read.
    std::size_t read_line_start(std::string_view bytes) {
        if (line_.empty() && !may_matter(bytes.front())) {
            undecided_ = false;
            return 0;
        }
        const std::size_t most = std::min(bytes.size(), max_delimiter_bytes + 1 - line_.size());
        const auto* newline = static_cast<const char*>(std::memchr(bytes.data(), '\n', most));
        const std::size_t count = newline == nullptr ? most : static_cast<std::size_t>(newline - bytes.data()) + 1;
        const std::string_view piece = bytes.substr(0, count);
        position_ += count;
        if (newline != nullptr && line_.empty()) {
            end_line(piece);
        } else {
            line_ += piece;
            if (newline != nullptr) {
                end_line(std::exchange(line_, {}));
            } else if (!may_still_matter()) {
                content(line_);
                last_byte_ = line_.back();
                line_.clear();
                undecided_ = false;
            }
        }
        return count;
    }

    // A complete line that was held back.
    void end_line(std::string_view line) {
        const std::string_view text = without_line_end(line);
        undecided_ = true;
        const bool delimiter = line.size() <= max_delimiter_bytes && text.starts_with("--") && read_delimiter(text);
        ++lines_;
        if (!delimiter && mode_ == Mode::header && text.empty()) {
            end_header(position_, Ending::line_end);
        } else if (!delimiter) {
            content(line);
        }
        line_begin_ = position_;
        line_end_size_ = line.size() - text.size();
        last_line_empty_ = text.empty();
    }

    void end_line_without_end() {
        const std::string line = std::exchange(line_, {});
        if (line.starts_with("--") && read_delimiter(line)) {
            line_begin_ = position_;
        } else {
            content(line);
        }
    }

    // Inside a line that is content, and the following lines as long as nothing may matter in them.
    std::size_t read_text(std::string_view bytes) {
        const char* const begin = bytes.data();
        const char* const end = begin + bytes.size();
        const char* at = begin;
        const char* line_start = nullptr;  // of the last complete line, when it began in these bytes
        const char* newline = nullptr;
        while (at < end) {
            const auto* found = static_cast<const char*>(std::memchr(at, '\n', static_cast<std::size_t>(end - at)));
            if (found == nullptr) break;
            line_start = newline == nullptr ? nullptr : at;
            newline = found;
            ++lines_;
            at = newline + 1;
            if (at == end || may_matter(*at)) {
                undecided_ = true;
                break;
            }
        }
        const bool stopped = undecided_;
        const char* const stop = stopped ? at : end;
        const auto count = static_cast<std::size_t>(stop - begin);
        content({begin, count});
        if (newline != nullptr) note_line_end(begin, line_start, newline);
        last_byte_ = stop[-1];
        position_ += count;
        return count;
    }

    // Remembers the line that ends at `newline`; it began at `line_start`, or at line_begin_ when that is null.
    void note_line_end(const char* begin, const char* line_start, const char* newline) {
        const auto newline_offset = position_ + static_cast<std::uint64_t>(newline - begin);
        const auto start =
            line_start == nullptr ? line_begin_ : position_ + static_cast<std::uint64_t>(line_start - begin);
        const char before = newline > begin ? newline[-1] : last_byte_;
        const bool cr = newline_offset > start && before == '\r';
        line_end_size_ = cr ? 2 : 1;
        last_line_empty_ = newline_offset - start == (cr ? 1 : 0);
        line_begin_ = newline_offset + 1;
    }

    void content(std::string_view bytes) {
        if (mode_ == Mode::header) {
            const std::size_t room = max_header_bytes - header_.size();
            header_ += bytes.substr(0, room);
            if (bytes.size() > room) header_cut_ = true;
        } else if (mode_ == Mode::leaf && counting_) {
            body_.feed(bytes);
        }
    }

    // ---- entities ----------------------------------------------------------------------------------------------

    void open(EntityRole role, std::uint64_t offset) {
        frames_.emplace_back();
        top().part.header_offset = offset;
        top().role = role;
        header_.clear();
        header_cut_ = false;
        mode_ = Mode::header;
        ++parts_;
    }

    // Which open multipart does the line "--..." belong to? The innermost one wins.
    bool read_delimiter(std::string_view line) {
        const std::string_view text = line.substr(2, line.find_last_not_of(" \t") - 1);
        for (std::size_t i = frames_.size(); i-- > 0;) {
            const Frame& frame = frames_[i];
            if (frame.boundary.empty() || frame.closed || !text.starts_with(frame.boundary)) continue;
            const auto rest = text.substr(frame.boundary.size());
            if (!rest.empty() && rest != "--") continue;
            boundary(i, rest.empty() ? Delimiter::next : Delimiter::close);
            return true;
        }
        return false;
    }

    enum class Delimiter { next, close };
    void boundary(std::size_t index, Delimiter delimiter) {
        const std::uint64_t body_end = line_begin_ - std::min<std::uint64_t>(line_begin_, line_end_size_);
        while (mode_ == Mode::header) end_header(body_end, Ending::boundary);
        while (frames_.size() > index + 1) close(body_end, lines_, Ending::boundary);
        Frame& frame = top();
        frame.seen_boundary = true;
        frame.closed = delimiter == Delimiter::close;
        mode_ = Mode::between;
        if (frame.closed) return;
        if (parts_ < max_parts) {
            open(frame.part.subtype == "digest" ? EntityRole::digest_part : EntityRole::part, position_);
        } else if (!too_many_parts_) {
            too_many_parts_ = true;
            defects_.add(DefectKind::too_many_parts, line_begin_);
        }
    }

    // The header of the innermost entity ends, and its body starts at `offset`.
    void end_header(std::uint64_t offset, Ending ending) {
        Frame& frame = top();
        Part& part = frame.part;
        part.body_offset = std::max(offset, part.header_offset);
        frame.lines_before = lines_;
        const bool whole = headers_ == Headers::whole || frame.role == EntityRole::digest_part;
        auto extras = read_part_header(header_, part.header_offset, whole ? frame.role : EntityRole::part, part,
                                       budget_, defects_);
        if (header_cut_) defects_.add(DefectKind::header_too_large, part.header_offset);
        if (ending != Ending::line_end && part.body_offset > part.header_offset)
            defects_.add(DefectKind::header_without_end, part.header_offset);
        if (frame.role == EntityRole::root) {
            date_ = extras.date;
            threading_ = std::move(extras.threading);
        }
        const bool encoded =
            part.encoding == TransferEncoding::base64 || part.encoding == TransferEncoding::quoted_printable;
        const bool message = part.type == "message" && (part.subtype == "rfc822" || part.subtype == "global");
        if ((part.is_multipart() || message) && encoded) defects_.add(DefectKind::hidden_parts, part.header_offset);
        if (part.is_multipart()) return start_multipart(std::move(extras.boundary));
        if (message && !encoded) return start_message();
        start_leaf();
    }

    void start_leaf() {
        const auto encoding = top().part.encoding;
        counting_ = encoding == TransferEncoding::base64 || encoding == TransferEncoding::quoted_printable;
        if (counting_) body_.start(encoding);
        mode_ = Mode::leaf;
    }
    void start_opaque() {
        counting_ = false;
        mode_ = Mode::leaf;
    }

    void start_multipart(std::string boundary) {
        Frame& frame = top();
        if (boundary.empty() || boundary.size() > max_boundary_bytes) {
            defects_.add(DefectKind::missing_boundary, frame.part.header_offset);
            return start_opaque();
        }
        if (frames_.size() >= max_depth) return too_deep();
        frame.boundary = std::move(boundary);
        mode_ = Mode::between;
    }

    void start_message() {
        if (frames_.size() >= max_depth) return too_deep();
        const auto offset = top().part.body_offset;
        if (parts_ < max_parts) return open(EntityRole::message, offset);
        if (!std::exchange(too_many_parts_, true)) defects_.add(DefectKind::too_many_parts, offset);
        start_opaque();
    }

    void too_deep() {
        if (!std::exchange(too_deep_, true)) defects_.add(DefectKind::too_deep, top().part.header_offset);
        start_opaque();
    }

    // The innermost entity ends before the line end at `end`; `lines` lines of the message came before that.
    void close(std::uint64_t end, std::uint64_t lines, Ending ending) {
        Frame frame = std::move(frames_.back());
        frames_.pop_back();
        Part& part = frame.part;
        part.end_offset = std::max(end, part.body_offset);
        if (!part.children.empty()) part.end_offset = std::max(part.end_offset, part.children.back().end_offset);
        part.lines = lines > frame.lines_before ? lines - frame.lines_before : 0;
        // "text CRLF CRLF --boundary": the last, empty line is but the line end that belongs to the boundary.
        if (ending == Ending::boundary && last_line_empty_ && part.lines > 0) --part.lines;
        if (part.body_size() == 0) part.lines = 0;
        part.decoded_size = part.body_size();
        if (mode_ == Mode::leaf && counting_) {
            const auto& counted = body_.finish(ending == Ending::boundary);
            part.decoded_size = counted.value();
            if (counted.junk() > 0) defects_.add(DefectKind::bad_base64, part.body_offset);
        }
        if (!frame.boundary.empty() && !frame.closed)
            defects_.add(frame.seen_boundary ? DefectKind::missing_close_boundary : DefectKind::no_parts,
                         part.header_offset);
        mode_ = Mode::between;
        if (frames_.empty()) {
            root_ = std::move(part);
        } else {
            top().part.children.push_back(std::move(part));
        }
    }

    Headers headers_;
    std::vector<Frame> frames_;  // open entities, outermost first
    Mode mode_ = Mode::header;
    std::string header_;  // of the innermost entity while it is read, at most max_header_bytes
    bool header_cut_ = false;
    bool counting_ = false;  // the leaf's body is being counted in body_
    BodyCounter body_;

    std::uint64_t position_ = 0;       // bytes read
    std::uint64_t lines_ = 0;          // line ends read
    std::uint64_t line_begin_ = 0;     // of the current line
    std::uint64_t line_end_size_ = 0;  // of the line before it: 1, 2, or 0 when there is none
    bool last_line_empty_ = false;     // the line before it
    bool undecided_ = true;            // what the current line is; otherwise it is content
    char last_byte_ = '\0';            // before the bytes being read, in a line that is content
    std::string line_;                 // the current line as far as it came, while undecided

    std::size_t parts_ = 0;
    bool too_many_parts_ = false;
    bool too_deep_ = false;
    std::size_t budget_ = max_structure_bytes;
    Part root_;
    std::optional<Timestamp> date_;
    Threading threading_;
    DefectList defects_;
};

Scanner::Scanner() : state_(std::make_unique<State>()) {}
Scanner::~Scanner() = default;
Scanner::Scanner(Scanner&&) noexcept = default;
Scanner& Scanner::operator=(Scanner&&) noexcept = default;

void Scanner::feed(std::string_view bytes) {
    state_->feed(bytes);
}

Message Scanner::finish() {
    Message message = state_->finish();
    *state_ = State();
    return message;
}

Message scan(std::string_view bytes) {
    Scanner scanner;
    scanner.feed(bytes);
    return scanner.finish();
}

Part scan_parts(std::string_view bytes) {
    Scanner::State state(Scanner::State::Headers::of_content);
    state.feed(bytes);
    return state.finish().root;
}

}  // namespace mox::mime
