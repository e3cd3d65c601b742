#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.hpp"
#include "junk/filter_db.hpp"
#include "junk/word_set.hpp"

namespace mox::junk {

// Counts the words of any number of messages in bounded memory: what does not fit goes, sorted, into nameless files in
// a folder. One thread at a time; several counters work side by side, and merge() adds up what they have.
class WordCounter {
public:
    explicit WordCounter(std::filesystem::path folder, std::size_t memory_bytes = 96U << 20U);
    WordCounter(const WordCounter&) = delete;
    WordCounter& operator=(const WordCounter&) = delete;

    void add(const WordSet& words, bool spam);
    // Sorts what is in memory. From now on there is only merge().
    void finish();

    using Visit = std::function<void(std::string_view word, const Counts& counts)>;
    // Every word of finished counters once, sorted.
    static void merge(std::span<WordCounter* const> counters, const Visit& visit);

private:
    struct Entry {
        std::uint64_t hash;
        std::uint64_t offset;
        std::uint32_t size, ham, spam;
    };
    // Sorts faster than the entry: most words differ in their first eight bytes.
    struct Key {
        std::uint64_t head;  // the first bytes as a number, the first byte on top
        std::uint32_t index;
    };
    class Source;
    class InMemory;
    class Run;

    Entry& find(const WordSet::Word& word);
    void grow();
    void spill();
    void sort();
    void clear();
    [[nodiscard]] std::string_view text_of(const Entry& entry) const {
        return std::string_view(bytes_).substr(entry.offset, entry.size);
    }

    std::filesystem::path folder_;
    std::size_t memory_bytes_;
    std::string bytes_;
    std::vector<Entry> entries_;
    std::vector<std::uint32_t> table_;  // index into entries_ + 1; 0 is free
    std::vector<Key> sorted_;           // by sort()
    std::vector<UniqueFd> runs_;
};

}  // namespace mox::junk
