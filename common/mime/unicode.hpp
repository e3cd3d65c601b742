#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

// Single characters of well-formed UTF-8. ICU stays inside; ASCII does not get that far.

namespace mox::mime {

enum class CharacterKind : std::uint8_t {
    other,        // blanks, punctuation, symbols, controls
    letter,       // with the marks that follow letters
    digit,        // decimal digits of any script
    ideographic,  // of scripts that put no blanks between words: Han, Kana, Thai and its neighbours
    invisible,    // soft hyphens, zero-width characters: as if they were not there
};

[[nodiscard]] CharacterKind kind_of(char32_t character);
// The character in lower case (simple mapping: one character stays one).
[[nodiscard]] char32_t lower_case(char32_t character);
// The character for comparisons that do not care for case (simple case folding).
[[nodiscard]] char32_t fold_case(char32_t character);
// Only what Unicode calls a letter (L), or a decimal digit (Nd): without marks.
[[nodiscard]] bool is_letter(char32_t character);
[[nodiscard]] bool is_digit(char32_t character);

// The character at the start of `text`, which is not empty, and its length in bytes. Ill-formed: U+FFFD and 1.
struct Character {
    char32_t value = 0;
    std::size_t length = 0;
};
[[nodiscard]] inline Character first_character(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const auto follows = [&](std::size_t i) { return i < text.size() && (byte(i) & 0xc0U) == 0x80; };
    const unsigned char c = byte(0);
    if (c < 0x80) return {c, 1};
    if (c >= 0xc2 && c < 0xe0 && follows(1)) return {(c & 0x1fU) << 6U | (byte(1) & 0x3fU), 2};
    if (c >= 0xe0 && c < 0xf0 && follows(1) && follows(2))
        return {(c & 0xfU) << 12U | (byte(1) & 0x3fU) << 6U | (byte(2) & 0x3fU), 3};
    if (c >= 0xf0 && c < 0xf5 && follows(1) && follows(2) && follows(3))
        return {(c & 7U) << 18U | (byte(1) & 0x3fU) << 12U | (byte(2) & 0x3fU) << 6U | (byte(3) & 0x3fU), 4};
    return {0xfffd, 1};
}

void append_character(std::string& out, char32_t character);

}  // namespace mox::mime
