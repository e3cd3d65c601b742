#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "check/verify.hpp"
#include "datadir/layout.hpp"

// Mends what verification finds, as far as that is safe (docs/verification.md, "Repairs"). Contents of messages are
// never altered and never deleted: files that are in the way move to moved/.

namespace mox::repair {

// One thing that was changed, or would be.
struct Action {
    std::string path;        // relative to the data directory
    std::string_view check;  // id of the check that speaks of it
    std::string detail;      // what was, and what is now; names quoted, control characters escaped
};

struct Options {
    std::bitset<check::check_count> only;  // checks whose findings are mended; none set: all that are safe to mend
    bool dry_run = false;                  // tells what would be done, on copies of the databases concerned
    check::Contents contents = check::Contents::sizes;
    std::optional<check::Sample> sample;  // as check::Options
    unsigned jobs = 0;
    std::chrono::milliseconds lock_timeout{10'000};
    std::filesystem::path scratch;  // for copies of databases; empty: the system's
    std::function<void(std::uint64_t messages, std::uint64_t bytes)> progress;
};

struct Sinks {
    std::function<void(const Action&)> action;
    // A repair that could not be made; others go on.
    std::function<void(const std::string& path, const std::string& what, const std::string& hint)> trouble;
    check::Sink finding;  // what is left (of a dry run: what there is)
};

struct Summary {
    check::Summary left;
    std::uint64_t actions = 0, troubles = 0;
};

// Verifies, mends, and verifies again, at most four times, until there is nothing left that can be mended. Works beside
// a running server: whatever changes a database is a transaction of its own, and complete or not there at all, so that
// a run that was killed is completed by the next. Errc::locked when another repair is at work, Errc::failed when the
// directory cannot be written; otherwise throws as check::verify().
[[nodiscard]] Summary fix(const datadir::Layout& layout, const Options& options, const Sinks& sinks);

}  // namespace mox::repair
