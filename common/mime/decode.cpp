#include "mime/decode.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/encoding.hpp"
#include "mime/mimetic.hpp"

namespace mox::mime {

namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t padding = 64, blank = 65, other = 66;

constexpr std::array<std::uint8_t, 256> make_base64_values() {
    std::array<std::uint8_t, 256> values{};
    for (auto& value : values) value = other;
    for (std::size_t i = 0; i < alphabet.size(); ++i)
        values[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
    for (const char c : {' ', '\t', '\r', '\n'}) values[static_cast<unsigned char>(c)] = blank;
    values[static_cast<unsigned char>('=')] = padding;
    return values;
}
constexpr auto base64_values = make_base64_values();

// Per character: 1 for a digit, 1 << 16 for padding, 1 << 32 for junk, so that sums of up to 65,535 characters count
// all.
constexpr std::array<std::uint64_t, 256> make_base64_weights() {
    std::array<std::uint64_t, 256> weights{};
    for (std::size_t i = 0; i < 256; ++i) {
        const auto value = base64_values[i];
        weights[i] = value < 64 ? 1U : value == padding ? 1ULL << 16U : value == other ? 1ULL << 32U : 0U;
    }
    return weights;
}
constexpr auto base64_weights = make_base64_weights();

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    const char lower = ascii_lower(c);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

// Blanks held back until it is known whether the line ends after them; of longer runs the first ones are let go.
constexpr std::size_t max_held_blanks = 256;

bool is_control(char c) {
    return static_cast<unsigned char>(c) < 32 && c != '\t';
}

bool is_escape(std::string_view text, std::size_t at) {
    return text[at] == '=' && at + 2 < text.size() && hex_digit(text[at + 1]) >= 0 && hex_digit(text[at + 2]) >= 0;
}

// Counts what Decoded gives.
struct Counted {
    std::uint64_t& size;

    void literal(std::string_view text) const { size += text.size(); }
    void encoded(std::string_view text) const {
        size += text.size();
        for (auto at = text.find('='); at != std::string_view::npos; at = text.find('=', at)) {
            const bool escape = is_escape(text, at);
            if (escape) size -= 2;
            at += escape ? 3 : 1;
        }
    }
};

struct Decoded {
    std::string& out;

    void literal(std::string_view text) const { out += text; }
    // Text with escapes, in which other "=" and control characters stay as they are: the stretches between them go
    // through mimetic.
    void encoded(std::string_view text) const {
        std::size_t start = 0;
        for (std::size_t i = 0; i < text.size();) {
            if (is_escape(text, i)) {
                i += 3;
            } else if (text[i] == '=' || is_control(text[i])) {
                stretch(text.substr(start, i - start));
                out += text[i++];
                start = i;
            } else {
                ++i;
            }
        }
        stretch(text.substr(start));
    }

private:
    void stretch(std::string_view text) const {
        const std::size_t content = text.find_last_not_of(" \t") + 1;
        if (content > 0) library::decode_quoted_printable(text.substr(0, content), out);
        out += text.substr(content);
    }
};

// Quoted-printable, RFC 2045 section 6.7: lines, soft line breaks and blanks at line ends; escapes are the Sink's
// (Counted or Decoded). `waiting` holds what the next bytes decide: "=" and what may follow it up to a line end, or
// blanks (and a CR) that may end a line.
template <class Sink>
class QuotedPrintable {
public:
    QuotedPrintable(std::string& waiting, Sink sink) : waiting_(waiting), sink_(sink) {}

    void feed(std::string_view bytes) {
        while (!bytes.empty()) {
            if (!waiting_.empty()) {
                step(bytes.front());
                bytes.remove_prefix(1);
                continue;
            }
            const auto* newline = static_cast<const char*>(std::memchr(bytes.data(), '\n', bytes.size()));
            if (newline == nullptr) return incomplete_line(bytes);
            const auto length = static_cast<std::size_t>(newline - bytes.data()) + 1;
            line(bytes.substr(0, length));
            bytes.remove_prefix(length);
        }
    }

    void finish() {
        if (!waiting_.empty() && waiting_.front() == '=') {
            // "=" and blanks at the very end: a soft line break without its line end.
            const bool soft =
                std::all_of(waiting_.begin() + 1, waiting_.end(), [](char c) { return is_blank(c) || c == '\r'; });
            if (!soft) sink_.literal(waiting_);
        } else {
            std::string_view rest = waiting_;
            const bool cr = rest.ends_with('\r');
            if (cr) sink_.literal(rest);
        }
        waiting_.clear();
    }

private:
    // Nothing waiting, no line end: the end, which more bytes may change, goes through step().
    void incomplete_line(std::string_view text) {
        std::size_t sure = text.find_last_not_of("= \t\r") + 1;
        if (sure >= 2 && text[sure - 2] == '=') sure -= 2;
        sink_.encoded(text.substr(0, sure));
        for (const char c : text.substr(sure)) step(c);
    }

    // A whole line with its line end, nothing waiting: the same as step() for each byte, but faster.
    void line(std::string_view text) {
        const std::size_t end_size = text.ends_with("\r\n") ? 2 : 1;
        const std::string_view line_end = text.substr(text.size() - end_size);
        text.remove_suffix(end_size);
        const std::string_view content = text.substr(0, text.find_last_not_of(" \t") + 1);
        const std::size_t blanks = text.size() - content.size();
        if (content.ends_with('=')) {  // soft line break, blanks before the line end allowed
            sink_.encoded(content.substr(0, content.size() - 1));
            if (blanks < max_held_blanks) return;
            for (const char c : text.substr(content.size() - 1)) step(c);
            for (const char c : line_end) step(c);
            return;
        }
        sink_.encoded(content);
        sink_.literal(text.substr(content.size(), blanks - blanks % max_held_blanks));
        sink_.literal(line_end);
    }

    void step(char c) {
        if (waiting_.empty()) {
            if (c == '=' || is_blank(c) || c == '\r') {
                waiting_ = c;
            } else {
                sink_.literal(std::string_view(&c, 1));
            }
        } else if (waiting_.front() == '=') {
            step_escape(c);
        } else {
            step_blanks(c);
        }
    }

    // Waiting: "=", "=H", "=" and blanks, or "=" and blanks and CR.
    void step_escape(char c) {
        const char last = waiting_.back();
        if (waiting_.size() == 1 && hex_digit(c) >= 0) {
            waiting_ += c;
        } else if (waiting_.size() == 2 && hex_digit(last) >= 0 && hex_digit(c) >= 0) {
            const std::string escape = std::exchange(waiting_, {}) + c;
            sink_.encoded(escape);
        } else if (c == '\n' && (waiting_.size() == 1 || hex_digit(last) < 0)) {
            waiting_.clear();
        } else if ((c == '\r' || (is_blank(c) && waiting_.size() < max_held_blanks)) && last != '\r' &&
                   (waiting_.size() == 1 || hex_digit(last) < 0)) {
            waiting_ += c;
        } else {  // no escape: the "=" is text, and the rest is read again
            const std::string rest = waiting_.substr(1) + c;
            waiting_.clear();
            sink_.literal(std::string_view("="));
            for (const char again : rest) step(again);
        }
    }

    // Waiting: blanks, perhaps with a CR at the end.
    void step_blanks(char c) {
        const bool cr = waiting_.back() == '\r';
        if (c == '\n') {
            waiting_.clear();
            sink_.literal(cr ? std::string_view("\r\n") : std::string_view("\n"));
        } else if (!cr && c == '\r') {
            waiting_ += c;
        } else if (!cr && is_blank(c)) {
            waiting_ += c;
            if (waiting_.size() == max_held_blanks) {
                sink_.literal(waiting_);
                waiting_.clear();
            }
        } else {
            const std::string held = std::move(waiting_);
            waiting_.clear();
            sink_.literal(held);
            step(c);
        }
    }

    std::string& waiting_;
    Sink sink_;
};

}  // namespace

TransferEncoding transfer_encoding(std::string_view name) {
    name = trimmed(name.substr(0, name.find_first_of(";(")));
    if (name.size() >= 2 && name.front() == '"' && name.back() == '"') name = name.substr(1, name.size() - 2);
    if (name.empty() || equal_ignoring_case(name, "7bit")) return TransferEncoding::seven_bit;
    if (equal_ignoring_case(name, "8bit")) return TransferEncoding::eight_bit;
    if (equal_ignoring_case(name, "binary")) return TransferEncoding::binary;
    if (equal_ignoring_case(name, "quoted-printable")) return TransferEncoding::quoted_printable;
    if (equal_ignoring_case(name, "base64")) return TransferEncoding::base64;
    return TransferEncoding::unknown;
}

std::string_view to_string(TransferEncoding encoding) {
    switch (encoding) {
        case TransferEncoding::eight_bit:
            return "8bit";
        case TransferEncoding::binary:
            return "binary";
        case TransferEncoding::quoted_printable:
            return "quoted-printable";
        case TransferEncoding::base64:
            return "base64";
        case TransferEncoding::seven_bit:
        case TransferEncoding::unknown:
            break;
    }
    return "7bit";
}

void TransferDecoder::feed(std::string_view bytes, std::string& out) {
    if (encoding_ == TransferEncoding::quoted_printable) {
        QuotedPrintable(waiting_, Decoded{out}).feed(bytes);
    } else if (encoding_ == TransferEncoding::base64) {
        feed_base64(bytes, out);
    } else {
        out += bytes;
    }
}

// Gives mimetic digits only, whole groups or what padding ends.
void TransferDecoder::feed_base64(std::string_view bytes, std::string& out) {
    std::string digits = std::exchange(waiting_, {});
    digits.reserve(digits.size() + bytes.size());
    for (const char c : bytes) {
        const auto value = base64_values[static_cast<unsigned char>(c)];
        if (value < 64) {
            digits += c;
        } else if (value == padding) {
            library::decode_base64(digits, out);
            digits.clear();
        }
    }
    const std::size_t whole = digits.size() - digits.size() % 4;
    library::decode_base64(std::string_view(digits).substr(0, whole), out);
    waiting_ = digits.substr(whole);
}

void TransferDecoder::finish(std::string& out) {
    if (encoding_ == TransferEncoding::quoted_printable) {
        QuotedPrintable(waiting_, Decoded{out}).finish();
    } else {
        library::decode_base64(waiting_, out);
    }
    waiting_.clear();
}

std::string encode_base64(std::string_view bytes) {
    std::string out;
    library::encode_base64(bytes, out);
    if (!out.empty() && out.back() != '\n') out += "\r\n";
    return out;
}

std::string encode_quoted_printable(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const auto newline = text.find('\n');
        std::string_view line = text.substr(0, newline);
        if (newline != std::string_view::npos && line.ends_with('\r')) line.remove_suffix(1);
        const bool controls = line.find('\r') != std::string_view::npos;
        library::encode_quoted_printable_line(line, controls ? library::Controls::present : library::Controls::absent,
                                              out);
        if (newline == std::string_view::npos) break;
        out += "\r\n";
        text.remove_prefix(newline + 1);
    }
    return out;
}

