#include "mime/charset.hpp"

#include <unicode/ucasemap.h>
#include <unicode/ucnv.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <vector>

#include "base/encoding.hpp"

namespace mox::mime {

namespace {

constexpr std::string_view replacement = "\xef\xbf\xbd";
constexpr std::size_t max_piece_bytes = 1U << 24U;  // ICU counts in 32 bits

// Windows-1252 from 0x80 to 0x9f; the five holes are the controls of the same number (WHATWG Encoding).
constexpr std::array<char16_t, 32> windows_1252 = {0x20ac, 0x81,   0x201a, 0x192,  0x201e, 0x2026, 0x2020, 0x2021,
                                                   0x2c6,  0x2030, 0x160,  0x2039, 0x152,  0x8d,   0x17d,  0x8f,
                                                   0x90,   0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
                                                   0x2dc,  0x2122, 0x161,  0x203a, 0x153,  0x9d,   0x17e,  0x178};

bool is_ascii(std::string_view text) {
    const char* p = text.data();
    std::size_t left = text.size();
    for (; left >= 8; p += 8, left -= 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, p, 8);
        if ((word & 0x8080808080808080U) != 0) return false;
    }
    return std::all_of(p, p + left, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

void append_bmp(std::string& out, char16_t c) {
    if (c < 0x80) {
        out += static_cast<char>(c);
    } else if (c < 0x800) {
        out += static_cast<char>(0xc0 | c >> 6);
        out += static_cast<char>(0x80 | (c & 63));
    } else {
        out += static_cast<char>(0xe0 | c >> 12);
        out += static_cast<char>(0x80 | (c >> 6 & 63));
        out += static_cast<char>(0x80 | (c & 63));
    }
}

std::string from_windows_1252(std::string_view bytes) {
    std::string out;
    out.reserve(bytes.size() + bytes.size() / 8);
    for (const char byte : bytes) {
        const auto c = static_cast<unsigned char>(byte);
        append_bmp(out, c >= 0x80 && c < 0xa0 ? windows_1252[c - 0x80U] : static_cast<char16_t>(c));
    }
    return out;
}

// Each byte that belongs to no character becomes U+FFFD.
std::string repaired(std::string_view text) {
    if (is_ascii(text) || is_utf8(text)) return std::string(text);
    std::string out;
    while (!text.empty()) {
        const std::size_t length = utf8_sequence_length(text);
        out += length == 0 ? replacement : text.substr(0, length);
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return out;
}

// The names that mail uses for something else than what ICU takes them for.
std::string canonical_name(std::string_view charset) {
    std::string name = ascii_lower(trimmed(charset));
    std::erase_if(name, [](char c) { return c == '"' || c == '\''; });
    if (name == "gb2312" || name == "gbk" || name == "gb_2312-80" || name == "x-gbk") return "gb18030";
    if (name == "ks_c_5601-1987" || name == "ks_c_5601" || name == "euc-kr") return "windows-949";
    if (name == "latin1" || name == "latin-1" || name == "iso8859-1" || name == "iso_8859-1" || name == "cp1252")
        return "windows-1252";
    if (name == "iso-8859-1" || name == "windows-1252") return "windows-1252";
    if (name == "utf8" || name == "unicode-1-1-utf-8") return "utf-8";
    if (name == "ascii" || name == "ansi_x3.4-1968" || name == "iso646-us") return "us-ascii";
    return name;
}

struct CloseConverter {
    void operator()(UConverter* converter) const { ucnv_close(converter); }
};

// The last converter used by this thread: opening one takes longer than converting a subject.
UConverter* converter_for(const std::string& name) {
    struct Last {
        std::string name;
        std::unique_ptr<UConverter, CloseConverter> converter;
    };
    thread_local Last last;
    if (last.converter && last.name == name) {
        ucnv_reset(last.converter.get());
        return last.converter.get();
    }
    constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyz0123456789-_.:+()";
    if (name.empty() || name.size() > 40 || name.find_first_not_of(allowed) != std::string::npos) return nullptr;
    UErrorCode status = U_ZERO_ERROR;
    UConverter* opened = ucnv_open(name.c_str(), &status);
    if (U_FAILURE(status)) return nullptr;
    last = {name, std::unique_ptr<UConverter, CloseConverter>(opened)};
    return opened;
}

void append_utf16(std::string& out, const UChar* text, std::int32_t length) {
    const std::size_t start = out.size();
    out.resize(start + static_cast<std::size_t>(length) * 3);
    std::int32_t written = 0;
    UErrorCode status = U_ZERO_ERROR;
    u_strToUTF8WithSub(out.data() + start, length * 3, &written, text, length, 0xfffd, nullptr, &status);
    out.resize(start + (U_SUCCESS(status) ? static_cast<std::size_t>(written) : 0));
}

std::string convert(UConverter* converter, std::string_view bytes) {
    std::string out;
    std::array<UChar, 1024> buffer;
    std::u16string units;
    const char* source = bytes.data();
    const char* const end = source + bytes.size();
    for (;;) {
        UChar* target = buffer.data();
        UErrorCode status = U_ZERO_ERROR;
        ucnv_toUnicode(converter, &target, buffer.data() + buffer.size(), &source, end, nullptr, 1, &status);
        units.append(buffer.data(), target);
        const bool more = status == U_BUFFER_OVERFLOW_ERROR;
        // A pair of surrogates must not be cut.
        const bool cut = more && !units.empty() && U16_IS_LEAD(units.back());
        const auto ready = static_cast<std::int32_t>(units.size() - (cut ? 1 : 0));
        append_utf16(out, units.data(), ready);
        units.erase(0, static_cast<std::size_t>(ready));
        if (!more) break;
    }
    ucnv_reset(converter);
    return out;
}

std::u16string to_utf16(std::string_view utf8) {
    std::u16string out(utf8.size(), u'\0');
    std::int32_t written = 0;
    UErrorCode status = U_ZERO_ERROR;
    u_strFromUTF8WithSub(out.data(), static_cast<std::int32_t>(out.size()), &written, utf8.data(),
                         static_cast<std::int32_t>(utf8.size()), 0xfffd, nullptr, &status);
    out.resize(U_SUCCESS(status) ? static_cast<std::size_t>(written) : 0);
    return out;
}

}  // namespace

bool is_known_charset(std::string_view charset) {
    const std::string name = canonical_name(charset);
    return name == "utf-8" || name == "us-ascii" || name == "windows-1252" || converter_for(name) != nullptr;
}

std::string guess_utf8(std::string_view bytes) {
    if (is_ascii(bytes) || is_utf8(bytes)) return std::string(bytes);
    return from_windows_1252(bytes);
}

std::string to_utf8(std::string_view bytes, std::string_view charset) {
    const std::string name = canonical_name(charset);
    if (name == "utf-8") return repaired(bytes);
    if (name == "windows-1252") return is_ascii(bytes) ? std::string(bytes) : from_windows_1252(bytes);
    if (name.empty() || name == "us-ascii") return guess_utf8(bytes);
    UConverter* converter = converter_for(name);
    return converter == nullptr ? guess_utf8(bytes) : convert(converter, bytes);
}

std::string nfc(std::string_view utf8) {
    if (is_ascii(utf8)) return std::string(utf8);
    if (utf8.size() > max_piece_bytes) return repaired(utf8);
    std::string text = repaired(utf8);  // at most three times as long: U+FFFD for a byte
    UErrorCode status = U_ZERO_ERROR;
    const UNormalizer2* normalizer = unorm2_getNFCInstance(&status);
    if (U_FAILURE(status)) return text;
    const std::u16string units = to_utf16(text);
    const auto length = static_cast<std::int32_t>(units.size());
    if (unorm2_isNormalized(normalizer, units.data(), length, &status) != 0) return text;
    std::u16string normal(units.size() * 3 + 16, u'\0');
    status = U_ZERO_ERROR;
    const std::int32_t written = unorm2_normalize(normalizer, units.data(), length, normal.data(),
                                                  static_cast<std::int32_t>(normal.size()), &status);
    if (U_FAILURE(status)) return text;
    std::string out;
    append_utf16(out, normal.data(), written);
    return out;
}

std::string lower_case(std::string_view utf8) {
    if (is_ascii(utf8)) return ascii_lower(utf8);
    const std::string text = repaired(utf8);
    if (text.size() > max_piece_bytes) return ascii_lower(text);
    struct CloseCaseMap {
        void operator()(UCaseMap* map) const { ucasemap_close(map); }
    };
    UErrorCode status = U_ZERO_ERROR;
    thread_local const std::unique_ptr<UCaseMap, CloseCaseMap> map(ucasemap_open("", 0, &status));
    if (!map) return ascii_lower(text);
    std::string out(text.size() * 3 + 16, '\0');
    status = U_ZERO_ERROR;
    const std::int32_t written = ucasemap_utf8ToLower(map.get(), out.data(), static_cast<std::int32_t>(out.size()),
                                                      text.data(), static_cast<std::int32_t>(text.size()), &status);
    if (U_FAILURE(status)) return ascii_lower(text);
    out.resize(static_cast<std::size_t>(written));
    return out;
}

}  // namespace mox::mime
