#pragma once

#include <chrono>
#include <filesystem>
#include <optional>

#include "archive/format.hpp"
#include "base/clock.hpp"
#include "cli/exit.hpp"
#include "cli/options.hpp"
#include "cli/reporter.hpp"
#include "cli/tool.hpp"
#include "snapshot/retention.hpp"

// mox-backup: a snapshot of a data directory and its configuration into a new or empty folder, into a folder of
// dated snapshots of which old ones are removed, or into an archive.

namespace mox::backup {

enum class Verify {
    no,
    unshared,  // contents of the message files that are not shared with the previous snapshot
    full,      // contents of all
};

struct Options {
    cli::DataDirOptions data_dir;
    std::filesystem::path destination;
    std::filesystem::path archive;                  // instead of a destination: a file, or "-" for standard output
    std::optional<archive::Format> archive_format;  // by the name of the file, or tar.zst
    std::optional<int> compression_level;
    snapshot::Retention keep;  // any rule: the destination is a folder of snapshots
    Verify verify = Verify::no;
    bool link_live = false;  // message files may be hard links to the live ones
    bool no_config = false;  // leave the configuration out
    bool dry_run = false;    // check and count, write nothing
    unsigned jobs = 0;       // 0: one for each CPU
    std::chrono::seconds lock_timeout{10};
    const Clock* clock = nullptr;  // the system's when null
};

// Exit::incomplete when the snapshot was made, but something is missing in it or does not belong there; each such file
// is a warning. Exit::failed when its verification found problems, or when old snapshots cannot be removed. When it
// throws, there is no new snapshot, and all earlier ones are as they were, but for a signal that came while old ones
// were being removed: then the new one is there.
[[nodiscard]] cli::Exit run(const Options& options, cli::Reporter& out);

[[nodiscard]] cli::Tool tool();

}  // namespace mox::backup
