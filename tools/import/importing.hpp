#pragma once

#include <chrono>
#include <filesystem>
#include <string>

#include "cli/exit.hpp"
#include "cli/options.hpp"
#include "cli/reporter.hpp"
#include "cli/tool.hpp"

// mox-import: mail of other programs into a mailbox, all of it or nothing. (`import` is a word of C++20.)

namespace mox::importing {

enum class Format { mbox, maildir };

struct Options {
    cli::DataDirOptions data_dir;
    Format format = Format::mbox;
    std::string account;
    std::string mailbox;           // as typed; normalised by run()
    std::filesystem::path source;  // "-": standard input, for mbox
    bool dry_run = false;          // read and report, write nothing
    unsigned jobs = 0;             // 0: one for each CPU
    std::chrono::seconds lock_timeout{10};
};

// Exit::incomplete when messages could not be read; the others are imported. When it throws, the account is as before.
[[nodiscard]] cli::Exit run(const Options& options, cli::Reporter& out);

[[nodiscard]] cli::Tool tool();

}  // namespace mox::importing
