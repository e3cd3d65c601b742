#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "snapshot/manifest.hpp"

namespace mox::snapshot {

// Where a snapshot is not what its manifest says; path below the snapshot.
struct Deviation {
    std::string path;
    std::string detail;
};
using DeviationSink = std::function<void(const Deviation&)>;

// The manifest of the snapshot `directory`. Errc::not_found (with a hint where the snapshot is marked as incomplete)
// when there is none; otherwise as parse_manifest(), with the file's name.
[[nodiscard]] Manifest read_manifest(const std::filesystem::path& directory);

// Promise P15 of docs/data-directory.md: every file that the manifest names is there with its size and hash, every
// other file is a message's, that is, a row of a database of the snapshot explains it, and its number of message files
// is right. Contents of message files are promise P3, not looked at here. A manifest that cannot be read is a
// deviation of "manifest.json". Leaves no trace. Throws only Interrupted and what prevents looking at all.
void check_manifest(const std::filesystem::path& directory, const DeviationSink& sink);

}  // namespace mox::snapshot
