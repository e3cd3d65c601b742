#include "outlet/contents.hpp"

#include <cstring>

namespace mox::outlet {

namespace {

// Memory for lines of a large message.
constexpr std::size_t enough_bytes = 256U << 10U;

// Cuts what streams by into runs.
class Cutter {
public:
    explicit Cutter(const std::function<void(std::string_view, bool)>& visit) : visit_(visit) {}

    void feed(std::string_view piece) {
        buffer_ += piece;
        const std::string_view text = buffer_;
        if (const auto lf = text.rfind('\n'); lf != std::string_view::npos) {
            pass_on(lf + 1);
        } else if (text.size() >= enough_bytes && !may_be_quotes()) {
            pass_on(text.size() - (text.back() == '\r' ? 1 : 0));
        }
    }
    void finish() {
        if (!buffer_.empty()) pass_on(buffer_.size());
    }

private:
    // Nothing but '>' so far: whether "From " follows is not known.
    [[nodiscard]] bool may_be_quotes() const {
        return starts_line_ && buffer_.find_first_not_of('>') == std::string::npos;
    }
    void pass_on(std::size_t count) {
        const std::string_view run(buffer_.data(), count);
        visit_(run, starts_line_);
        starts_line_ = run.ends_with('\n');
        buffer_.erase(0, count);
    }

    const std::function<void(std::string_view, bool)>& visit_;
    std::string buffer_;
    bool starts_line_ = true;
};

}  // namespace

void ContentsScanner::feed(std::string_view piece) {
    const char* const begin = piece.data();
    const char* const end = begin + piece.size();
    const auto at = [&](const char* p, std::ptrdiff_t back) {
        if (p - begin >= back) return p[-back];
        return back - (p - begin) == 1 ? last_ : before_last_;
    };
    for (const char* p = begin; p < end; ++p) {
        p = static_cast<const char*>(std::memchr(p, '\n', static_cast<std::size_t>(end - p)));
        if (p == nullptr) break;
        ++lines_;
        if (at(p, 1) != '\r')
            has_bare_lf_ = true;
        else if (at(p, 2) == '\r')
            has_cr_before_crlf_ = true;
    }
    size_bytes_ += piece.size();
    if (piece.size() >= 2) before_last_ = piece[piece.size() - 2];
    if (piece.size() == 1) before_last_ = last_;
    if (!piece.empty()) last_ = piece.back();
}

LineEnds ContentsScanner::line_ends() const {
    if (has_bare_lf_ || open_end()) return LineEnds::exact;
    return has_cr_before_crlf_ ? LineEnds::crlf : LineEnds::lf;
}

std::uint64_t ContentsScanner::written_bytes() const {
    return size_bytes_ - (line_ends() == LineEnds::lf ? lines_ : 0);
}

void for_each_run(const Contents& contents, const std::function<void(std::string_view, bool)>& visit) {
    if (!contents.stream) {
        if (!contents.text.empty()) visit(contents.text, true);
        return;
    }
    Cutter cutter(visit);
    contents.stream([&](std::string_view piece) { cutter.feed(piece); });
    cutter.finish();
}

}  // namespace mox::outlet
