#pragma once

#include <cstdint>
#include <string>
#include <vector>

// Which snapshots of a series are kept. Pure: no clock, no file system. docs/snapshot.md, section "Series".

namespace mox::snapshot {

// How many to keep by each rule; 0: the rule keeps none.
struct Retention {
    std::int64_t last = 0;     // the newest ones
    std::int64_t daily = 0;    // the newest of each of that many days,
    std::int64_t weekly = 0;   // ISO 8601 weeks,
    std::int64_t monthly = 0;  // and months, in UTC; periods without a snapshot do not count

    [[nodiscard]] bool any() const { return last > 0 || daily > 0 || weekly > 0 || monthly > 0; }
};

struct RetentionCandidate {
    std::string name;          // they sort by age
    std::int64_t started = 0;  // Unix time, for the periods
    bool has_problems = false;
};

struct RetentionVerdict {
    std::string name;
    bool keep = true;
    std::string reason;  // for people: "last 1 of 3, day 2026-11-22"
    friend bool operator==(const RetentionVerdict&, const RetentionVerdict&) = default;
};

// A verdict for each candidate, newest first. Those with problems are counted by no rule: they stay until the newer
// ones without problems are as many as `last`, and at least one. The newest one without problems always stays.
[[nodiscard]] std::vector<RetentionVerdict> apply_retention(const Retention& retention,
                                                            std::vector<RetentionCandidate> candidates);

// The periods that a moment lies in: "2026-11-22", "2026-W47" (the year is that of the week's Thursday), "2026-11".
[[nodiscard]] std::string day_of(std::int64_t unix_seconds);
[[nodiscard]] std::string iso_week_of(std::int64_t unix_seconds);
[[nodiscard]] std::string month_of(std::int64_t unix_seconds);

}  // namespace mox::snapshot
