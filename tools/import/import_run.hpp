#pragma once

#include <cstdint>
#include <string>

#include "cli/reporter.hpp"
#include "intake/source.hpp"
#include "store/account.hpp"

// The work of mox-import: one thread reads, others convert, hash, parse and write files, and one collects the rows.

namespace mox::importing {

struct Settings {
    std::string mailbox;  // normalised and valid
    unsigned jobs = 0;    // 0: one for each CPU
};

struct Totals {
    std::int64_t messages = 0;
    std::int64_t size_bytes = 0;
    std::int64_t failed = 0;             // messages that could not be read
    std::int64_t rejected_keywords = 0;  // names that cannot be keywords, over all messages
    double elapsed_seconds = 0;
};

// Imports everything of `source` in one step; durable at return. When it throws, the account is as before.
[[nodiscard]] Totals import_into(store::Account& account, intake::MessageSource& source, const Settings& settings,
                                 cli::Reporter& out);

// Reads everything and reports the same, writing nothing.
[[nodiscard]] Totals examine(intake::MessageSource& source, const Settings& settings, cli::Reporter& out);

}  // namespace mox::importing
