#include "junk/word_set.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace mox::junk {

void WordSet::clear() {
    bytes_.clear();
    ends_.clear();
    // Of a large set the table is emptied entry by entry only if that is less work.
    if (keys_.size() * 8 < table_.size()) {
        const std::size_t mask = table_.size() - 1;
        for (std::size_t i = keys_.size(); i-- > 0;) {
            std::size_t place = static_cast<std::uint64_t>(keys_[i]) & mask;
            while (table_[place] != i + 1) place = (place + 1) & mask;
            table_[place] = 0;
        }
    } else {
        std::fill(table_.begin(), table_.end(), 0);
    }
    keys_.clear();
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
    const std::size_t mask = table_.size() - 1;
    std::size_t place = static_cast<std::uint64_t>(key) & mask;
    for (; table_[place] != 0; place = (place + 1) & mask)
        if (keys_[table_[place] - 1] == key) return false;
    if (keys_.size() >= max_words) return false;
    keys_.push_back(key);
    table_[place] = static_cast<std::uint32_t>(keys_.size());
    return true;
}

std::vector<std::string> WordSet::sorted() const {
    std::vector<std::string> words;
    words.reserve(size());
    for (std::size_t i = 0; i < size(); ++i) words.emplace_back(text(i));
    std::sort(words.begin(), words.end());
    return words;
}

void WordSet::grow() {
    table_.assign(std::max<std::size_t>(1024, table_.size() * 2), 0);
    const std::size_t mask = table_.size() - 1;
    for (std::size_t i = 0; i < keys_.size(); ++i) {
        std::size_t place = static_cast<std::uint64_t>(keys_[i]) & mask;
        while (table_[place] != 0) place = (place + 1) & mask;
        table_[place] = static_cast<std::uint32_t>(i + 1);
    }
}

}  // namespace mox::junk
