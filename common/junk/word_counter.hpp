#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <vector>

#include "base/fd.hpp"
#include "junk/filter_db.hpp"
#include "junk/word_key.hpp"

namespace mox::junk {

// Counts the words of any number of messages in bounded memory: what does not fit goes, sorted, into nameless files in
// a folder. One thread at a time; several counters work side by side, and merge() adds up what they have.
class WordCounter {
public:
    // Memory: at most `memory_bytes`, at least some 100 KiB.
    explicit WordCounter(std::filesystem::path folder, std::size_t memory_bytes = 96U << 20U);
    WordCounter(const WordCounter&) = delete;
    WordCounter& operator=(const WordCounter&) = delete;

    // The words of one message, each once.
    void add(std::span<const WordKey> words, bool spam);
    // Sorts what is in memory. From now on there is only merge().
    void finish();

    using Visit = std::function<void(WordKey word, const Counts& counts)>;
    // Every word of finished counters once, in the order of stored().
    static void merge(std::span<WordCounter* const> counters, const Visit& visit);

private:
    struct Entry {
        WordKey key;
        std::uint32_t ham, spam;  // both 0: a free place
    };
    class Source;
    class InMemory;
    class Run;

    void make_room(std::size_t words);
    void spill();
    void sort();

    std::filesystem::path folder_;
    std::size_t memory_bytes_;
    std::vector<Entry> table_;  // a power of two of places; by sort(): the entries alone, in their order
    std::size_t used_ = 0;
    std::vector<UniqueFd> runs_;
};

}  // namespace mox::junk
