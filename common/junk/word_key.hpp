#pragma once

#include <cstdint>
#include <string_view>

// A word as the junk filter stores it: 64 bits of hash instead of its text. Counting, sorting and storing numbers takes
// a fraction of the time and room that texts take, and a filter does not tell what people write about. Who wants to see
// words has the message that they are in. Two words with the same key count as one, everywhere: of filters with ten
// million words, about one in 370,000 has such a pair.

namespace mox::junk {

enum class WordKey : std::uint64_t {};

// Of a word's whole text, its prefix included ("subject:deal"), or of a sequence of words with a blank between each
// two. Stored: may never change.
[[nodiscard]] WordKey word_key(std::string_view text);
// The same for a text without blanks, faster.
[[nodiscard]] WordKey single_word_key(std::string_view word);
// Of a sequence, given the key of its beginning and the key of the word (without prefix) that follows.
[[nodiscard]] WordKey joined(WordKey beginning, WordKey next);

// The order in which a database has them.
[[nodiscard]] inline std::int64_t stored(WordKey key) {
    return static_cast<std::int64_t>(key);
}

}  // namespace mox::junk
