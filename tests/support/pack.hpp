#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

// Archives as another program writes them (Python), so that what reads them is not tested with its own writer.

namespace mox::test {

struct PackedMember {
    enum class Kind { file, folder, symlink, hard_link, fifo };

    std::string path;  // any bytes
    std::string contents = {};
    Kind kind = Kind::file;
    std::string target = {};  // of links
    std::int64_t modified = 1'600'000'000;
    std::uint64_t zeros = 0;  // bytes after the contents
    bool encrypted = false;   // in a zip: only said to be
};

// The end of the archive's name tells its form: .zip, .tar, .tgz, .tar.bz2, .tar.xz, .tar.zst.
void pack(const std::filesystem::path& archive, const std::vector<PackedMember>& members);

// Every file and folder below `root`, by path, with `prefix` before their paths.
[[nodiscard]] std::vector<PackedMember> members_below(const std::filesystem::path& root, const std::string& prefix);

}  // namespace mox::test