void DecodedSize::feed(std::string_view bytes) {
    if (encoding_ == TransferEncoding::quoted_printable) {
        QuotedPrintable(waiting_, Counted{size_}).feed(bytes);
    } else if (encoding_ == TransferEncoding::base64) {
        for (; !bytes.empty(); bytes.remove_prefix(std::min<std::size_t>(bytes.size(), 32768)))
            feed_base64(bytes.substr(0, 32768));
    } else {
        size_ += bytes.size();
    }
}

void DecodedSize::feed_base64(std::string_view bytes) {
    std::uint64_t sum = 0;
    for (const char c : bytes) sum += base64_weights[static_cast<unsigned char>(c)];
    junk_ += sum >> 32U;
    if ((sum >> 16U & 0xffffU) == 0) {
        digits_ += sum & 0xffffU;
        return;
    }
    for (const char c : bytes) {
        const auto value = base64_values[static_cast<unsigned char>(c)];
        if (value < 64) ++digits_;
        if (value != padding) continue;
        size_ += digits_ * 3 / 4;
        digits_ = 0;
    }
}

std::uint64_t DecodedSize::value() const {
    std::uint64_t size = size_ + digits_ * 3 / 4;
    if (!waiting_.empty()) {
        std::string waiting = waiting_;
        QuotedPrintable(waiting, Counted{size}).finish();
    }
    return size;
}

}  // namespace mox::mime
