#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace mox::junk {

// Words looked at in one message, and bytes in one word; what is more is left out.
inline constexpr std::size_t max_words = 50'000;
inline constexpr std::size_t max_word_bytes = 512;

// The words of one message, each once, in the order of their first appearance. Keeps its memory when cleared, so one
// object serves many messages; one thread at a time.
class WordSet {
public:
    struct Word {
        std::string_view text;  // valid until the set changes
        std::uint64_t hash;     // XXH3 of the text
    };

    void clear();
    // True when the word is new. `prefix` and `word` are put together.
    bool add(std::string_view prefix, std::string_view word);
    [[nodiscard]] std::size_t size() const { return entries_.size(); }
    [[nodiscard]] bool empty() const { return entries_.empty(); }
    [[nodiscard]] Word operator[](std::size_t index) const {
        const Entry& entry = entries_[index];
        return {std::string_view(bytes_).substr(entry.offset, entry.size), entry.hash};
    }
    // All words, sorted.
    [[nodiscard]] std::vector<std::string> sorted() const;

private:
    struct Entry {
        std::uint64_t hash;
        std::uint32_t offset, size;
    };
    void grow();

    std::string bytes_;
    std::vector<Entry> entries_;
    std::vector<std::uint32_t> table_;  // index into entries_ + 1; 0 is free; a power of two of places
};

}  // namespace mox::junk
