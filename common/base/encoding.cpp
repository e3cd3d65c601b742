#include "base/encoding.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

namespace mox {

namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";
constexpr std::string_view base64_digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int hex_value(char c) {
    const auto at = hex_digits.find(ascii_lower(c));
    return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

void append_escape(std::string& out, unsigned char c) {
    out += "\\x";
    out += hex_digits[c >> 4];
    out += hex_digits[c & 15];
}

// Control characters that take more than one byte in UTF-8: C1 controls and the two Unicode line separators, plus the
// marks that change the direction of text.
bool is_wide_control(std::string_view sequence) {
    if (sequence.size() == 2)
        return static_cast<unsigned char>(sequence[0]) == 0xc2 && static_cast<unsigned char>(sequence[1]) < 0xa0;
    if (sequence.size() != 3) return false;
    return sequence == "\u2028" || sequence == "\u2029" || (sequence >= "\u202a" && sequence <= "\u202e") ||
           (sequence >= "\u2066" && sequence <= "\u2069");
}

}  // namespace

std::string to_hex(std::span<const std::byte> bytes) {
    std::string out;
    out.reserve(bytes.size() * 2);
    for (const auto byte : bytes) {
        out += hex_digits[std::to_integer<unsigned>(byte) >> 4];
        out += hex_digits[std::to_integer<unsigned>(byte) & 15];
    }
    return out;
}

std::optional<std::string> from_hex(std::string_view text) {
    if (text.size() % 2 != 0) return std::nullopt;
    std::string out;
    out.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const int high = hex_value(text[i]);
        const int low = hex_value(text[i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        out += static_cast<char>(high * 16 + low);
    }
    return out;
}

std::string to_base64(std::span<const std::byte> bytes) {
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
        std::uint32_t group = 0;
        for (std::size_t k = 0; k < 3; ++k)
            group = group << 8 | (k < count ? std::to_integer<std::uint32_t>(bytes[i + k]) : 0);
        for (std::size_t k = 0; k < 4; ++k) out += k <= count ? base64_digits[group >> (18 - 6 * k) & 63] : '=';
    }
    return out;
}

std::optional<std::string> from_base64(std::string_view text) {
    if (text.size() % 4 != 0) return std::nullopt;
    std::size_t padding = 0;
    while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
    std::string out;
    out.reserve(text.size() / 4 * 3);
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        std::uint32_t value = 0;
        if (i < text.size() - padding) {
            const auto at = base64_digits.find(text[i]);
            if (at == std::string_view::npos) return std::nullopt;
            value = static_cast<std::uint32_t>(at);
        }
        group = group << 6 | value;
        if (i % 4 != 3) continue;
        const std::size_t count = i + 1 == text.size() ? 3 - padding : 3;
        for (std::size_t k = 0; k < count; ++k) out += static_cast<char>(group >> (16 - 8 * k) & 255);
        if (count < 3 && (group & ((1U << (8 * (3 - count))) - 1)) != 0) return std::nullopt;
        group = 0;
    }
    return out;
}

std::size_t utf8_sequence_length(std::string_view text) {
    if (text.empty()) return 0;
    const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char first = at(0);
    if (first < 0x80) return 1;
    std::size_t length = 0;
    unsigned char low = 0x80;
    unsigned char high = 0xbf;
    if (first >= 0xc2 && first <= 0xdf) {
        length = 2;
    } else if (first >= 0xe0 && first <= 0xef) {
        length = 3;
        if (first == 0xe0) low = 0xa0;
        if (first == 0xed) high = 0x9f;
    } else if (first >= 0xf0 && first <= 0xf4) {
        length = 4;
        if (first == 0xf0) low = 0x90;
        if (first == 0xf4) high = 0x8f;
    }
    if (length == 0 || text.size() < length || at(1) < low || at(1) > high) return 0;
    for (std::size_t i = 2; i < length; ++i)
        if (at(i) < 0x80 || at(i) > 0xbf) return 0;
    return length;
}

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        if (std::uint64_t eight = 0; text.size() >= sizeof(eight)) {
            std::memcpy(&eight, text.data(), sizeof(eight));
            if ((eight & 0x8080808080808080U) == 0) {  // ASCII
                text.remove_prefix(sizeof(eight));
                continue;
            }
        }
        const std::size_t length = utf8_sequence_length(text);
        if (length == 0) return false;
        text.remove_prefix(length);
    }
    return true;
}

std::string escaped(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const std::size_t length = utf8_sequence_length(text);
        const auto c = static_cast<unsigned char>(text[0]);
        if (length == 0) {
            append_escape(out, c);
        } else if (length > 1) {
            if (is_wide_control(text.substr(0, length)))
                for (const char byte : text.substr(0, length)) append_escape(out, static_cast<unsigned char>(byte));
            else
                out += text.substr(0, length);
        } else if (c == '\n') {
            out += "\\n";
        } else if (c == '\r') {
            out += "\\r";
        } else if (c == '\t') {
            out += "\\t";
        } else if (c == '\\' || c == '\'') {
            out += '\\';
            out += static_cast<char>(c);
        } else if (c < 0x20 || c == 0x7f) {
            append_escape(out, c);
        } else {
            out += static_cast<char>(c);
        }
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return out;
}

std::string quote(std::string_view text) {
    return "'" + escaped(text) + "'";
}

std::string ascii_lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) c = ascii_lower(c);
    return out;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return ascii_lower(x) == ascii_lower(y); });
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n";
    const auto first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

}  // namespace mox
