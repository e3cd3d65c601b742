#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "datadir/layout.hpp"
#include "repair/repair.hpp"

// The way back for an account whose database is lost or beyond repair, when its message files are still there
// (docs/verification.md, "Rebuilding an account").

namespace mox::repair {

struct RebuildOptions {
    std::string account;
    // The account's database of a snapshot: what it knows of a message with that id and SHA-256 comes back as it was.
    // Empty: nothing is known but what files say.
    std::filesystem::path snapshot_database = {};
    bool force = false;  // also when the present database is sound, or written by a newer program
    unsigned jobs = 0;
    std::chrono::milliseconds lock_timeout{10'000};
    std::filesystem::path scratch = {};  // for a look at the present database; empty: the system's
    std::function<void(std::uint64_t messages, std::uint64_t bytes)> progress = {};
};

struct Rebuilt {
    std::uint64_t messages = 0;   // files that have a row now
    std::uint64_t known = 0;      // of these, as the snapshot knew them
    std::uint64_t recovered = 0;  // of these, put into the mailbox Recovered
    std::uint64_t lost = 0;       // messages of the snapshot whose files are gone
    std::uint64_t unread = 0;     // files that could not be read; they stay where they are, and were told as troubles
    std::uint64_t actions = 0;
    bool has_filter = false;  // a junk filter was made, too
};

// Makes accounts/<name>/index.db anew from the message files, beside, and then puts it into its place; what was there
// moves to moved/. The junk filter follows, when there was one. Every mailbox gets a UIDVALIDITY that it never had.
// Nobody may use the account meanwhile. Until the new database is complete the old one stays where it is; one that was
// interrupted is done by the next call. `sinks` hears actions and troubles.
//
// Errc::not_found without such an account, Errc::locked while a server or another process is at work, Errc::failed when
// the present database is one that fix() mends, or when there is something else in the way, Errc::newer_version for one
// of a newer program, Errc::corrupt when the snapshot's is damaged.
[[nodiscard]] Rebuilt rebuild(const datadir::Layout& layout, const RebuildOptions& options, const Sinks& sinks);

}  // namespace mox::repair
