#pragma once

#include <bitset>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "check/checks.hpp"
#include "check/sample.hpp"
#include "datadir/layout.hpp"
#include "snapshot/archive_contents.hpp"

namespace mox::check {

// One place where a promise does not hold.
struct Finding {
    std::string path;  // relative to the data directory
    Severity severity = Severity::error;
    std::string detail;      // names quoted, control characters escaped
    std::string_view check;  // id
    std::string hint;        // empty, or what to do next
};

// Of message files: look at their sizes only, or read and hash them.
enum class Contents { sizes, hashes };

struct Options {
    Contents contents = Contents::sizes;
    std::optional<Sample> sample;   // of contents, only these are read; an archive's were read already
    std::bitset<check_count> only;  // checks whose findings are wanted; none set: all
    unsigned jobs = 0;              // threads; 0: one for each CPU
    // A data directory whose message files are trusted: those that are the same files there (hard links) are not read.
    std::filesystem::path trusted;
    std::filesystem::path snapshot;  // that the directory belongs to, so that its manifest is checked; empty: none
    // Set when the snapshot is what was unpacked of an archive: message files are those in here, not in the directory,
    // and their contents were read already.
    const snapshot::ArchiveContents* archive = nullptr;
    std::chrono::milliseconds lock_timeout{10'000};
    // Findings of one check in one scope (the directory, the queue, an account) that are passed on; what goes beyond is
    // counted, and told in one finding at the end of the scope.
    std::size_t most_findings = 100;
    std::filesystem::path scratch;  // for copies of databases whose log must be replayed; empty: the system's
    // Called now and then from any thread: messages and bytes of contents looked at since the last call.
    std::function<void(std::uint64_t messages, std::uint64_t bytes)> progress;
};

struct Summary {
    std::uint64_t errors = 0, warnings = 0;  // all, also those that were not passed on
    std::uint64_t unknown_formats = 0;       // errors of these: databases of another format, or of a newer version
    std::uint64_t accounts = 0;
    std::uint64_t messages = 0;    // live ones, the queue's included
    std::uint64_t size_bytes = 0;  // of their files
    // Of these, the files whose contents were compared with their SHA-256.
    std::uint64_t read_messages = 0, read_bytes = 0;
};

// What verification needs to know of what it finds besides telling it; the place where repairs begin: they get findings
// with their check and path, in the order of scopes.
using Sink = std::function<void(const Finding&)>;

// Looks at a whole data directory, beside running writers if need be, and changes nothing on disk: names, bytes and
// times stay (docs/data-directory.md, section "A snapshot"). Findings arrive scope by scope (directory, databases,
// queue, accounts by name), from one thread at a time.
//
// Bad data never makes it throw. What a check cannot read becomes a finding of that scope. Throws Interrupted on a
// signal, and Errc::locked when somebody erases messages for longer than the lock time-out.
[[nodiscard]] Summary verify(const datadir::Layout& layout, const Options& options, const Sink& sink);

// The list of checks as text: a Markdown table with a row for each.
[[nodiscard]] std::string check_table();

}  // namespace mox::check
