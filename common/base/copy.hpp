#pragma once

#include <filesystem>
#include <string_view>

#include "base/file.hpp"

namespace mox {

enum class CopyMethod { link, reflink, copy };
[[nodiscard]] std::string_view to_string(CopyMethod method);

// Which methods may be tried, best first; `copy` is always allowed.
struct CopyPolicy {
    bool allow_link = false;    // a second name for the same file: nothing is copied, both share one fate
    bool allow_reflink = true;  // shared blocks, copied on write
};

// Gives `to`, which must not exist, the contents of the regular file `from`, and says how. A method that the file
// system refuses is not an error, the next one is tried. Not durable: the caller syncs. On failure `to` is removed.
CopyMethod link_or_copy(const std::filesystem::path& from, const std::filesystem::path& to, const CopyPolicy& policy,
                        const Ownership& ownership = {});

// The same for open directories and names in them, for many files of the same two folders.
CopyMethod link_or_copy_at(int from_directory, const char* from, int to_directory, const char* to,
                           const CopyPolicy& policy, const Ownership& ownership = {});

}  // namespace mox
