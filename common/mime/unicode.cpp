#include "mime/unicode.hpp"

#include <unicode/uchar.h>

namespace mox::mime {

namespace {

constexpr bool in(char32_t c, char32_t first, char32_t last) {
    return c >= first && c <= last;
}

// Scripts written without blanks: Thai to Myanmar, Khmer, Kana, Han.
constexpr bool without_blanks(char32_t c) {
    return in(c, 0xe00, 0xeff) || in(c, 0x1000, 0x109f) || in(c, 0x1780, 0x17ff) || in(c, 0x3040, 0x30ff) ||
           in(c, 0x3400, 0x9fff) || in(c, 0xf900, 0xfaff) || in(c, 0x20000, 0x3ffff);
}

}  // namespace

CharacterKind kind_of(char32_t character) {
    const auto c = static_cast<UChar32>(character);
    const auto category = static_cast<unsigned>(U_GET_GC_MASK(c));
    if ((category & (U_GC_L_MASK | U_GC_M_MASK)) != 0)
        return without_blanks(character) ? CharacterKind::ideographic : CharacterKind::letter;
    if ((category & U_GC_ND_MASK) != 0) return CharacterKind::digit;
    return (category & U_GC_CF_MASK) != 0 ? CharacterKind::invisible : CharacterKind::other;
}

char32_t lower_case(char32_t character) {
    return static_cast<char32_t>(u_tolower(static_cast<UChar32>(character)));
}

char32_t fold_case(char32_t character) {
    return static_cast<char32_t>(u_foldCase(static_cast<UChar32>(character), U_FOLD_CASE_DEFAULT));
}

bool is_letter(char32_t character) {
    return (static_cast<unsigned>(U_GET_GC_MASK(static_cast<UChar32>(character))) & U_GC_L_MASK) != 0;
}

bool is_digit(char32_t character) {
    return u_charType(static_cast<UChar32>(character)) == U_DECIMAL_DIGIT_NUMBER;
}

void append_character(std::string& out, char32_t c) {
    const auto put = [&](char32_t byte) { out += static_cast<char>(byte); };
    if (c < 0x80) {
        put(c);
    } else if (c < 0x800) {
        put(0xc0 | c >> 6U);
        put(0x80 | (c & 0x3f));
    } else if (c < 0x10000) {
        put(0xe0 | c >> 12U);
        put(0x80 | (c >> 6U & 0x3f));
        put(0x80 | (c & 0x3f));
    } else {
        put(0xf0 | c >> 18U);
        put(0x80 | (c >> 12U & 0x3f));
        put(0x80 | (c >> 6U & 0x3f));
        put(0x80 | (c & 0x3f));
    }
}

}  // namespace mox::mime
