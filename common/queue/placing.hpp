#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <set>
#include <vector>

#include "base/file.hpp"
#include "base/hash.hpp"
#include "datadir/layout.hpp"
#include "queue/message.hpp"

// Putting message files in place. Private to this folder.

namespace mox::queue {

// Takes the bytes of a message in pieces.
using Sink = std::function<void(std::span<const std::byte> bytes)>;

// A complete, synced file below tmp/, removed at the end.
class StagedFile {
public:
    StagedFile(std::filesystem::path path, const Ownership& ownership, const std::function<void(const Sink&)>& fill);
    StagedFile(const StagedFile&) = delete;
    StagedFile& operator=(const StagedFile&) = delete;
    ~StagedFile();
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    [[nodiscard]] std::int64_t size() const { return size_; }
    [[nodiscard]] const Sha256Digest& sha256() const { return sha256_; }

private:
    void write(const Ownership& ownership, const std::function<void(const Sink&)>& fill);

    std::filesystem::path path_;
    std::int64_t size_ = 0;
    Sha256Digest sha256_{};
};

// Files linked to their places; removed again at the end unless kept.
class PlacedFiles {
public:
    PlacedFiles(const datadir::Layout& layout, const Ownership& ownership) : layout_(layout), ownership_(ownership) {}
    PlacedFiles(const PlacedFiles&) = delete;
    PlacedFiles& operator=(const PlacedFiles&) = delete;
    ~PlacedFiles();
    // Errc::failed when there is a file of that id; it is left alone.
    void place(const StagedFile& file, MessageId id);
    // Makes the places durable.
    void sync();
    void keep() { paths_.clear(); }

private:
    const datadir::Layout& layout_;
    const Ownership& ownership_;
    std::vector<std::filesystem::path> paths_;
    std::set<std::filesystem::path> folders_;
};

}  // namespace mox::queue
