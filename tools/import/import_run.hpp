#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "cli/reporter.hpp"
#include "intake/mail_tree.hpp"
#include "store/account.hpp"
#include "tools/import/destinations.hpp"

// The work of mox-import: one thread reads, others convert, hash, parse and write files, and one collects the rows.

namespace mox::importing {

// What becomes of Gmail's labels.
enum class LabelUse { mailboxes, keywords, ignore };

struct Settings {
    DestinationRules destinations;
    LabelUse labels = LabelUse::ignore;
    bool skip_duplicates = false;
    std::optional<std::int64_t> since;  // Unix seconds; what was received before is left out
    std::uint64_t max_message_bytes = intake::default_max_message_bytes;
    std::filesystem::path report;  // empty: none
    bool show_mailboxes = false;   // a result for each folder
    unsigned jobs = 0;             // 0: one for each CPU
};

struct Totals {
    std::int64_t messages = 0;
    std::int64_t size_bytes = 0;
    std::int64_t failed = 0;      // messages and folders that could not be read
    std::int64_t duplicates = 0;  // left out by skip_duplicates
    std::int64_t too_old = 0;     // left out by since
    std::int64_t mailboxes = 0;
    std::int64_t rejected_keywords = 0;  // names that cannot be keywords, over all messages
    double elapsed_seconds = 0;
    bool report_failed = false;  // said already
};

// Imports everything of `tree` in one step; durable at return. When it throws, the account is as before.
[[nodiscard]] Totals import_into(store::Account& account, intake::MailTree& tree, const Settings& settings,
                                 cli::Reporter& out);

// Reads everything and reports the same, writing nothing but the report. `account`: to look at, if it exists.
[[nodiscard]] Totals examine(store::Account* account, intake::MailTree& tree, const Settings& settings,
                             cli::Reporter& out);

}  // namespace mox::importing
