#include "junk/word_set.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace mox::junk {

namespace {

constexpr std::size_t least_places = 2048;
constexpr WordKey free_place{0};

}  // namespace

// The table begins small again: that of most messages stays in the nearest of a processor's caches.
void WordSet::clear() {
    bytes_.clear();
    ends_.clear();
    keys_.clear();
    has_zero_ = false;
    table_.assign(least_places, free_place);
}

void WordSet::add(std::string_view prefix, std::string_view word) {
    const std::size_t size = prefix.size() + word.size();
    if (size == 0 || size > max_word_bytes) return;
    if (prefix.empty()) return add(word_key(word), word, {}, {});
    std::array<char, max_word_bytes> both;  // NOLINT(cppcoreguidelines-pro-type-member-init): written below
    std::memcpy(both.data(), prefix.data(), prefix.size());
    if (!word.empty()) std::memcpy(both.data() + prefix.size(), word.data(), word.size());
    add(word_key(std::string_view(both.data(), size)), prefix, word, {});
}

void WordSet::add(WordKey key, std::string_view first, std::string_view second, std::string_view third) {
    if (!insert(key) || texts_ == Texts::forget) return;
    bytes_.append(first).append(second).append(third);
    ends_.push_back(static_cast<std::uint32_t>(bytes_.size()));
}

bool WordSet::insert(WordKey key) {
    if ((keys_.size() + 1) * 2 > table_.size()) grow();
    if (key == free_place) {
        if (std::exchange(has_zero_, true)) return false;
        keys_.push_back(key);
        return true;
    }
    WordKey* const place = find_place(key);
    if (*place == key || keys_.size() >= max_words) return false;
    keys_.push_back(key);
    *place = key;
    return true;
}

// Where it is or belongs.
WordKey* WordSet::find_place(WordKey key) {
    const std::size_t mask = table_.size() - 1;
    std::size_t place = static_cast<std::uint64_t>(key) & mask;
    while (table_[place] != free_place && table_[place] != key) place = (place + 1) & mask;
    return &table_[place];
}

std::vector<std::string> WordSet::sorted() const {
    std::vector<std::string> words;
    words.reserve(size());
    for (std::size_t i = 0; i < size(); ++i) words.emplace_back(text(i));
    std::sort(words.begin(), words.end());
    return words;
}

void WordSet::grow() {
    table_.assign(std::max(least_places, table_.size() * 2), free_place);
    for (const WordKey key : keys_)
        if (key != free_place) *find_place(key) = key;
}

}  // namespace mox::junk
