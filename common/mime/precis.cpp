#include "mime/precis.hpp"

#include <fmt/format.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uscript.h>

#include <algorithm>
#include <vector>

#include "base/encoding.hpp"
#include "mime/charset.hpp"
#include "mime/unicode.hpp"

namespace mox::mime {

namespace {

using Characters = std::vector<UChar32>;

constexpr UChar32 non_joiner = 0x200c, joiner = 0x200d;

Characters characters_of(std::string_view text) {
    Characters out;
    while (!text.empty()) {
        const Character next = first_character(text);
        out.push_back(static_cast<UChar32>(next.value));
        text.remove_prefix(next.length);
    }
    return out;
}

bool within(UChar32 c, UChar32 first, UChar32 last) {
    return c >= first && c <= last;
}

std::uint32_t category_bit(UChar32 c) {
    return U_MASK(static_cast<unsigned>(u_charType(c)));
}

UScriptCode script_of(UChar32 c) {
    UErrorCode error = U_ZERO_ERROR;
    return uscript_getScript(c, &error);
}

bool has_compatibility_form(UChar32 c) {
    UErrorCode error = U_ZERO_ERROR;
    const UNormalizer2* const nfkc = unorm2_getNFKCInstance(&error);
    if (U_FAILURE(error) != 0) return false;
    UChar decomposed[32];
    const auto length = unorm2_getRawDecomposition(nfkc, c, decomposed, 32, &error);
    return length >= 0;
}

// RFC 5892 section 2.6: those that need a look at their neighbours, and those that are refused whatever they are.
bool needs_context(UChar32 c) {
    return c == non_joiner || c == joiner || c == 0xb7 || c == 0x375 || c == 0x5f3 || c == 0x5f4 || c == 0x30fb ||
           within(c, 0x660, 0x669) || within(c, 0x6f0, 0x6f9);
}
bool is_excepted(UChar32 c) {
    return c == 0x640 || c == 0x7fa || c == 0x302e || c == 0x302f || within(c, 0x3031, 0x3035) || c == 0x303b;
}

bool is_old_hangul(UChar32 c) {
    const auto type = u_getIntPropertyValue(c, UCHAR_HANGUL_SYLLABLE_TYPE);
    return type == U_HST_LEADING_JAMO || type == U_HST_VOWEL_JAMO || type == U_HST_TRAILING_JAMO;
}

// RFC 8264 section 8, as far as the FreeformClass asks.
bool is_freeform(UChar32 c) {
    constexpr std::uint32_t allowed =
        U_GC_L_MASK | U_GC_M_MASK | U_GC_N_MASK | U_GC_ZS_MASK | U_GC_S_MASK | U_GC_P_MASK;
    if (within(c, 0x20, 0x7e)) return true;
    if (is_excepted(c) || u_charType(c) == U_UNASSIGNED || is_old_hangul(c)) return false;
    if (u_hasBinaryProperty(c, UCHAR_DEFAULT_IGNORABLE_CODE_POINT) != 0 ||
        u_hasBinaryProperty(c, UCHAR_NONCHARACTER_CODE_POINT) != 0 || u_charType(c) == U_CONTROL_CHAR)
        return false;
    return (category_bit(c) & allowed) != 0 || has_compatibility_form(c);
}

bool joins_to_both_sides(const Characters& all, std::size_t at) {
    const auto type = [&](std::size_t i) { return u_getIntPropertyValue(all[i], UCHAR_JOINING_TYPE); };
    std::size_t left = at, right = at + 1;
    while (left > 0 && type(left - 1) == U_JT_TRANSPARENT) --left;
    while (right < all.size() && type(right) == U_JT_TRANSPARENT) ++right;
    if (left == 0 || right == all.size()) return false;
    const auto before = type(left - 1), after = type(right);
    return (before == U_JT_LEFT_JOINING || before == U_JT_DUAL_JOINING) &&
           (after == U_JT_RIGHT_JOINING || after == U_JT_DUAL_JOINING);
}

bool any_within(const Characters& all, UChar32 first, UChar32 last) {
    return std::ranges::any_of(all, [&](UChar32 c) { return within(c, first, last); });
}

bool fits_context(const Characters& all, std::size_t at) {
    const UChar32 c = all[at];
    const auto before = [&] { return at > 0 ? all[at - 1] : 0; };
    const auto after = [&] { return at + 1 < all.size() ? all[at + 1] : 0; };
    switch (c) {
        case non_joiner:
        case joiner:
            if (at > 0 && u_getCombiningClass(before()) == 9) return true;  // a virama
            return c == non_joiner && joins_to_both_sides(all, at);
        case 0xb7:  // middle dot of Catalan
            return before() == 'l' && after() == 'l';
        case 0x375:  // keraia
            return script_of(after()) == USCRIPT_GREEK;
        case 0x5f3:  // geresh, gershayim
        case 0x5f4:
            return script_of(before()) == USCRIPT_HEBREW;
        case 0x30fb:  // middle dot of Katakana
            return std::ranges::any_of(all, [](UChar32 other) {
                const auto script = script_of(other);
                return script == USCRIPT_HIRAGANA || script == USCRIPT_KATAKANA || script == USCRIPT_HAN;
            });
        default:  // digits of the two Arabic kinds do not mix
            return within(c, 0x660, 0x669) ? !any_within(all, 0x6f0, 0x6f9) : !any_within(all, 0x660, 0x669);
    }
}

std::string with_plain_blanks(std::string_view text) {
    std::string out;
    for (const UChar32 c : characters_of(text))
        append_character(out, u_charType(c) == U_SPACE_SEPARATOR ? U' ' : static_cast<char32_t>(c));
    return out;
}

}  // namespace

PrecisText opaque_string(std::string_view text) {
    if (text.empty()) return {{}, "is empty"};
    if (!is_utf8(text)) return {{}, "is not UTF-8"};
    const std::string composed = nfc(with_plain_blanks(text));
    const Characters all = characters_of(composed);
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (u_charType(all[i]) == U_CONTROL_CHAR) return {{}, "has a control character"};
        if (needs_context(all[i]) ? !fits_context(all, i) : !is_freeform(all[i]))
            return {{}, fmt::format("has the character U+{:04X}, which cannot stand there", all[i])};
    }
    return {composed, {}};
}

}  // namespace mox::mime
