#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "cli/options.hpp"
#include "config/load.hpp"
#include "datadir/layout.hpp"
#include "store/account.hpp"

// What the options --config and --data-dir stand for.

namespace mox::tools {

struct DataDir {
    datadir::Layout layout;
    std::optional<config::Config> config;  // none with --data-dir
};

// An existing data directory of ours. Errors of a configuration that cannot be used, and those of datadir::open().
[[nodiscard]] DataDir open_data_dir(const cli::DataDirOptions& options);

// The account for writing. One that is configured but has no data yet is made, with its initial mailboxes. Its rules
// for junk flags are those of the configuration.
[[nodiscard]] store::Account open_account(const DataDir& data_dir, std::string_view name,
                                          store::AccountOptions options);

// The account for looking at it: no byte of it changes, nothing is made, and a read-only medium will do. When the last
// writer was killed, what it committed last may not be seen.
[[nodiscard]] store::Account open_account_untouched(const datadir::Layout& layout, std::string_view name);

// The account for reading beside those who write: nothing but SQLite's side files is made. On a read-only medium, where
// nobody writes, without those; Errc::failed when a log would have to be replayed there.
[[nodiscard]] store::Account open_account_for_reading(const datadir::Layout& layout, std::string_view name,
                                                      std::chrono::milliseconds lock_timeout);

// Throws as open_account() does when there is no such account or it cannot be used; changes nothing.
void require_account(const DataDir& data_dir, std::string_view name);

// For the shell: names of accounts, or of the mailboxes of `account`; empty when they cannot be had.
[[nodiscard]] std::vector<std::string> complete_names(const cli::DataDirOptions& options, std::string_view what,
                                                      std::string_view account);

}  // namespace mox::tools
