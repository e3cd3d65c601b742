#include "junk/word_counter.hpp"

#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/file.hpp"

namespace mox::junk {

namespace {

constexpr std::size_t buffer_bytes = 256U << 10U;

struct RecordHead {
    std::uint32_t size, ham, spam;
};

// A file that nothing names: it goes with its descriptor, however the process ends.
UniqueFd nameless_file(const std::filesystem::path& folder) {
    std::string name = (folder / "junk-XXXXXX").native();
    UniqueFd fd(::mkstemp(name.data()));
    if (!fd) throw system_error(errno, "create", name);
    ::unlink(name.c_str());
    return fd;
}

}  // namespace

// Words in their order, one at a time.
class WordCounter::Source {
public:
    virtual ~Source() = default;
    // False at the end.
    virtual bool next() = 0;

    std::string_view word;  // until the next call
    Counts counts;
};

class WordCounter::InMemory : public WordCounter::Source {
public:
    explicit InMemory(const WordCounter& counter) : counter_(counter) {}
    bool next() override {
        if (at_ == counter_.sorted_.size()) return false;
        const Entry& entry = counter_.entries_[counter_.sorted_[at_++].index];
        word = counter_.text_of(entry);
        counts = {.ham = entry.ham, .spam = entry.spam};
        return true;
    }

private:
    const WordCounter& counter_;
    std::size_t at_ = 0;
};

// Reads one sorted file.
class WordCounter::Run : public WordCounter::Source {
public:
    Run(UniqueFd fd, const std::filesystem::path& path) : fd_(std::move(fd)), path_(path) {
        if (::lseek(fd_.get(), 0, SEEK_SET) < 0) throw system_error(errno, "rewind", path.native());
        buffer_.resize(buffer_bytes);
    }
    bool next() override {
        RecordHead head{};
        if (!read(&head, sizeof head)) return false;
        text_.resize(head.size);
        if (!read(text_.data(), head.size)) throw Error(Errc::failed, "a scratch file is cut off");
        word = text_;
        counts = {.ham = head.ham, .spam = head.spam};
        return true;
    }

private:
    bool read(void* to, std::size_t size) {
        auto* out = static_cast<char*>(to);
        while (size > 0) {
            if (at_ == end_) {
                end_ = read_full(fd_.get(), std::as_writable_bytes(std::span(buffer_)), path_);
                at_ = 0;
                if (end_ == 0) return false;
            }
            const std::size_t count = std::min(size, end_ - at_);
            std::memcpy(out, buffer_.data() + at_, count);
            out += count;
            at_ += count;
            size -= count;
        }
        return true;
    }

    UniqueFd fd_;
    const std::filesystem::path path_;
    std::string text_;
    std::vector<char> buffer_;
    std::size_t at_ = 0, end_ = 0;
};

WordCounter::WordCounter(std::filesystem::path folder, std::size_t memory_bytes)
    : folder_(std::move(folder)),
      memory_bytes_(memory_bytes) {}

void WordCounter::add(const WordSet& words, bool spam) {
    // The tables are larger than a processor's caches. Asking for what will be needed, some words ahead, hides most of
    // the waiting.
    constexpr std::size_t ahead_table = 16, ahead_entry = 10, ahead_text = 5;
    const std::size_t count = words.size();
    for (std::size_t i = 0; i < count; ++i) {
        if (!table_.empty()) {
            const std::size_t mask = table_.size() - 1;
            if (i + ahead_table < count) __builtin_prefetch(&table_[words[i + ahead_table].hash & mask]);
            if (i + ahead_entry < count)
                if (const auto index = table_[words[i + ahead_entry].hash & mask]; index != 0)
                    __builtin_prefetch(&entries_[index - 1]);
            if (i + ahead_text < count)
                if (const auto index = table_[words[i + ahead_text].hash & mask]; index != 0)
                    __builtin_prefetch(&bytes_[entries_[index - 1].offset]);
        }
        Entry& entry = find(words[i]);
        ++(spam ? entry.spam : entry.ham);
    }
    // Both grow by doubling, so half of the limit is used before they do.
    if (bytes_.size() + entries_.size() * (sizeof(Entry) + 8) > memory_bytes_ / 2) spill();
}

WordCounter::Entry& WordCounter::find(const WordSet::Word& word) {
    if ((entries_.size() + 1) * 2 > table_.size()) grow();
    const std::size_t mask = table_.size() - 1;
    std::size_t place = word.hash & mask;
    for (; table_[place] != 0; place = (place + 1) & mask) {
        Entry& entry = entries_[table_[place] - 1];
        if (entry.hash == word.hash && text_of(entry) == word.text) return entry;
    }
    entries_.push_back({.hash = word.hash,
                        .offset = bytes_.size(),
                        .size = static_cast<std::uint32_t>(word.text.size()),
                        .ham = 0,
                        .spam = 0});
    bytes_ += word.text;
    table_[place] = static_cast<std::uint32_t>(entries_.size());
    return entries_.back();
}

void WordCounter::grow() {
    table_.assign(std::max<std::size_t>(4096, table_.size() * 2), 0);
    const std::size_t mask = table_.size() - 1;
    for (std::size_t i = 0; i < entries_.size(); ++i) {
        std::size_t place = entries_[i].hash & mask;
        while (table_[place] != 0) place = (place + 1) & mask;
        table_[place] = static_cast<std::uint32_t>(i + 1);
    }
}

void WordCounter::sort() {
    sorted_.clear();
    sorted_.reserve(entries_.size());
    for (std::size_t i = 0; i < entries_.size(); ++i) {
        std::uint64_t head = 0;
        for (std::size_t k = 0; k < 8; ++k)
            head =
                head << 8U | (k < entries_[i].size ? static_cast<unsigned char>(bytes_[entries_[i].offset + k]) : 0U);
        sorted_.push_back({.head = head, .index = static_cast<std::uint32_t>(i)});
    }
    std::sort(sorted_.begin(), sorted_.end(), [&](const Key& a, const Key& b) {
        return a.head != b.head ? a.head < b.head : text_of(entries_[a.index]) < text_of(entries_[b.index]);
    });
}

void WordCounter::clear() {
    bytes_.clear();
    entries_.clear();
    sorted_.clear();
    std::fill(table_.begin(), table_.end(), 0);
}

void WordCounter::spill() {
    sort();
    UniqueFd fd = nameless_file(folder_);
    std::string buffer;
    for (const auto& key : sorted_) {
        const Entry& entry = entries_[key.index];
        const RecordHead head{.size = entry.size, .ham = entry.ham, .spam = entry.spam};
        buffer.append(reinterpret_cast<const char*>(&head), sizeof head);
        buffer += text_of(entry);
        if (buffer.size() < buffer_bytes) continue;
        write_all(fd.get(), buffer, folder_);
        buffer.clear();
    }
    write_all(fd.get(), buffer, folder_);
    runs_.push_back(std::move(fd));
    clear();
}

void WordCounter::finish() {
    sort();
    table_ = {};
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
    const auto later = [](const auto& a, const auto& b) { return a->word > b->word; };
    std::make_heap(heap.begin(), heap.end(), later);
    std::string word;
    while (!heap.empty()) {
        word = heap.front()->word;
        Counts counts;
        while (!heap.empty() && heap.front()->word == word) {
            std::pop_heap(heap.begin(), heap.end(), later);
            counts.ham += heap.back()->counts.ham;
            counts.spam += heap.back()->counts.spam;
            if (heap.back()->next())
                std::push_heap(heap.begin(), heap.end(), later);
            else
                heap.pop_back();
        }
        visit(word, counts);
    }
}

}  // namespace mox::junk
