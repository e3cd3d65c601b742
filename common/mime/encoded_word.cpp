// Encoded words: RFC 2047.

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "base/encoding.hpp"
#include "mime/charset.hpp"
#include "mime/decode.hpp"
#include "mime/header.hpp"

namespace mox::mime {

namespace {

struct Word {
    std::string_view charset;
    char encoding;  // 'q' or 'b'
    std::string_view text;
    std::size_t size;  // of all, from "=?" to "?="
};

constexpr std::size_t max_charset_bytes = 60;

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    const char lower = ascii_lower(c);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// The word at the start of `text`, which begins with "=?". Longer than the 75 characters of the RFC is fine, blanks
// inside the text too: both are common.
std::optional<Word> word_at(std::string_view text) {
    const auto charset_end = text.find('?', 2);
    if (charset_end == std::string_view::npos || charset_end == 2 || charset_end > 2 + max_charset_bytes)
        return std::nullopt;
    if (charset_end + 2 >= text.size() || text[charset_end + 2] != '?') return std::nullopt;
    const char encoding = ascii_lower(text[charset_end + 1]);
    if (encoding != 'q' && encoding != 'b') return std::nullopt;
    const std::size_t start = charset_end + 3;
    const auto end = text.find('?', start);
    if (end == std::string_view::npos || end + 1 >= text.size() || text[end + 1] != '=') return std::nullopt;
    std::string_view charset = text.substr(2, charset_end - 2);
    for (const char c : charset)
        if (static_cast<unsigned char>(c) <= 32 || c == '=' || c == '"') return std::nullopt;
    charset = charset.substr(0, charset.find('*'));  // RFC 2231 section 5: a language may follow
    return Word{charset, encoding, text.substr(start, end - start), end + 2};
}

std::string decode_q(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const int high = text[i] == '=' && i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
        const int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
        if (low >= 0) {
            out += static_cast<char>(high * 16 + low);
            i += 2;
        } else {
            out += text[i] == '_' ? ' ' : text[i];
        }
    }
    return out;
}

std::string decode_bytes(const Word& word) {
    if (word.encoding == 'q') return decode_q(word.text);
    std::string out;
    TransferDecoder decoder(TransferEncoding::base64);
    decoder.feed(word.text, out);
    decoder.finish(out);
    return out;
}

// Each word starts in the initial state (RFC 2047 section 3); ICU takes an empty segment between two of them for an
// error.
bool is_stateful(std::string_view charset) {
    return charset.size() > 8 && equal_ignoring_case(charset.substr(0, 8), "iso-2022");
}

// Letters and digits that stand for themselves in a display name too (RFC 2047 section 5).
bool is_plain_q(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '!' ||
           c == '/';
}

// One word of some whole characters.
std::string encoded_word(std::string_view text, bool base64) {
    if (base64) return "=?utf-8?b?" + to_base64(as_bytes(text)) + "?=";
    static constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out = "=?utf-8?q?";
    for (const char c : text) {
        if (c == ' ')
            out += '_';
        else if (is_plain_q(c))
            out += c;
        else
            (out += '=')
                .append({digits[static_cast<unsigned char>(c) >> 4U], digits[static_cast<unsigned char>(c) & 15U]});
    }
    return out + "?=";
}

bool is_all_blank(std::string_view text) {
    return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

}  // namespace

std::string decode_words(std::string_view text) {
    std::string out;
    std::string bytes;         // of words not yet converted
    std::string_view charset;  // theirs
    const auto flush = [&] {
        if (!bytes.empty()) out += to_utf8(bytes, charset);
        bytes.clear();
    };
    bool after_word = false;
    std::size_t plain = 0;  // start of the text since the last word
    std::size_t at = 0;
    while ((at = text.find("=?", at)) != std::string_view::npos) {
        const auto word = word_at(text.substr(at));
        if (!word) {
            at += 2;
            continue;
        }
        const auto between = text.substr(plain, at - plain);
        if (!after_word || !is_all_blank(between)) {
            flush();
            out += guess_utf8(between);
        } else if (!equal_ignoring_case(charset, word->charset) || is_stateful(charset)) {
            flush();
        }
        charset = word->charset;
        bytes += decode_bytes(*word);
        after_word = true;
        at += word->size;
        plain = at;
    }
    flush();
    out += guess_utf8(text.substr(plain));
    for (char& c : out)
        if (c == '\0' || c == '\r' || c == '\n') c = ' ';
    return out;
}

std::string encode_words(std::string_view utf8) {
    const bool plain = std::ranges::all_of(utf8, [](char c) { return c >= ' ' && c <= '~'; });
    if (plain && utf8.find("=?") == std::string_view::npos) return std::string(utf8);
    // What fits beside the 12 characters around it.
    constexpr std::size_t most_q = 63, most_base64 = 45;
    const auto q_size = [](std::string_view text) {
        std::size_t size = 0;
        for (const char c : text) size += is_plain_q(c) || c == ' ' ? 1U : 3U;
        return size;
    };
    const bool base64 = q_size(utf8) > utf8.size() * 5 / 2;
    std::string out;
    for (std::size_t start = 0; start < utf8.size();) {
        std::size_t end = start, used = 0;
        while (end < utf8.size()) {
            const auto length = std::max<std::size_t>(utf8_sequence_length(utf8.substr(end)), 1);
            used += base64 ? length : q_size(utf8.substr(end, length));
            if (used > (base64 ? most_base64 : most_q)) break;
            end += length;
        }
        if (!out.empty()) out += ' ';
        out += encoded_word(utf8.substr(start, end - start), base64);
        start = end;
    }
    return out;
}

}  // namespace mox::mime
