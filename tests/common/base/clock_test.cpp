#include "base/clock.hpp"

#include <catch2/catch.hpp>

#include "base/random.hpp"

using namespace mox;

TEST_CASE("civil time and unix time convert both ways", "[base]") {
    struct Row {
        std::int64_t seconds;
        std::string text;
    };
    for (const auto& row : {Row{0, "1970-01-01T00:00:00Z"}, Row{-1, "1969-12-31T23:59:59Z"},
                            Row{951782400, "2000-02-29T00:00:00Z"}, Row{4107542400, "2100-03-01T00:00:00Z"},
                            Row{-62135596800, "0001-01-01T00:00:00Z"}, Row{253402300799, "9999-12-31T23:59:59Z"}}) {
        CHECK(to_rfc3339({.seconds = row.seconds}) == row.text);
        CHECK(from_rfc3339(row.text)->seconds == row.seconds);
    }
}

TEST_CASE("any second of twenty thousand years survives the round trip", "[base]") {
    SeededRandom random(1);
    for (int i = 0; i < 20000; ++i) {
        const auto seconds = static_cast<std::int64_t>(random.below(600'000'000'000)) - 300'000'000'000;
        REQUIRE(to_unix_seconds(to_civil(seconds)) == seconds);
    }
}

TEST_CASE("RFC 3339 keeps fraction and offset and refuses everything else", "[base]") {
    const auto time = from_rfc3339("2026-11-22T05:30:00.25+02:30");
    REQUIRE(time);
    CHECK(to_rfc3339(*time) == "2026-11-22T03:00:00.25Z");
    CHECK(time->offset_minutes == 150);
    for (const std::string bad :
         {"", "2026-11-22", "2026-11-22T05:30:00", "2026-13-22T05:30:00Z", "2026-02-29T05:30:00Z",
          "2026-11-22T24:00:00Z", "2026-11-22T05:30:00.Z", "2026-11-22T05:30:00.1234567890Z", "2026-11-22T05:30:00Zx",
          "2026-11-22T05:30:00+24:00"})
        CHECK_FALSE(from_rfc3339(bad).has_value());
}

TEST_CASE("weekdays and months have their names", "[base]") {
    CHECK(weekday_name(0) == "Thu");
    CHECK(weekday_name(-86400) == "Wed");
    CHECK(weekday_name(1030019783) == "Thu");
    CHECK(month_number("aUg") == 8);
    CHECK(month_number("Aug ") == 0);
    CHECK(month_name(12) == "Dec");
}
