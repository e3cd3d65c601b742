#include "snapshot/read_ahead.hpp"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>

#include "base/error.hpp"
#include "base/file.hpp"
#include "snapshot/run.hpp"

namespace mox::snapshot {

namespace {

constexpr std::size_t files_per_batch = 16;
constexpr std::size_t batches_under_way = 8;
constexpr std::size_t most_contents = 128 * 1024;

ReadAhead::File read_one(int folder, std::int64_t id) {
    ReadAhead::File file{.id = id};
    const FileName name(id);
    UniqueFd fd(::openat(folder, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!fd) throw system_error(errno, "open", name.c_str());
    if (::fstat(fd.get(), &file.status) != 0) throw system_error(errno, "stat", name.c_str());
    if (!S_ISREG(file.status.st_mode)) throw Error(Errc::failed, std::string(name.c_str()) + ": not a regular file");
    const auto size = static_cast<std::size_t>(std::max<off_t>(file.status.st_size, 0));
    file.contents.resize(std::min(size, most_contents));
    file.contents.resize(read_full(fd.get(), file.contents, name.c_str()));
    if (size > most_contents) file.rest = std::move(fd);
    return file;
}

}  // namespace

ReadAhead::ReadAhead(int folder, std::vector<std::int64_t> ids, unsigned jobs)
    : folder_(folder),
      ids_(std::move(ids)),
      pipeline_(
          jobs, batches_under_way, [this](Batch&& batch) { return read(batch); },
          [this](Files&& files) {
              for (auto& file : files) ready_.push_back(std::move(file));
          }) {}

ReadAhead::Files ReadAhead::read(const Batch& batch) const {
    Files files;
    files.reserve(batch.size());
    for (const auto id : batch) {
        try {
            files.push_back(read_one(folder_, id));
        } catch (...) {  // rethrown by take()
            files.push_back({.id = id, .failure = std::current_exception()});
        }
    }
    return files;
}

ReadAhead::File ReadAhead::take(std::int64_t id) {
    while (true) {
        while (!ready_.empty() && ready_.front().id < id) ready_.pop_front();
        if (!ready_.empty()) break;
        if (submitted_ == ids_.size()) {
            if (finished_) throw Error(Errc::failed, "a file was not announced");
            finished_ = true;
            pipeline_.finish();
            continue;
        }
        const std::size_t end = std::min(submitted_ + files_per_batch, ids_.size());
        Batch batch(ids_.begin() + static_cast<std::ptrdiff_t>(submitted_),
                    ids_.begin() + static_cast<std::ptrdiff_t>(end));
        submitted_ = end;
        pipeline_.submit(std::move(batch));
    }
    File file = std::move(ready_.front());
    ready_.pop_front();
    if (file.failure) std::rethrow_exception(file.failure);
    return file;
}

}  // namespace mox::snapshot
