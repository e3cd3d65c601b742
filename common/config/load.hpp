#pragma once

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/domains_config.hpp"
#include "config/sconf.hpp"
#include "config/static_config.hpp"

// Finds and loads the configuration of an installation, and answers what tools ask of it.

namespace mox::config {

// A problem and the file it is in.
struct FileProblem {
    std::filesystem::path file;
    sconf::Problem problem;
};

struct Paths {
    std::filesystem::path static_file;   // mox.conf
    std::filesystem::path domains_file;  // domains.conf beside it
    std::filesystem::path directory;     // that holds both; other relative paths in them start here
    std::filesystem::path data;          // the data directory; empty when mox.conf does not name it
};

struct Config {
    Static settings;  // mox.conf
    Domains domains;  // domains.conf
    Paths paths;
    sconf::Lines settings_lines, domains_lines;
    std::vector<FileProblem> problems;  // of both files, in this order; warnings only after load()
};

// Which mox.conf to use: what the option --config gave, else $MOXCONF, else config/mox.conf.
[[nodiscard]] std::filesystem::path find_config(const std::optional<std::filesystem::path>& option = {},
                                                const char* environment = std::getenv("MOXCONF"));

// Reads both files and reports what is wrong in them. Throws Error only for a file that cannot be read; the hint of
// a missing one says how to name another.
[[nodiscard]] Config read(const std::filesystem::path& static_file);
// The same, but throws Error{failed} naming file and line of the first error and the number of the others.
[[nodiscard]] Config load(const std::filesystem::path& static_file);
void throw_if_unusable(const Config& config);

// Every problem as "file:line: message; hint", one a line, each with a line feed.
[[nodiscard]] std::string render(const std::vector<FileProblem>& problems);

[[nodiscard]] std::vector<std::string> account_names(const Config& config);  // sorted
// nullptr when there is none.
[[nodiscard]] const Account* find_account(const Config& config, std::string_view name);
// Throws Error{not_found} naming the account, with the closest name or all of a few names as a hint.
[[nodiscard]] const Account& account_config(const Config& config, std::string_view name);
// Disabled for an account that is not configured: data of removed accounts stays.
[[nodiscard]] AutomaticJunkFlags automatic_junk_flags(const Config& config, std::string_view account);

enum class MailboxRole { none, archive, drafts, junk, sent, trash };
struct InitialMailbox {
    std::string name;
    MailboxRole role = MailboxRole::none;
    bool operator==(const InitialMailbox&) const = default;
};
// The mailboxes of a new account in the order of their creation: Inbox, those with a role, the others. A name occurs
// once; Inbox is never repeated.
[[nodiscard]] std::vector<InitialMailbox> initial_mailboxes(const Static& settings);

}  // namespace mox::config
