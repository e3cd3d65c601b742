#pragma once

#include <sys/stat.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/fd.hpp"
#include "snapshot/databases.hpp"
#include "snapshot/run.hpp"

// Message files that a snapshot has in common with the previous one. Internal to this folder.

namespace mox::snapshot {

// One folder of message files of the previous snapshot. A file is the same when id, size and SHA-256 are: message files
// never change once they are in place, and only an account that was made anew uses its ids again.
class PreviousFolder {
public:
    // Without a previous snapshot, or one that has no such folder, nothing is shared.
    PreviousFolder(Run& run, const MessageStore& store, std::string_view folder);

    // Gives the previous snapshot's file of `row` a second name in the open folder `target`. False when there is no
    // such file, when its mode is looser than `mode` (that of the live file), or when the file system refuses: the file
    // must then come from elsewhere.
    [[nodiscard]] bool share(const MessageRow& row, const char* name, int target, mode_t mode);
    // The same for a live file of which no database tells anything, so that it must be read: `path` in the source. It
    // is listed in the manifest.
    [[nodiscard]] bool share_read(std::int64_t id, const std::string& path);

private:
    [[nodiscard]] const MessageRow* find(std::int64_t id);
    [[nodiscard]] bool is_usable(const MessageRow& row, const char* name, mode_t mode);
    void read_previous_rows(const MessageStore& store, std::int64_t first);

    Run& run_;
    std::string path_;  // "accounts/alice/msg/a"
    std::vector<MessageRow> rows_;
    std::size_t next_ = 0;  // rows are asked for by ascending ids
    UniqueFd folder_;
};

}  // namespace mox::snapshot
