#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cli/exit.hpp"
#include "cli/options.hpp"
#include "cli/reporter.hpp"
#include "cli/tool.hpp"

// mox-restore: a whole data directory, or messages, out of a snapshot; or a list of what it holds.

namespace mox::restore {

struct Options {
    std::filesystem::path snapshot;
    std::filesystem::path destination;  // of a whole directory
    bool list = false;

    // Which messages; with `account`, a list or a restore of messages.
    std::string account;
    std::vector<std::string> mailboxes, messages;
    std::string since, until, from, subject;

    // Where messages go.
    cli::DataDirOptions data_dir;
    std::string into, into_mailbox;
    bool create_account = false, duplicates = false;

    // How a whole directory is restored.
    std::optional<std::filesystem::path> config_dir;
    std::string owner;  // USER[:GROUP], names or numbers
    bool keep_uidvalidity = false, hold_queue = false;

    bool damaged = false;  // restore what can be restored of a damaged snapshot
    bool dry_run = false;
    unsigned jobs = 0;
    std::chrono::seconds lock_timeout{10};
};

// Exit::incomplete when something was left out or is damaged; each is an error or a finding. When it throws, the
// destination is as it was found.
[[nodiscard]] cli::Exit run(const Options& options, cli::Reporter& out);

[[nodiscard]] cli::Tool tool();

}  // namespace mox::restore
