#include "queue/placing.hpp"

#include <unistd.h>

#include <system_error>

#include "base/copy.hpp"

namespace mox::queue {

namespace fs = std::filesystem;

StagedFile::StagedFile(fs::path path, const Ownership& ownership, const std::function<void(const Sink&)>& fill)
    : path_(std::move(path)) {
    make_directory(path_.parent_path(), ownership);
    try {
        write(ownership, fill);
    } catch (...) {  // no destructor runs for what was not constructed
        ::unlink(path_.c_str());
        throw;
    }
}

StagedFile::~StagedFile() {
    ::unlink(path_.c_str());
}

void StagedFile::write(const Ownership& ownership, const std::function<void(const Sink&)>& fill) {
    const UniqueFd fd = create_file(path_, ownership);
    Sha256 hash;
    fill([&](std::span<const std::byte> bytes) {
        write_all(fd.get(), bytes, path_);
        hash.update(bytes);
        size_ += static_cast<std::int64_t>(bytes.size());
    });
    sha256_ = hash.finish();
    sync_file(fd.get(), path_);
}

PlacedFiles::~PlacedFiles() {
    for (const auto& path : paths_) ::unlink(path.c_str());
}

void PlacedFiles::place(const StagedFile& file, MessageId id) {
    const fs::path path = layout_.queue_message(id);
    const fs::path folder = path.parent_path();
    if (folders_.insert(folder).second && make_directory(folder, ownership_)) sync_directory(layout_.queue());
    const auto method = link_or_copy(file.path(), path, {.allow_link = true, .allow_reflink = true}, ownership_);
    paths_.push_back(path);
    if (method == CopyMethod::link) return;
    const UniqueFd fd = open_for_reading(path);
    sync_file(fd.get(), path);
}

void PlacedFiles::sync() {
    for (const auto& folder : folders_) sync_directory(folder);
}

}  // namespace mox::queue
