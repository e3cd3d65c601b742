#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

// The bytes of a message on their way out, and how their lines end.

namespace mox::outlet {

// How the contents are written so that reading them back (intake/message.hpp: every line gets CRLF) gives the same.
enum class LineEnds {
    lf,     // with LF: every line ends in CRLF, and no CR stands before that
    crlf,   // as they are: every line ends in CRLF
    exact,  // as they are and marked: some line ends in LF alone, or the last line has no end
};

// Finds out, from pieces of any size.
class ContentsScanner {
public:
    void feed(std::string_view piece);
    [[nodiscard]] LineEnds line_ends() const;
    [[nodiscard]] bool open_end() const { return size_bytes_ > 0 && last_ != '\n'; }
    [[nodiscard]] std::uint64_t size_bytes() const { return size_bytes_; }
    // Bytes after writing as line_ends() says.
    [[nodiscard]] std::uint64_t written_bytes() const;

private:
    char last_ = 0, before_last_ = 0;
    bool has_bare_lf_ = false, has_cr_before_crlf_ = false;
    std::uint64_t size_bytes_ = 0, lines_ = 0;
};

using Sink = std::function<void(std::string_view)>;

// The contents of one message in the stored form.
struct Contents {
    std::string text;                         // all of it, when `stream` is empty
    std::function<void(const Sink&)> stream;  // of a large message: reads it from its file, any number of times
    LineEnds line_ends = LineEnds::lf;
    bool open_end = false;
    std::uint64_t size_bytes = 0, written_bytes = 0;  // as ContentsScanner has them
};

// Runs of whole lines of `contents`, where possible: visit(text, starts_line). A run ends in LF unless the line is too
// long for a buffer or has no end; a CRLF is never taken apart, nor are the quotes before "From " from it.
void for_each_run(const Contents& contents, const std::function<void(std::string_view, bool)>& visit);

// Adds `line`, which may have no end, as `line_ends` says.
inline void append_line(std::string& to, std::string_view line, LineEnds line_ends) {
    if (line_ends == LineEnds::lf && line.ends_with("\r\n")) {
        to.append(line.substr(0, line.size() - 2));
        to += '\n';
    } else {
        to.append(line);
    }
}

// Takes the first line off `text`, with its LF if it has one.
inline std::string_view take_line(std::string_view& text) {
    const auto lf = text.find('\n');
    const auto line = text.substr(0, lf == std::string_view::npos ? text.size() : lf + 1);
    text.remove_prefix(line.size());
    return line;
}

}  // namespace mox::outlet
