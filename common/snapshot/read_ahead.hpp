#pragma once

#include <sys/stat.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <vector>

#include "base/fd.hpp"
#include "base/parallel.hpp"

namespace mox::snapshot {

// Message files of one folder, read on other threads before they are asked for, so that whoever takes them need not
// wait for the disk. Memory is bounded: of large files only the beginning is read ahead.
class ReadAhead {
public:
    struct File {
        std::int64_t id = 0;
        struct stat status = {};
        std::vector<std::byte> contents;  // all of them, or the beginning when `rest` is there
        UniqueFd rest;                    // positioned behind `contents`; empty: there is no more
        std::exception_ptr failure;       // why it could not be read
    };

    // `folder` must stay open; `ids` ascend.
    ReadAhead(int folder, std::vector<std::int64_t> ids, unsigned jobs);

    // The file of an id of the list; ids must be asked for in order, some may be left out. Throws what reading it
    // failed with.
    [[nodiscard]] File take(std::int64_t id);

private:
    using Batch = std::vector<std::int64_t>;
    using Files = std::vector<File>;
    [[nodiscard]] Files read(const Batch& batch) const;

    const int folder_;
    const std::vector<std::int64_t> ids_;
    std::size_t submitted_ = 0;  // of ids_
    bool finished_ = false;
    std::deque<File> ready_;
    OrderedPipeline<Batch, Files> pipeline_;
};

}  // namespace mox::snapshot
