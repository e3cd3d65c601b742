#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "cli/exit.hpp"
#include "cli/options.hpp"
#include "cli/reporter.hpp"
#include "cli/tool.hpp"
#include "intake/message.hpp"
#include "tools/import/import_run.hpp"

// mox-import: mail of other programs into mailboxes, all of it or nothing. (`import` is a word of C++20.)

namespace mox::importing {

enum class Format { mbox, maildir, automatic, archive };

struct Options {
    cli::DataDirOptions data_dir;
    Format format = Format::mbox;
    std::string account;
    std::vector<std::string> operands;  // MAILBOX and PATH for mbox and maildir, else PATH
    std::string into, prefix;           // as typed; normalised by run()
    std::vector<std::string> include, exclude;
    LabelUse labels = LabelUse::keywords;
    bool keep_names = false;  // special uses do not choose the mailbox
    bool skip_duplicates = false;
    bool keep_partial = false;
    std::string since;  // YYYY-MM-DD
    std::uint64_t max_message_bytes = intake::default_max_message_bytes;
    std::filesystem::path report;
    bool dry_run = false;  // read and report, write nothing
    unsigned jobs = 0;     // 0: one for each CPU
    std::chrono::seconds lock_timeout{10};
};

// Exit::incomplete when messages could not be read; the others are imported. When it throws, the account is as before.
[[nodiscard]] cli::Exit run(const Options& options, cli::Reporter& out);

[[nodiscard]] cli::Tool tool();

}  // namespace mox::importing
