#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/file.hpp"

namespace mox::store {

// Records of one size in a scratch file, for what must not grow in memory: appended one after the other, then read in
// order by any number of readers, or one by its number. The file has no name any more once it is made, so it goes with
// the process. One thread at a time.
template <class Record>
class RecordFile {
    static_assert(std::is_trivially_copyable_v<Record>);

public:
    // `path` must not exist; `buffered` records are held back before they are written.
    explicit RecordFile(std::filesystem::path path, std::size_t buffered = default_buffer)
        : path_(std::move(path)),
          buffered_(buffered) {
        fd_ = UniqueFd(::open(path_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
        if (!fd_) throw system_error(errno, "create", path_.native());
        remove_file(path_);
    }
    RecordFile(RecordFile&&) noexcept = default;
    RecordFile& operator=(RecordFile&&) noexcept = default;

    [[nodiscard]] std::uint64_t size() const { return written_ + buffer_.size(); }

    void append(const Record& record) {
        if (buffer_.capacity() == 0) buffer_.reserve(buffered_);
        buffer_.push_back(record);
        if (buffer_.size() == buffered_) flush();
    }
    void append(std::span<const Record> records) {
        flush();
        write_all(fd_.get(), std::as_bytes(records), path_);
        written_ += records.size();
    }
    // Everything appended can be read from here on.
    void flush() {
        write_all(fd_.get(), std::as_bytes(std::span(buffer_)), path_);
        written_ += buffer_.size();
        buffer_.clear();
    }
    // Fills `records` from number `first` on; they must have been flushed.
    void read(std::uint64_t first, std::span<Record> records) const {
        auto bytes = std::as_writable_bytes(records);
        auto offset = static_cast<off_t>(first * sizeof(Record));
        while (!bytes.empty()) {
            const ssize_t count = ::pread(fd_.get(), bytes.data(), bytes.size(), offset);
            if (count < 0 && errno == EINTR) continue;
            if (count < 0) throw system_error(errno, "read", path_.native());
            if (count == 0) throw Error(Errc::failed, "a scratch file is cut off");
            bytes = bytes.subspan(static_cast<std::size_t>(count));
            offset += count;
        }
    }

    // Reads records in order; the file must live as long, and what is read must have been flushed.
    class Reader {
    public:
        explicit Reader(const RecordFile& file) : Reader(file, 0, file.size()) {}
        Reader(const RecordFile& file, std::uint64_t first, std::uint64_t count, std::size_t buffered = default_buffer)
            : file_(&file),
              next_(first),
              end_(first + count),
              buffered_(buffered) {}
        // Null at the end. Valid until the next call.
        const Record* next() {
            if (at_ == buffer_.size()) {
                buffer_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(buffered_, end_ - next_)));
                if (buffer_.empty()) return nullptr;
                file_->read(next_, buffer_);
                next_ += buffer_.size();
                at_ = 0;
            }
            return &buffer_[at_++];
        }

    private:
        const RecordFile* file_;
        std::uint64_t next_, end_;
        std::size_t buffered_;
        std::vector<Record> buffer_;
        std::size_t at_ = 0;
    };

private:
    static constexpr std::size_t default_buffer = std::max<std::size_t>(1, 65'536 / sizeof(Record));

    std::filesystem::path path_;  // for messages
    std::size_t buffered_;
    UniqueFd fd_;
    std::vector<Record> buffer_;
    std::uint64_t written_ = 0;
};

// Records in a number of partitions, all in one scratch file. Each partition keeps the order of its records.
template <class Record>
class PartitionedFile {
public:
    PartitionedFile(std::filesystem::path path, std::size_t partitions)
        : file_(std::move(path), 1),
          partitions_(partitions) {}

    void append(std::size_t partition, const Record& record) {
        Partition& to = partitions_[partition];
        if (to.buffer.capacity() == 0) to.buffer.reserve(block);
        to.buffer.push_back(record);
        if (to.buffer.size() < block) return;
        to.blocks.push_back(file_.size());
        file_.append(std::span<const Record>(to.buffer));
        to.buffer.clear();
    }
    template <class Visit>
    void for_each(std::size_t partition, Visit&& visit) {
        const Partition& from = partitions_[partition];
        std::vector<Record> records(from.blocks.empty() ? 0 : block);
        for (const auto first : from.blocks) {
            file_.read(first, records);
            for (const Record& record : records) visit(record);
        }
        for (const Record& record : from.buffer) visit(record);
    }

private:
    static constexpr std::size_t block = std::max<std::size_t>(1, 16'384 / sizeof(Record));
    struct Partition {
        std::vector<Record> buffer;
        std::vector<std::uint64_t> blocks;  // their first records' numbers
    };
    RecordFile<Record> file_;
    std::vector<Partition> partitions_;
};

// The records of `file` in the order of `less`, as a file that is made at `path`. At most `in_memory` records are in
// memory, and a buffer for each time that many.
template <class Record, class Less>
RecordFile<Record> sorted_records(RecordFile<Record>& file, const std::filesystem::path& path, std::size_t in_memory,
                                  Less less) {
    file.flush();
    RecordFile<Record> runs(path);
    std::vector<std::uint64_t> starts;
    {
        std::vector<Record> run;
        for (std::uint64_t at = 0; at < file.size(); at += run.size()) {
            run.resize(static_cast<std::size_t>(std::min<std::uint64_t>(in_memory, file.size() - at)));
            file.read(at, run);
            std::sort(run.begin(), run.end(), less);
            starts.push_back(at);
            runs.append(std::span<const Record>(run));
        }
    }
    if (starts.size() < 2) return runs;

    using Reader = typename RecordFile<Record>::Reader;
    struct Source {
        const Record* front;
        std::size_t number;
    };
    std::vector<Reader> readers;
    std::vector<Source> heap;
    readers.reserve(starts.size());
    for (std::size_t i = 0; i < starts.size(); ++i) {
        const std::uint64_t end = i + 1 < starts.size() ? starts[i + 1] : runs.size();
        readers.emplace_back(runs, starts[i], end - starts[i], std::max<std::size_t>(1, 16'384 / sizeof(Record)));
        heap.push_back({readers.back().next(), i});
    }
    const auto later = [&](const Source& a, const Source& b) { return less(*b.front, *a.front); };
    std::make_heap(heap.begin(), heap.end(), later);
    RecordFile<Record> merged(path);
    while (!heap.empty()) {
        std::pop_heap(heap.begin(), heap.end(), later);
        Source& first = heap.back();
        merged.append(*first.front);
        first.front = readers[first.number].next();
        if (first.front == nullptr)
            heap.pop_back();
        else
            std::push_heap(heap.begin(), heap.end(), later);
    }
    merged.flush();
    return merged;
}

}  // namespace mox::store
