#include "snapshot/retention.hpp"

#include <catch2/catch.hpp>

#include "base/clock.hpp"
#include "base/encoding.hpp"
#include "snapshot/series.hpp"

using namespace mox;
using snapshot::apply_retention;
using snapshot::Retention;
using snapshot::RetentionCandidate;

namespace {

// "2026-11-22T03:00:00Z", with a "!" behind it for one that has problems.
RetentionCandidate candidate(std::string text) {
    const bool has_problems = text.ends_with('!');
    if (has_problems) text.pop_back();
    const auto time = from_rfc3339(text).value();
    return {.name = snapshot::snapshot_name(time.seconds), .started = time.seconds, .has_problems = has_problems};
}

std::int64_t seconds(const std::string& text) {
    return from_rfc3339(text).value().seconds;
}

// "+2026-11-22T030000Z last 1 of 3", newest first; "-" for what goes.
std::vector<std::string> verdicts(const Retention& retention, const std::vector<std::string>& times) {
    std::vector<RetentionCandidate> candidates;
    for (const auto& time : times) candidates.push_back(candidate(time));
    std::vector<std::string> out;
    for (const auto& verdict : apply_retention(retention, candidates))
        out.push_back((verdict.keep ? "+" : "-") + verdict.name + " " + verdict.reason);
    return out;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("each rule keeps the newest of its periods, and the rules add up", "[snapshot]") {
    struct Row {
        const char* name;
        Retention retention;
        Lines times, expected;
    };
    const std::vector<Row> rows{
        {"nothing", {.last = 3}, {}, {}},
        {"fewer than asked for", {.last = 3}, {"2026-11-22T03:00:00Z"}, {"+2026-11-22T030000Z last 1 of 3"}},
        {"the last, in any order",
         {.last = 2},
         {"2026-11-21T03:00:00Z", "2026-11-23T03:00:00Z", "2026-11-22T03:00:00Z"},
         {"+2026-11-23T030000Z last 1 of 2", "+2026-11-22T030000Z last 2 of 2",
          "-2026-11-21T030000Z no rule keeps it"}},
        {"days without a snapshot do not count",
         {.daily = 2},
         {"2026-11-01T23:59:59Z", "2026-11-20T00:00:00Z", "2026-11-20T23:59:59Z", "2026-10-31T12:00:00Z"},
         {"+2026-11-20T235959Z day 2026-11-20", "-2026-11-20T000000Z no rule keeps it",
          "+2026-11-01T235959Z day 2026-11-01", "-2026-10-31T120000Z no rule keeps it"}},
        {"a day ends at midnight in UTC, also when clocks change",
         {.daily = 3},
         {"2026-10-24T23:59:59Z", "2026-10-25T00:00:00Z", "2026-10-25T23:59:59Z", "2026-10-26T00:00:00Z"},
         {"+2026-10-26T000000Z day 2026-10-26", "+2026-10-25T235959Z day 2026-10-25",
          "-2026-10-25T000000Z no rule keeps it", "+2026-10-24T235959Z day 2026-10-24"}},
        {"a week begins on Monday",
         {.weekly = 2},
         {"2026-11-15T23:59:59Z", "2026-11-16T00:00:00Z", "2026-11-22T23:59:59Z"},
         {"+2026-11-22T235959Z week 2026-W47", "-2026-11-16T000000Z no rule keeps it",
          "+2026-11-15T235959Z week 2026-W46"}},
        {"a week that spans two years is one",
         {.weekly = 5},
         {"2026-12-28T00:00:00Z", "2026-12-31T23:59:59Z", "2027-01-01T00:00:00Z", "2027-01-03T23:59:59Z",
          "2027-01-04T00:00:00Z"},
         {"+2027-01-04T000000Z week 2027-W01", "+2027-01-03T235959Z week 2026-W53",
          "-2027-01-01T000000Z no rule keeps it", "-2026-12-31T235959Z no rule keeps it",
          "-2026-12-28T000000Z no rule keeps it"}},
        {"months of two years differ",
         {.monthly = 2},
         {"2025-12-31T23:59:59Z", "2025-01-01T00:00:00Z", "2026-01-01T00:00:00Z"},
         {"+2026-01-01T000000Z month 2026-01", "+2025-12-31T235959Z month 2025-12",
          "-2025-01-01T000000Z no rule keeps it"}},
        {"rules add up",
         {.last = 1, .daily = 2, .weekly = 2, .monthly = 2},
         {"2026-10-30T03:00:00Z", "2026-11-01T03:00:00Z", "2026-11-02T03:00:00Z", "2026-11-02T15:00:00Z"},
         {"+2026-11-02T150000Z last 1 of 1, day 2026-11-02, week 2026-W45, month 2026-11",
          "-2026-11-02T030000Z no rule keeps it", "+2026-11-01T030000Z day 2026-11-01, week 2026-W44",
          "+2026-10-30T030000Z month 2026-10"}},
        {"without any rule the newest stays",
         {},
         {"2026-11-21T03:00:00Z", "2026-11-22T03:00:00Z"},
         {"+2026-11-22T030000Z the newest one without problems", "-2026-11-21T030000Z no rule keeps it"}},
        {"problems are counted by no rule, and stay while nothing newer is without",
         {.last = 1, .daily = 1},
         {"2026-11-20T03:00:00Z", "2026-11-21T03:00:00Z", "2026-11-22T03:00:00Z!", "2026-11-23T03:00:00Z!"},
         {"+2026-11-23T030000Z has problems, and only 0 of 1 newer have none",
          "+2026-11-22T030000Z has problems, and only 0 of 1 newer have none",
          "+2026-11-21T030000Z last 1 of 1, day 2026-11-21", "-2026-11-20T030000Z no rule keeps it"}},
        {"problems stay until the newer ones without are as many as the last ones kept",
         {.last = 2},
         {"2026-11-20T03:00:00Z!", "2026-11-21T03:00:00Z", "2026-11-22T03:00:00Z!", "2026-11-23T03:00:00Z"},
         {"+2026-11-23T030000Z last 1 of 2", "+2026-11-22T030000Z has problems, and only 1 of 2 newer have none",
          "+2026-11-21T030000Z last 2 of 2", "-2026-11-20T030000Z has problems, and 2 newer have none"}},
        {"only problems",
         {.last = 1},
         {"2026-11-20T03:00:00Z!", "2026-11-21T03:00:00Z!"},
         {"+2026-11-21T030000Z has problems, and only 0 of 1 newer have none",
          "+2026-11-20T030000Z has problems, and only 0 of 1 newer have none"}},
    };
    for (const auto& row : rows) {
        INFO(row.name);
        CHECK(verdicts(row.retention, row.times) == row.expected);
    }
}

TEST_CASE("age goes by names, periods by the time a snapshot was begun", "[snapshot]") {
    // The clock was a year ahead once: names went on from there.
    std::vector<RetentionCandidate> candidates{{"2027-11-20T030000Z", seconds("2027-11-20T03:00:00Z"), false}};
    for (int day = 0; day < 5; ++day)
        candidates.push_back({"2027-11-20T03000" + std::to_string(day + 1) + "Z",
                              seconds("2026-11-21T03:00:00Z") + day * 86'400, false});
    std::string kept;
    for (const auto& verdict : apply_retention({.daily = 3}, candidates))
        if (verdict.keep) kept += verdict.reason + ";";
    CHECK(kept == "day 2026-11-25;day 2026-11-24;day 2026-11-23;");
}

TEST_CASE("weeks are those of ISO 8601", "[snapshot]") {
    struct Row {
        const char *time, *week;
    };
    const std::vector<Row> rows{
        {"1970-01-01T00:00:00Z", "1970-W01"}, {"1969-12-28T23:59:59Z", "1969-W52"},
        {"1969-12-29T00:00:00Z", "1970-W01"}, {"2005-01-01T12:00:00Z", "2004-W53"},
        {"2005-01-02T12:00:00Z", "2004-W53"}, {"2005-12-31T12:00:00Z", "2005-W52"},
        {"2006-01-01T12:00:00Z", "2005-W52"}, {"2006-01-02T12:00:00Z", "2006-W01"},
        {"2007-12-31T12:00:00Z", "2008-W01"}, {"2008-12-28T12:00:00Z", "2008-W52"},
        {"2008-12-29T12:00:00Z", "2009-W01"}, {"2010-01-03T12:00:00Z", "2009-W53"},
        {"2020-12-31T12:00:00Z", "2020-W53"}, {"2021-01-03T12:00:00Z", "2020-W53"},
        {"2024-02-29T12:00:00Z", "2024-W09"}, {"2024-12-30T00:00:00Z", "2025-W01"},
        {"2026-11-22T23:59:59Z", "2026-W47"}, {"2026-11-23T00:00:00Z", "2026-W48"},
    };
    for (const auto& row : rows) {
        INFO(row.time);
        CHECK(snapshot::iso_week_of(seconds(row.time)) == row.week);
    }
    CHECK(snapshot::day_of(seconds("2024-02-29T23:59:59Z")) == "2024-02-29");
    CHECK(snapshot::month_of(seconds("2024-12-31T23:59:59Z")) == "2024-12");
}
