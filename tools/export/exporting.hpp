#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "archive/format.hpp"
#include "cli/exit.hpp"
#include "cli/options.hpp"
#include "cli/reporter.hpp"
#include "cli/tool.hpp"
#include "outlet/folder_name.hpp"

// mox-export: mail of an account as mbox files, as maildirs, or as an archive of maildirs. (`export` is a word of C++.)

namespace mox::exporting {

enum class Format { mbox, maildir, archive };

struct Options {
    cli::DataDirOptions data_dir;
    Format format = Format::mbox;
    std::string account;
    std::optional<std::string> mailbox;  // as typed; nullopt: all mailboxes
    std::filesystem::path destination;   // "-": standard output, for one mailbox as mbox and for archives
    bool recursive = false;              // with mailboxes below `mailbox`
    outlet::Layout layout = outlet::Layout::maildirpp;
    std::optional<archive::Format> archive_format;  // else by the name of the destination
    std::optional<std::string> since, until;
    std::string from, subject;
    std::vector<std::string> flags, keywords;
    bool dry_run = false;
    unsigned jobs = 0;  // 0: one for each CPU
    std::chrono::seconds lock_timeout{10};
};

// Exit::incomplete when a message's file is missing, cannot be read or is not what the database says; each is named.
// When it throws, nothing is left at the destination; a stream has got whatever was written.
[[nodiscard]] cli::Exit run(const Options& options, cli::Reporter& out);

[[nodiscard]] cli::Tool tool();

}  // namespace mox::exporting
