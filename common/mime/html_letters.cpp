#include "mime/html_letters.hpp"

#include <algorithm>
#include <array>

#include "mime/html_runs.hpp"

namespace mox::mime {

namespace {

constexpr std::size_t longest_reference = 32;

// The letter for each character; NUL: none.
constexpr auto letters = [] {
    std::array<char, 256> table{};
    for (char c = '0'; c <= '9'; ++c) table[static_cast<unsigned char>(c)] = c;
    for (char c = 'a'; c <= 'z'; ++c) table[static_cast<unsigned char>(c)] = c;
    for (char c = 'A'; c <= 'Z'; ++c) table[static_cast<unsigned char>(c)] = static_cast<char>(c + 32);
    return table;
}();
constexpr char letter(char c) {
    return letters[static_cast<unsigned char>(c)];
}

unsigned digit_of(char c) {
    const char known = letter(c);
    return known == 0     ? 99
           : known <= '9' ? static_cast<unsigned>(known - '0')
                          : static_cast<unsigned>(known - 'a') + 10;
}

// "&#97;" and "&#x61;" stand for a letter; names of references never do. Returns the position behind the reference, or
// behind its "&" when it is none.
std::size_t read_reference(std::string& out, std::string_view html, std::size_t at) {
    const auto begin = at + 1, limit = std::min(html.size(), begin + longest_reference);
    if (begin < limit && html[begin] == '#') {
        const bool hex = begin + 1 < limit && letter(html[begin + 1]) == 'x';
        unsigned value = 0;
        std::size_t end = begin + (hex ? 2 : 1);
        const auto digits = end;
        for (; end < limit && digit_of(html[end]) < (hex ? 16 : 10); ++end)
            value = std::min(value * (hex ? 16 : 10) + digit_of(html[end]), 0x110000U);
        if (end == digits) return begin;
        if (value < 128 && letter(static_cast<char>(value)) != 0) out += letter(static_cast<char>(value));
        return end;
    }
    auto end = begin;
    while (end < limit && letter(html[end]) != 0) ++end;
    return end < limit && end > begin && html[end] == ';' ? end : begin;
}

}  // namespace

void append_letters(std::string& out, std::string_view text) {
    for (const char c : text)
        if (letter(c) != 0) out += letter(c);
}

void append_html_letters(std::string& out, std::string_view html) {
    for (std::size_t at = 0; at < html.size();) {
        const char c = html[at];
        if (letter(c) != 0) {
            out += letter(c);
            ++at;
        } else if (c == '<' && starts_tag(html, at)) {
            std::size_t attributes = 0;
            at = tag_end(html, at, attributes);
        } else if (c == '&') {
            at = read_reference(out, html, at);
        } else {
            ++at;
        }
    }
}

}  // namespace mox::mime
