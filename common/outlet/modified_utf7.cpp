#include <cstdint>

#include "base/encoding.hpp"
#include "outlet/folder_name.hpp"

namespace mox::outlet {

namespace {

// Base 64 with ',' for '/', without padding.
std::string coded(const std::string& utf16) {
    std::string text = to_base64(as_bytes(utf16));
    text.erase(text.find_last_not_of('=') + 1);
    for (char& c : text)
        if (c == '/') c = ',';
    return '&' + text + '-';
}

std::optional<std::string> decoded(std::string_view text) {
    std::string base64;
    for (const char c : text) {
        if (c == '/') return std::nullopt;
        base64 += c == ',' ? '/' : c;
    }
    base64.append((4 - base64.size() % 4) % 4, '=');
    auto utf16 = from_base64(base64);
    if (!utf16 || utf16->empty() || utf16->size() % 2 != 0) return std::nullopt;
    return utf16;
}

std::uint32_t code_point(std::string_view sequence) {
    const auto byte = [&](std::size_t i) {
        return static_cast<std::uint32_t>(static_cast<unsigned char>(sequence[i]));
    };
    switch (sequence.size()) {
        case 2:
            return (byte(0) & 0x1fU) << 6U | (byte(1) & 0x3fU);
        case 3:
            return (byte(0) & 0x0fU) << 12U | (byte(1) & 0x3fU) << 6U | (byte(2) & 0x3fU);
        case 4:
            return (byte(0) & 0x07U) << 18U | (byte(1) & 0x3fU) << 12U | (byte(2) & 0x3fU) << 6U | (byte(3) & 0x3fU);
        default:
            return byte(0);
    }
}

void append_utf8(std::string& to, std::uint32_t c) {
    const auto add = [&](std::uint32_t byte) { to += static_cast<char>(byte); };
    if (c < 0x80) {
        add(c);
    } else if (c < 0x800) {
        add(0xc0U | c >> 6U);
        add(0x80U | (c & 0x3fU));
    } else if (c < 0x10000) {
        add(0xe0U | c >> 12U);
        add(0x80U | (c >> 6U & 0x3fU));
        add(0x80U | (c & 0x3fU));
    } else {
        add(0xf0U | c >> 18U);
        add(0x80U | (c >> 12U & 0x3fU));
        add(0x80U | (c >> 6U & 0x3fU));
        add(0x80U | (c & 0x3fU));
    }
}

bool append_utf16(std::string& to, const std::string& utf16) {
    const auto unit = [&](std::size_t i) {
        return static_cast<std::uint32_t>(static_cast<unsigned char>(utf16[i])) << 8U |
               static_cast<unsigned char>(utf16[i + 1]);
    };
    for (std::size_t i = 0; i < utf16.size(); i += 2) {
        std::uint32_t c = unit(i);
        if (c >= 0xd800 && c < 0xdc00 && i + 3 < utf16.size() && unit(i + 2) >= 0xdc00 && unit(i + 2) < 0xe000) {
            c = 0x10000 + ((c - 0xd800) << 10U) + (unit(i + 2) - 0xdc00);
            i += 2;
        }
        if (c >= 0xd800 && c < 0xe000) return false;
        append_utf8(to, c);
    }
    return true;
}

}  // namespace

std::string to_modified_utf7(std::string_view utf8) {
    std::string text, utf16;
    const auto add_unit = [&](std::uint32_t unit) {
        utf16 += static_cast<char>(unit >> 8U);
        utf16 += static_cast<char>(unit & 0xffU);
    };
    const auto end_shift = [&] {
        if (!utf16.empty()) text += coded(utf16);
        utf16.clear();
    };
    while (!utf8.empty()) {
        const std::size_t length = std::max<std::size_t>(utf8_sequence_length(utf8), 1);
        const std::uint32_t c = code_point(utf8.substr(0, length));
        utf8.remove_prefix(length);
        if (c >= 0x20 && c <= 0x7e) {
            end_shift();
            text += static_cast<char>(c);
            if (c == '&') text += '-';
        } else if (c >= 0x10000) {
            add_unit(0xd800 + ((c - 0x10000) >> 10U));
            add_unit(0xdc00 + ((c - 0x10000) & 0x3ffU));
        } else {
            add_unit(c);
        }
    }
    end_shift();
    return text;
}

std::optional<std::string> from_modified_utf7(std::string_view text) {
    std::string utf8;
    while (!text.empty()) {
        const char c = text[0];
        text.remove_prefix(1);
        if (c != '&') {
            utf8 += c;
            continue;
        }
        const auto end = text.find('-');
        if (end == std::string_view::npos) return std::nullopt;
        if (end == 0) {
            utf8 += '&';
        } else {
            const auto utf16 = decoded(text.substr(0, end));
            if (!utf16 || !append_utf16(utf8, *utf16)) return std::nullopt;
        }
        text.remove_prefix(end + 1);
    }
    return utf8;
}

}  // namespace mox::outlet
