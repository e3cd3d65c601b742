#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/hash.hpp"

// manifest.json, the completion mark of a snapshot. docs/snapshot.md has the format field by field.

namespace mox::snapshot {

inline constexpr int manifest_format = 1;
inline constexpr std::string_view manifest_name = "manifest.json";

// How a file came to its place.
enum class Stored {
    database,  // copied by SQLite as of one moment
    link,      // a second name of the live file, or of the same file of the previous snapshot
    reflink,
    copy,
    raw,      // the bytes of a database (or of its side file) that could not be copied as a database
    symlink,  // size and hash are those of its target's text
};
[[nodiscard]] std::string_view to_string(Stored stored);

struct FileEntry {
    std::string path;  // below the snapshot, "data/…" or "config/…"
    std::int64_t size_bytes = 0;
    Sha256Digest sha256{};
    Stored stored = Stored::copy;
    friend bool operator==(const FileEntry&, const FileEntry&) = default;
};

// What kept the snapshot from being complete.
struct Problem {
    std::string path;  // as above; of the file that is missing, wrong or unknown
    std::string detail;
    friend bool operator==(const Problem&, const Problem&) = default;
};

// Message files (of accounts and queue) are those that a database in the snapshot explains; files all others.
struct Totals {
    std::int64_t accounts = 0;
    std::int64_t mailboxes = 0;
    std::int64_t messages = 0;         // that live in an account
    std::int64_t queued_messages = 0;  // pending in the queue
    std::int64_t message_files = 0, message_bytes = 0;
    std::int64_t linked = 0, reflinked = 0, copied = 0;  // of message_files
    std::int64_t shared = 0;                             // of message_files: second names of the previous snapshot's
    std::int64_t files = 0, file_bytes = 0;
    friend bool operator==(const Totals&, const Totals&) = default;
};

// What is known of the contents of a snapshot, besides that everything was written.
enum class Verification {
    none,      // it was not looked at
    unshared,  // every promise held; contents were read of message files not shared with the previous snapshot
    full,      // the same, with the contents of all
    failed,    // promises do not hold: they are among the problems
};
[[nodiscard]] std::string_view to_string(Verification verification);

struct Manifest {
    std::string program;          // "moxtools 0.1.0"
    Timestamp started, finished;  // whole seconds
    bool link_live = false;       // message files may be links to live ones
    bool config = false;          // config/ is there
    std::string previous;         // name of the snapshot beside this one that files are shared with; empty: none
    Verification verification = Verification::none;
    Totals totals;
    std::vector<FileEntry> files;    // by path, each once; without message files and the manifest
    std::vector<Problem> problems;   // the first of them
    std::int64_t problem_count = 0;  // all of them

    [[nodiscard]] bool complete() const { return problem_count == 0; }
    friend bool operator==(const Manifest&, const Manifest&) = default;
};

// How many problems a manifest lists.
inline constexpr std::size_t most_problems = 10'000;

// The text of manifest.json, its own hash included. Texts other than paths must be UTF-8.
[[nodiscard]] std::string to_text(const Manifest& manifest);

// Reads what to_text() wrote: parse_manifest(to_text(m)) == m. Fields that this version does not know are ignored.
// Errc::corrupt naming line or field ("files[3].sha256: not 64 hexadecimal digits") when the text is not a manifest or
// not what was written; Errc::newer_version for a later format. Memory is in proportion to the text.
[[nodiscard]] Manifest parse_manifest(std::string_view text);

// The last two lines of a manifest for the text before them.
[[nodiscard]] std::string manifest_trailer(std::string_view text);

// Why `path` cannot be in a manifest; empty when it can: relative, below data/ or config/, no empty part, ".", "..".
[[nodiscard]] std::string_view path_problem(std::string_view path);

}  // namespace mox::snapshot
