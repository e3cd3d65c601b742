#include "intake/stored_form.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/encoding.hpp"
#include "base/interrupt.hpp"
#include "intake/count_byte.hpp"

namespace mox::intake {

namespace {

constexpr std::size_t piece_bytes = 65536;

bool is_quoted_from(std::string_view line) {
    const auto quotes = std::min(line.find_first_not_of('>'), line.size());
    return quotes > 0 && line.substr(quotes).starts_with("From ");
}

}  // namespace

StoredForm::StoredForm(Quoting quoting, HeaderFields& header, const Sink& sink)
    : quoting_(quoting),
      header_(header),
      sink_(sink),
      buffer_(new char[piece_bytes]) {}

void StoredForm::feed(std::string_view text) {
    cr_ += count_byte(text, '\r');
    nul_ += count_byte(text, '\0');
    while (!text.empty()) {
        const void* const lf = within_line_ ? nullptr : std::memchr(text.data(), '\n', text.size());
        if (lf == nullptr) {
            text = continued_line(text);
            continue;
        }
        const auto length = static_cast<std::size_t>(static_cast<const char*>(lf) - text.data()) + 1;
        whole_line(text.substr(0, length));
        text.remove_prefix(length);
    }
}

void StoredForm::finish() {
    if (within_line_) {
        if (held_cr_) {
            put("\r");
            if (header_.inside()) header_.line("\r");
        }
        end_line();
    }
    if (header_.inside()) header_.finish();
    flush();
}

void StoredForm::whole_line(std::string_view line) {
    const bool crlf = line.size() >= 2 && line[line.size() - 2] == '\r';
    std::string_view text = line.substr(0, line.size() - (crlf ? 2 : 1));
    if (!text.empty() && text[0] == '>' && quoting_ == Quoting::mbox && is_quoted_from(text)) {
        text.remove_prefix(1);
        line.remove_prefix(1);
    }
    if (header_.inside()) {
        header_.line(text);
        header_.end_line();
    }
    if (crlf) {
        ++cr_in_line_ends_;
        put(line);
    } else {
        put(text);
        put("\r\n");
    }
}

std::string_view StoredForm::continued_line(std::string_view text) {
    if (!within_line_ && quoting_ == Quoting::mbox && is_quoted_from(text)) text.remove_prefix(1);
    within_line_ = true;
    const bool ends = text[0] == '\n';
    if (held_cr_) {
        held_cr_ = false;
        if (ends) {
            ++cr_in_line_ends_;
        } else {
            put("\r");
            if (header_.inside()) header_.line("\r");
        }
    }
    const auto lf = text.find('\n');
    std::string_view part = text.substr(0, lf);
    if (!part.empty() && part.back() == '\r') {
        part.remove_suffix(1);
        held_cr_ = lf == std::string_view::npos;
        if (!held_cr_) ++cr_in_line_ends_;
    }
    put(part);
    if (header_.inside()) header_.line(part);
    if (lf == std::string_view::npos) return {};
    end_line();
    return text.substr(lf + 1);
}

void StoredForm::end_line() {
    put("\r\n");
    if (header_.inside()) header_.end_line();
    within_line_ = false;
    held_cr_ = false;
}

void StoredForm::put(std::string_view text) {
    while (text.size() > piece_bytes - used_) {
        const std::size_t fits = piece_bytes - used_;
        std::memcpy(buffer_.get() + used_, text.data(), fits);
        used_ += fits;
        text.remove_prefix(fits);
        flush();
    }
    if (text.empty()) return;
    std::memcpy(buffer_.get() + used_, text.data(), text.size());
    used_ += text.size();
}

void StoredForm::flush() {
    if (used_ == 0) return;
    check_interrupt();
    const std::size_t size = std::exchange(used_, 0);
    size_bytes_ += size;
    sink_(as_bytes(std::string_view(buffer_.get(), size)));
}

}  // namespace mox::intake
