#pragma once

#include <string_view>

#include "base/error.hpp"

// Exit codes, the same for every command (docs/cli.md section 3). A program stopped by signal n exits with 128 + n.

namespace mox::cli {

enum class Exit : int {
    ok = 0,              // done; verifydata: every promise holds
    failed = 1,          // state as before, except what the message names; verifydata: problems found
    usage = 2,           // nothing touched
    incomplete = 3,      // finished, but something named on stderr and in the summary is missing
    not_found = 10,      // no such data directory, account, mailbox, snapshot
    locked = 11,         // by another process
    newer_version = 12,  // written by a newer version, or not a format we know
    internal = 70,       // a bug of ours
};

[[nodiscard]] constexpr int code(Exit exit) {
    return static_cast<int>(exit);
}
[[nodiscard]] constexpr int code_for_signal(int number) {
    return 128 + number;
}

// Errc::interrupted has no Exit, as its code depends on the signal; it maps to `failed`.
[[nodiscard]] Exit exit_for(Errc code);
// The word for `code` in JSON: "not_found".
[[nodiscard]] std::string_view name_of(Errc code);
// What the code means, in a few words, for help texts: "no such data directory, account, mailbox or snapshot".
[[nodiscard]] std::string_view meaning_of(Exit exit);

}  // namespace mox::cli
