#include "mime/date.hpp"

#include <catch2/catch.hpp>

using namespace mox::mime;

TEST_CASE("dates of mail are read", "[mime]") {
    struct Row {
        const char* text;
        std::int64_t seconds;
        int offset;
    };
    const auto row = GENERATE(values<Row>({
        {"Mon, 02 Jan 2006 15:04:05 -0700", 1136239445, -420},
        {"Mon, 2 Jan 2006 15:04:05 -0700", 1136239445, -420},
        {"  2 Jan 2006 22:04:05 +0000", 1136239445, 0},
        {"Mon,\r\n 2 Jan 2006\r\n\t22:04:05 GMT", 1136239445, 0},
        {"2 Jan 06 22:04:05 UT", 1136239445, 0},
        {"2 Jan 106 22:04:05 Z", 1136239445, 0},
        {"2 Jan 50 00:00 +0000", -631065600, 0},
        {"2 jan 2006 22:04 +0000", 1136239440, 0},
        {"2 Jan 2006 17:04:05 EST", 1136239445, -300},
        {"2 Jan 2006 15:04:05 PDT", 1136239445, -420},
        {"2 Jan 2006 22:04:05 XYZ", 1136239445, 0},
        {"2 Jan 2006 22:04:05", 1136239445, 0},
        {"Mon (a (b) \\) c), 2 (x) Jan 2006 15:04:05 -0700 (MST)", 1136239445, -420},
        {"Tue, 2 Jan 2006 15 : 04 : 05 -0700", 1136239445, -420},
        {"Monday, 2 January 2006 15:04:05 -0700", 1136239445, -420},
        {"Mon, 02-Jan-2006 15:04:05 -0700", 1136239445, -420},
        {"2 Jan 2006 22:04:05 +-0000", 1136239445, 0},
    }));
    CAPTURE(row.text);
    const auto date = parse_date(row.text);
    REQUIRE(date);
    CHECK(date->seconds == row.seconds);
    CHECK(date->offset_minutes == row.offset);
}

TEST_CASE("dates that cannot be are refused", "[mime]") {
    const auto text = GENERATE(values<const char*>({"",
                                                    "Mon",
                                                    "Mon,",
                                                    "32 Jan 2006 00:00 +0000",
                                                    "0 Jan 2006 00:00 +0000",
                                                    "29 Feb 2005 00:00 +0000",
                                                    "2 Foo 2006 00:00 +0000",
                                                    "2 Jan 6 00:00 +0000",
                                                    "2 Jan 20060 00:00 +0000",
                                                    "2 Jan 2006 24:00 +0000",
                                                    "2 Jan 2006 00:60 +0000",
                                                    "2 Jan 2006 00:00:61 +0000",
                                                    "2 Jan 2006 00 +0000",
                                                    "2 Jan 2006",
                                                    "2 Jan 2006 00:00 +2500",
                                                    "2 Jan 2006 00:00 +0060",
                                                    "2 Jan 2006 00:00 +12",
                                                    "2006-01-02 15:04:05",
                                                    "999999999999 Jan 2006 00:00",
                                                    "(2 Jan 2006 00:00",
                                                    "Ja 2 2006 00:00"}));
    CAPTURE(text);
    CHECK_FALSE(parse_date(text));
}

TEST_CASE("dates of mbox lines are read", "[mime]") {
    struct Row {
        const char* text;
        std::optional<std::int64_t> seconds;
    };
    const auto row = GENERATE(values<Row>({{"Mon Jan  2 15:04:05 2006", 1136214245},
                                           {"Mon  Jan 2  15:04:05  2006", 1136214245},
                                           {"Mon Jan 02 15:04:05 -0700 2006", 1136239445},
                                           {"Mon Jan  2 15:04:05 MST 2006", 1136239445},
                                           {"Mon Jan  2 15:04:05 UTC 2006", 1136214245},
                                           {"", {}},
                                           {"Mon Jan  2 15:04:05", {}},
                                           {"Mon Jan 32 15:04:05 2006", {}},
                                           {"Mon Jan  2 15:04:05 2006 x", {}},
                                           {"Jan  2 15:04:05 2006", {}},
                                           {"Mon Jan  2 25:04:05 2006", {}},
                                           {"Mon, 2 Jan 2006 15:04:05 -0700", {}}}));
    CAPTURE(row.text);
    const auto date = parse_mbox_date(row.text);
    CHECK(date.has_value() == row.seconds.has_value());
    if (date && row.seconds) CHECK(date->seconds == *row.seconds);
}

TEST_CASE("dates are written in every form", "[mime]") {
    const mox::Timestamp time{.seconds = 1136239445, .offset_minutes = -420};
    CHECK(format_date(time) == "Mon, 02 Jan 2006 15:04:05 -0700");
    CHECK(format_mbox_date(time) == "Mon Jan  2 22:04:05 2006");
    CHECK(format_internal_date(time) == " 2-Jan-2006 15:04:05 -0700");
    CHECK(parse_internal_date("02-Jan-2006 15:04:05 -0700") == time);
    const auto bad = GENERATE(values<const char*>({"2-Jan-2006 15:04:05 -0700", "02-Jan-2006 15:04:05",
                                                   "02-Foo-2006 15:04:05 -0700", "32-Jan-2006 15:04:05 -0700",
                                                   "02-Jan-2006 15:04:05 -07x0", " 2 Jan 2006 15:04:05 -0700"}));
    CHECK_FALSE(parse_internal_date(bad));
}
