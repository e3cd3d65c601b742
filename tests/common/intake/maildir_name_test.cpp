#include "intake/maildir_name.hpp"

#include <catch2/catch.hpp>

using namespace mox;
using namespace mox::intake;

TEST_CASE("a maildir name has a base, letters and perhaps a delivery time", "[intake]") {
    struct Row {
        std::string name, base, letters;
        std::optional<std::int64_t> time;
    };
    const std::string base = "1030019783.M0P42.host";
    for (const auto& row : {
             Row{base, base, "", 1030019783},
             Row{base + ":2,RS", base, "RS", 1030019783},
             Row{base + ";2,RS", base, "RS", 1030019783},
             Row{base + "!2,RS", base, "RS", 1030019783},
             Row{base + ":2,", base, "", 1030019783},
             Row{base + ",S=5:2,Sa", base + ",S=5", "Sa", 1030019783},
             Row{base + ":2,Sa,extra", base, "Sa", 1030019783},
             Row{base + ":2,S:2,F", base, "S:2", 1030019783},
             Row{base + ":1,S", base + ":1,S", "", 1030019783},
             Row{base + ":2", base + ":2", "", 1030019783},
             Row{"999999999.a.b", "999999999.a.b", "", 999999999},
             Row{"9999999999.a.b", "9999999999.a.b", "", 9999999999},
             // No plausible time.
             Row{"099999999.a.b", "099999999.a.b", "", std::nullopt},
             Row{"0500000000.a.b", "0500000000.a.b", "", std::nullopt},
             Row{"10000000000.a.b", "10000000000.a.b", "", std::nullopt},
             Row{"99999999.a.b", "99999999.a.b", "", std::nullopt},
             Row{"-103001978.a.b", "-103001978.a.b", "", std::nullopt},
             Row{"103001978x.a.b", "103001978x.a.b", "", std::nullopt},
             Row{"1030019783", "1030019783", "", std::nullopt},
             Row{"1030019783.eml", "1030019783.eml", "", std::nullopt},
             Row{"1030019783.eml:2,S.x", "1030019783.eml", "S.x", std::nullopt},
             Row{"msg.a.b", "msg.a.b", "", std::nullopt},
             Row{"..", "..", "", std::nullopt},
             Row{":2,S", "", "S", std::nullopt},
             Row{"", "", "", std::nullopt},
         }) {
        INFO(row.name);
        const auto parsed = parse_maildir_name(row.name);
        CHECK(parsed.base == row.base);
        CHECK(parsed.letters == row.letters);
        CHECK(parsed.time == row.time);
    }
}

TEST_CASE("maildir files are ordered by number, then name", "[intake]") {
    const std::vector<std::string> ordered{"",  "0", "9.a.b", "10.a.b", "10.b.b", "010.c", "99999999999999999999999.x",
                                           "a", "b"};
    // "010.c" has the number of "10.a.b"; equal numbers are compared as bytes, where "0" comes before "1".
    const std::vector<std::string> expected{"0", "9.a.b", "010.c", "10.a.b", "10.b.b", "99999999999999999999999.x",
                                            "",  "a",     "b"};
    auto names = ordered;
    std::sort(names.begin(), names.end(), [](const auto& a, const auto& b) { return maildir_order(a, b); });
    CHECK(names == expected);
    for (const auto& name : names) CHECK_FALSE(maildir_order(name, name));
}

TEST_CASE("dovecot-keywords gives names by number, with gaps and in any order", "[intake]") {
    std::vector<std::string> problems;
    const auto keywords = parse_dovecot_keywords("25 zed\r\n0 $Junk\n\n3\tTabbed\n  4   spaced  \n7 \\Seen", problems);
    CHECK(problems.empty());
    CHECK(keywords.names[0] == "$Junk");
    CHECK(keywords.names[1].empty());
    CHECK(keywords.names[3] == "Tabbed");
    CHECK(keywords.names[4] == "spaced");
    CHECK(keywords.names[7] == "\\Seen");
    CHECK(keywords.names[25] == "zed");
}

TEST_CASE("bad lines of dovecot-keywords are described and skipped", "[intake]") {
    struct Row {
        std::string line, problem;
    };
    for (const auto& row : {
             Row{"26 late", "expected a number from 0 to 25"},
             Row{"-1 early", "expected a number from 0 to 25"},
             Row{"99999999999999999999 huge", "expected a number from 0 to 25"},
             Row{"nonumber", "expected a number from 0 to 25"},
             Row{"1x name", "expected a number from 0 to 25"},
             Row{"1", "has no name"},
             Row{"1   ", "has no name"},
             Row{"0 again", "is there twice"},
             Row{"2 bad(name", "is not valid"},
             Row{"2 two words", "is not valid"},
             Row{"2 \\Unknown", "is not valid"},
             Row{std::string("2 nul\0", 6), "is not valid"},
         }) {
        INFO(row.line);
        std::vector<std::string> problems;
        const auto keywords = parse_dovecot_keywords("0 first\n" + row.line + "\n5 last\n", problems);
        REQUIRE(problems.size() == 1);
        CHECK(problems[0].starts_with("2: "));
        CHECK(problems[0].find(row.problem) != std::string::npos);
        CHECK(keywords.names[0] == "first");
        CHECK(keywords.names[5] == "last");
    }
}

TEST_CASE("letters of maildir names become flags and keywords", "[intake]") {
    MaildirKeywords keywords;
    keywords.names[0] = "$Junk";
    keywords.names[1] = "\\Seen";
    keywords.names[2] = "Label";
    keywords.names[4] = "bad(name";
    struct Row {
        std::string letters;
        model::Flags flags;
        model::Keywords keywords;
        std::vector<std::string> rejected;
        std::string unknown;
    };
    using model::Flag;
    for (const auto& row : {
             Row{"", {}, {}, {}, ""},
             Row{"RSTDF", Flag::answered | Flag::seen | Flag::deleted | Flag::draft | Flag::flagged, {}, {}, ""},
             Row{"P", {}, {}, {}, ""},
             Row{"a", Flag::junk, {}, {}, ""},
             Row{"b", Flag::seen, {}, {}, ""},
             Row{"cc", {}, {"label"}, {}, ""},
             Row{"d", {}, {}, {}, "d"},
             Row{"ee", {}, {"bad_name"}, {}, ""},
             Row{"sXz0Xz", {}, {}, {}, "sXz0"},
         }) {
        INFO(row.letters);
        model::FlagsAndKeywords marks;
        CHECK(add_maildir_letters(marks, row.letters, keywords) == row.unknown);
        CHECK(marks.flags == row.flags);
        CHECK(marks.keywords == row.keywords);
        CHECK(marks.rejected == row.rejected);
    }
}
