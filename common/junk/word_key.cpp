#include "junk/word_key.hpp"

#include "base/hash.hpp"

namespace mox::junk {

WordKey single_word_key(std::string_view word) {
    return WordKey{xxh3_64(word)};
}

WordKey word_key(std::string_view text) {
    auto end = text.find(' ');
    WordKey key = single_word_key(text.substr(0, end));
    while (end != std::string_view::npos) {
        text.remove_prefix(end + 1);
        end = text.find(' ');
        key = joined(key, single_word_key(text.substr(0, end)));
    }
    return key;
}

// The halves of a product of both, as XXH3 mixes; the constants keep one factor from being zero and tell first from
// second.
WordKey joined(WordKey beginning, WordKey next) {
    const auto a = static_cast<std::uint64_t>(beginning) ^ 0x9e3779b185ebca87U;
    const auto b = static_cast<std::uint64_t>(next) + 0xc2b2ae3d27d4eb4fU;
    const std::uint64_t low = a * b;
    // The upper half from four products of 32 bits: no type of 128 bits is needed.
    const std::uint64_t a_high = a >> 32U, a_low = a & 0xffffffffU, b_high = b >> 32U, b_low = b & 0xffffffffU;
    const std::uint64_t cross = (a_low * b_low >> 32U) + (a_high * b_low & 0xffffffffU) + a_low * b_high;
    const std::uint64_t high = a_high * b_high + (a_high * b_low >> 32U) + (cross >> 32U);
    return WordKey{low ^ high};
}

}  // namespace mox::junk
