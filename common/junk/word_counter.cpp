#include "junk/word_counter.hpp"

#include <unistd.h>

#include <algorithm>
#include <memory>
#include <string>

#include "base/error.hpp"
#include "base/file.hpp"

namespace mox::junk {

namespace {

constexpr std::size_t least_places = 4096;
constexpr std::size_t buffered = 8192;  // entries of a file in memory at once

// Places of the table for so many words: at most three of four are used.
constexpr std::size_t places_for(std::size_t words) {
    return words + words / 3 + 1;
}

}  // namespace

// Words in their order, one at a time.
class WordCounter::Source {
public:
    virtual ~Source() = default;
    // False at the end.
    virtual bool next() = 0;

    Entry entry{};
};

class WordCounter::InMemory : public WordCounter::Source {
public:
    explicit InMemory(const WordCounter& counter) : rest_(counter.table_) {}
    bool next() override {
        if (rest_.empty()) return false;
        entry = rest_.front();
        rest_ = rest_.subspan(1);
        return true;
    }

private:
    std::span<const Entry> rest_;
};

// Reads one sorted file.
class WordCounter::Run : public WordCounter::Source {
public:
    Run(UniqueFd fd, const std::filesystem::path& path) : fd_(std::move(fd)), path_(path), buffer_(buffered) {
        if (::lseek(fd_.get(), 0, SEEK_SET) < 0) throw system_error(errno, "rewind", path.native());
    }
    bool next() override {
        if (at_ == end_) {
            const std::size_t bytes = read_full(fd_.get(), std::as_writable_bytes(std::span(buffer_)), path_);
            if (bytes % sizeof(Entry) != 0) throw Error(Errc::failed, "a scratch file is cut off");
            at_ = 0;
            end_ = bytes / sizeof(Entry);
            if (end_ == 0) return false;
        }
        entry = buffer_[at_++];
        return true;
    }

private:
    UniqueFd fd_;
    const std::filesystem::path path_;
    std::vector<Entry> buffer_;
    std::size_t at_ = 0, end_ = 0;
};

WordCounter::WordCounter(std::filesystem::path folder, std::size_t memory_bytes)
    : folder_(std::move(folder)),
      memory_bytes_(memory_bytes) {}

void WordCounter::add(std::span<const WordKey> words, bool spam) {
    make_room(words.size());
    const std::size_t mask = table_.size() - 1;
    // The table is larger than a processor's caches. Asking for what will be needed some words later hides the waiting.
    constexpr std::size_t ahead = 12;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (i + ahead < words.size())
            __builtin_prefetch(&table_[static_cast<std::uint64_t>(words[i + ahead]) & mask], 1);
        std::size_t place = static_cast<std::uint64_t>(words[i]) & mask;
        while ((table_[place].ham | table_[place].spam) != 0 && table_[place].key != words[i])
            place = (place + 1) & mask;
        Entry& entry = table_[place];
        if ((entry.ham | entry.spam) == 0) {
            entry.key = words[i];
            ++used_;
        }
        ++(spam ? entry.spam : entry.ham);
    }
}

// For so many words more. While a table grows the old one is there as well.
void WordCounter::make_room(std::size_t words) {
    if (places_for(used_ + words) <= table_.size()) return;
    std::size_t places = std::max(least_places, table_.size());
    while (places < places_for(used_ + words)) places *= 2;
    if (used_ > 0 && (places + table_.size()) * sizeof(Entry) > memory_bytes_) {
        spill();
        return make_room(words);
    }
    std::vector<Entry> larger(places);
    const std::size_t mask = places - 1;
    for (const Entry& entry : table_) {
        if ((entry.ham | entry.spam) == 0) continue;
        std::size_t place = static_cast<std::uint64_t>(entry.key) & mask;
        while ((larger[place].ham | larger[place].spam) != 0) place = (place + 1) & mask;
        larger[place] = entry;
    }
    table_ = std::move(larger);
}

void WordCounter::sort() {
    std::erase_if(table_, [](const Entry& entry) { return (entry.ham | entry.spam) == 0; });
    std::sort(table_.begin(), table_.end(),
              [](const Entry& a, const Entry& b) { return stored(a.key) < stored(b.key); });
}

void WordCounter::spill() {
    const std::size_t places = table_.size();
    sort();
    UniqueFd fd = nameless_file(folder_);
    const auto bytes = std::as_bytes(std::span(table_));
    write_all(fd.get(), std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()), folder_);
    runs_.push_back(std::move(fd));
    table_.assign(places, {});
    used_ = 0;
}

void WordCounter::finish() {
    sort();
}

void WordCounter::merge(std::span<WordCounter* const> counters, const Visit& visit) {
    std::vector<std::unique_ptr<Source>> heap;
    const auto put = [&heap](std::unique_ptr<Source> source) {
        if (source->next()) heap.push_back(std::move(source));
    };
    for (WordCounter* const counter : counters) {
        put(std::make_unique<InMemory>(*counter));
        for (auto& fd : counter->runs_) put(std::make_unique<Run>(std::move(fd), counter->folder_));
        counter->runs_.clear();
    }
    const auto later = [](const auto& a, const auto& b) { return stored(a->entry.key) > stored(b->entry.key); };
    std::make_heap(heap.begin(), heap.end(), later);
    while (!heap.empty()) {
        const WordKey word = heap.front()->entry.key;
        Counts counts;
        while (!heap.empty() && heap.front()->entry.key == word) {
            std::pop_heap(heap.begin(), heap.end(), later);
            counts.ham += heap.back()->entry.ham;
            counts.spam += heap.back()->entry.spam;
            if (heap.back()->next())
                std::push_heap(heap.begin(), heap.end(), later);
            else
                heap.pop_back();
        }
        visit(word, counts);
    }
}

}  // namespace mox::junk
