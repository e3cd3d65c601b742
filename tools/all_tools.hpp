#pragma once

#include <array>
#include <optional>
#include <string_view>
#include <vector>

#include "cli/tool.hpp"

// The one list of commands. Adding one is a line here and a folder with mox_tool(<name> ...) in its CMakeLists.txt; the
// build then makes tool_named() find `mox::<namespace>::tool()` (cmake/targets.cmake).

namespace mox::tools {

struct Entry {
    std::string_view name;     // the program is "mox-" + name
    std::string_view summary;  // that of its cli::Tool; here for `mox help`, which links none of them
};

inline constexpr std::array all_tools{
    Entry{"backup", "Copy a data directory consistently, also while the server runs."},
    Entry{"restore", "Restore a data directory, or messages, from a snapshot."},
    Entry{"verifydata", "Check a data directory, a snapshot or an archive of one."},
    Entry{"gentestdata", "Make a data directory for upgrade tests and demonstrations."},
    Entry{"import", "Import mail of other programs into mailboxes."},
    Entry{"export", "Export an account or a mailbox as mbox files, maildirs or an archive."},
    Entry{"retrain", "Make an account's junk filter anew from the flags of its messages."},
    Entry{"quickstart", "Make the configuration of a new mail server."},
    Entry{"account", "Add, remove and list accounts."},
    Entry{"address", "Add and remove addresses of accounts."},
    Entry{"domain", "Add and remove domains, and print their DNS records."},
    Entry{"setpassword", "Set the password of an account or of the admin pages."},
    Entry{"queue", "List, hurry and drop messages of the outgoing queue."},
    Entry{"config", "Check the configuration, or print templates of it."},
    Entry{"printservice", "Print the systemd unit that starts the server."},
    Entry{"serve", "Run the mail server."},
    Entry{"localserve", "Run a mail server of your own to try, on this host alone."},
    Entry{"stop", "End the mail server."},
    Entry{"loglevels", "Show or change what a running server logs."},
};

// The tool as its folder describes it; nullopt when this build does not have it. Needs mox_all_tools.
[[nodiscard]] std::optional<cli::Tool> tool_named(std::string_view name);

// Names of the tools in this build.
[[nodiscard]] std::vector<std::string_view> built_tools();

}  // namespace mox::tools
