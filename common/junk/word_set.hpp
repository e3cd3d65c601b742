#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "junk/word_key.hpp"

namespace mox::junk {

// Words looked at in one message, and bytes in one word; what is more is left out.
inline constexpr std::size_t max_words = 50'000;
inline constexpr std::size_t max_word_bytes = 512;

enum class Texts : bool {
    forget,  // only keys: what training needs
    keep,    // for who wants to show words, or judge by them
};

// The words of one message, each once, in the order of their first appearance. Keeps its memory when cleared, so one
// object serves many messages; one thread at a time.
class WordSet {
public:
    explicit WordSet(Texts texts = Texts::forget) : texts_(texts) {}

    void clear();
    [[nodiscard]] bool keeps_texts() const { return texts_ == Texts::keep; }
    // `prefix` and `word` are put together; empty and overlong words are left out.
    void add(std::string_view prefix, std::string_view word);
    // A word whose key is known: `first`, `second` and `third` put together.
    void add(WordKey key, std::string_view first, std::string_view second, std::string_view third);
    [[nodiscard]] std::size_t size() const { return keys_.size(); }
    [[nodiscard]] bool empty() const { return keys_.empty(); }
    [[nodiscard]] const std::vector<WordKey>& keys() const { return keys_; }
    // Texts::keep only. Valid until the set changes.
    [[nodiscard]] std::string_view text(std::size_t index) const {
        const std::size_t start = index == 0 ? 0 : ends_[index - 1];
        return std::string_view(bytes_).substr(start, ends_[index] - start);
    }
    // All words, sorted. Texts::keep only.
    [[nodiscard]] std::vector<std::string> sorted() const;

private:
    [[nodiscard]] bool insert(WordKey key);
    [[nodiscard]] WordKey* find_place(WordKey key);
    void grow();

    Texts texts_;
    std::vector<WordKey> keys_;
    std::vector<WordKey> table_;  // 0 is free; a power of two of places
    bool has_zero_ = false;       // the one key that the table cannot hold
    std::string bytes_;
    std::vector<std::uint32_t> ends_;  // of the texts in bytes_
};

}  // namespace mox::junk
