#include "mime/decode.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/encoding.hpp"

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

// Quoted-printable, RFC 2045 section 6.7. `waiting` holds what the next bytes decide: "=" and what may follow it up to
// a line end, or blanks (and a CR) that may end a line. Emit receives decoded text in pieces.
template <class Emit>
class QuotedPrintable {
public:
    QuotedPrintable(std::string& waiting, Emit emit) : waiting_(waiting), emit_(emit) {}

    void feed(std::string_view bytes) {
        while (!bytes.empty()) {
            if (!waiting_.empty()) {
                step(bytes.front());
                bytes.remove_prefix(1);
                continue;
            }
            const auto* newline = static_cast<const char*>(std::memchr(bytes.data(), '\n', bytes.size()));
            if (newline == nullptr) {
                for (const char c : bytes) step(c);
                return;
            }
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
            if (!soft) emit_(waiting_);
        } else {
            std::string_view rest = waiting_;
            const bool cr = rest.ends_with('\r');
            if (cr) emit_(rest);
        }
        waiting_.clear();
    }

private:
    // A whole line with its line end, nothing waiting: the same as step() for each byte, but faster.
    void line(std::string_view text) {
        const std::size_t end_size = text.ends_with("\r\n") ? 2 : 1;
        const std::string_view line_end = text.substr(text.size() - end_size);
        text.remove_suffix(end_size);
        std::size_t blanks = 0;
        while (blanks < text.size() && is_blank(text[text.size() - 1 - blanks])) ++blanks;
        const std::string_view content = text.substr(0, text.size() - blanks);
        const std::string_view tail = text.substr(content.size(), blanks - blanks % max_held_blanks);
        std::size_t from = 0;
        for (;;) {
            const auto at = content.find('=', from);
            if (at == std::string_view::npos) break;
            emit_(content.substr(from, at - from));
            if (at + 1 == content.size()) {  // soft line break, blanks before the line end allowed
                if (blanks < max_held_blanks) return;
                for (const char c : text.substr(at)) step(c);
                for (const char c : line_end) step(c);
                return;
            }
            const int high = hex_digit(content[at + 1]);
            const int low = high >= 0 && at + 2 < content.size() ? hex_digit(content[at + 2]) : -1;
            from = at + 1;
            if (low >= 0) {
                const char decoded = static_cast<char>(high * 16 + low);
                emit_(std::string_view(&decoded, 1));
                from = at + 3;
            } else {
                emit_(std::string_view("="));
            }
        }
        emit_(content.substr(from));
        emit_(tail);
        emit_(line_end);
    }

    void step(char c) {
        if (waiting_.empty()) {
            if (c == '=' || is_blank(c) || c == '\r') {
                waiting_ = c;
            } else {
                emit_(std::string_view(&c, 1));
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
            const char decoded = static_cast<char>(hex_digit(last) * 16 + hex_digit(c));
            waiting_.clear();
            emit_(std::string_view(&decoded, 1));
        } else if (c == '\n' && (waiting_.size() == 1 || hex_digit(last) < 0)) {
            waiting_.clear();
        } else if ((c == '\r' || (is_blank(c) && waiting_.size() < max_held_blanks)) && last != '\r' &&
                   (waiting_.size() == 1 || hex_digit(last) < 0)) {
            waiting_ += c;
        } else {  // no escape: the "=" is text, and the rest is read again
            const std::string rest = waiting_.substr(1) + c;
            waiting_.clear();
            emit_(std::string_view("="));
            for (const char again : rest) step(again);
        }
    }

    // Waiting: blanks, perhaps with a CR at the end.
    void step_blanks(char c) {
        const bool cr = waiting_.back() == '\r';
        if (c == '\n') {
            waiting_.clear();
            emit_(cr ? std::string_view("\r\n") : std::string_view("\n"));
        } else if (!cr && c == '\r') {
            waiting_ += c;
        } else if (!cr && is_blank(c)) {
            waiting_ += c;
            if (waiting_.size() == max_held_blanks) {
                emit_(waiting_);
                waiting_.clear();
            }
        } else {
            const std::string held = std::move(waiting_);
            waiting_.clear();
            emit_(held);
            step(c);
        }
    }

    std::string& waiting_;
    Emit emit_;
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
        QuotedPrintable(waiting_, [&](std::string_view text) { out += text; }).feed(bytes);
        return;
    }
    if (encoding_ != TransferEncoding::base64) {
        out += bytes;
        return;
    }
    feed_base64(bytes, out);
}

void TransferDecoder::feed_base64(std::string_view bytes, std::string& out) {
    const std::size_t start = out.size();
    out.resize(start + (bytes.size() + group_digits_) / 4 * 3 + 3);
    char* to = out.data() + start;
    const auto put = [&](std::uint32_t group) {
        *to++ = static_cast<char>(group >> 16U & 255U);
        *to++ = static_cast<char>(group >> 8U & 255U);
        *to++ = static_cast<char>(group & 255U);
    };
    const auto value_at = [&](std::size_t i) -> std::uint32_t {
        return base64_values[static_cast<unsigned char>(bytes[i])];
    };
    for (std::size_t i = 0; i < bytes.size();) {
        if (group_digits_ == 0 && i + 4 <= bytes.size()) {
            const auto a = value_at(i), b = value_at(i + 1), c = value_at(i + 2), d = value_at(i + 3);
            if ((a | b | c | d) < 64) {
                put(a << 18U | b << 12U | c << 6U | d);
                i += 4;
                continue;
            }
        }
        const auto value = value_at(i++);
        if (value < 64) {
            group_ = group_ << 6U | value;
            if (++group_digits_ < 4) continue;
            put(group_);
            group_ = group_digits_ = 0;
        } else if (value == padding) {
            to += end_group(to);
        }
    }
    out.resize(static_cast<std::size_t>(to - out.data()));
}

// Two digits are 12 bits, one byte; three are 18 bits, two bytes; a single one is nothing.
std::size_t TransferDecoder::end_group(char* to) {
    const unsigned digits = std::exchange(group_digits_, 0U);
    const std::uint32_t group = std::exchange(group_, 0U);
    if (digits < 2) return 0;
    to[0] = static_cast<char>(digits == 2 ? group >> 4U & 255U : group >> 10U & 255U);
    if (digits == 3) to[1] = static_cast<char>(group >> 2U & 255U);
    return digits - 1;
}

void TransferDecoder::finish(std::string& out) {
    if (encoding_ == TransferEncoding::quoted_printable)
        QuotedPrintable(waiting_, [&](std::string_view text) { out += text; }).finish();
    std::array<char, 2> last{};
    out.append(last.data(), end_group(last.data()));
}

void DecodedSize::feed(std::string_view bytes) {
    if (encoding_ == TransferEncoding::quoted_printable) {
        QuotedPrintable(waiting_, [&](std::string_view text) { size_ += text.size(); }).feed(bytes);
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
        QuotedPrintable(waiting, [&](std::string_view text) { size += text.size(); }).finish();
    }
    return size;
}

}  // namespace mox::mime
