#include "junk/word_set.hpp"

#include <algorithm>

#include "base/hash.hpp"

namespace mox::junk {

void WordSet::clear() {
    bytes_.clear();
    entries_.clear();
    if (table_.size() > 4096) table_.resize(4096);
    std::fill(table_.begin(), table_.end(), 0);
}

bool WordSet::add(std::string_view prefix, std::string_view word) {
    const std::size_t size = prefix.size() + word.size();
    if (size == 0 || size > max_word_bytes || entries_.size() >= max_words) return false;
    if ((entries_.size() + 1) * 2 > table_.size()) grow();
    // Put together behind the words that are there; taken off again when it is one of them.
    const std::size_t offset = bytes_.size();
    if (!prefix.empty()) {
        bytes_ += prefix;
        bytes_ += word;
        word = std::string_view(bytes_).substr(offset);
    }
    const std::uint64_t hash = xxh3_64(word);
    const std::size_t mask = table_.size() - 1;
    std::size_t place = hash & mask;
    for (; table_[place] != 0; place = (place + 1) & mask) {
        const Entry& entry = entries_[table_[place] - 1];
        if (entry.hash == hash && std::string_view(bytes_).substr(entry.offset, entry.size) == word) {
            bytes_.resize(offset);
            return false;
        }
    }
    if (prefix.empty()) bytes_ += word;
    entries_.push_back(
        {.hash = hash, .offset = static_cast<std::uint32_t>(offset), .size = static_cast<std::uint32_t>(size)});
    table_[place] = static_cast<std::uint32_t>(entries_.size());
    return true;
}

std::vector<std::string> WordSet::sorted() const {
    std::vector<std::string> words;
    words.reserve(size());
    for (std::size_t i = 0; i < size(); ++i) words.emplace_back((*this)[i].text);
    std::sort(words.begin(), words.end());
    return words;
}

void WordSet::grow() {
    table_.assign(std::max<std::size_t>(1024, table_.size() * 2), 0);
    const std::size_t mask = table_.size() - 1;
    for (std::size_t i = 0; i < entries_.size(); ++i) {
        std::size_t place = entries_[i].hash & mask;
        while (table_[place] != 0) place = (place + 1) & mask;
        table_[place] = static_cast<std::uint32_t>(i + 1);
    }
}

}  // namespace mox::junk
