#include "intake/from_line.hpp"

#include <catch2/catch.hpp>
#include <string>

using namespace mox;
using namespace mox::intake;

TEST_CASE("a From line gives its date in every known form", "[intake]") {
    struct Row {
        std::string line;
        std::int64_t seconds;
    };
    for (const auto& row : {
             Row{"From a@b.example Thu Aug 22 12:36:23 2002", 1030019783},
             Row{"From a@b.example Thu Aug  2 12:36:23 2002", 1028291783},
             Row{"From a@b.example  Thu  Aug   2 12:36:23  2002 ", 1028291783},
             Row{"From a@b.example Thu Aug 22 12:36:23 UTC 2002", 1030019783},
             Row{"From a@b.example Thu Aug 22 14:36:23 +0200 2002", 1030019783},
             Row{"From a@b.example Thu Aug 22 14:36:23 2002 +0200", 1030019783},
             Row{"From a@b.example Thu Aug 22 12:36:23 2002 GMT", 1030019783},
             Row{"From a@b.example Thu, 22 Aug 2002 14:36:23 +0200", 1030019783},
             Row{"From uucp!path Thu Aug 22 12:36:23 2002 remote from gateway", 1030019783},
             Row{"From a Thu Aug 22 12:36:23 UTC 2002 remote from gateway", 1030019783},
             Row{"From a@b.example Thu Aug 22 12:36 2002", 1030019760},
             Row{"From - Thu Aug 22 12:36:23 2002", 1030019783},
             Row{"From ???@??? Thu Aug 22 12:36:23 2002", 1030019783},
             Row{"From \"a b\"@c.example Thu Aug 22 12:36:23 2002", 1030019783},
             Row{"From Some One Thu Aug 22 12:36:23 2002", 1030019783},
             Row{"From Thu Thu Aug 22 12:36:23 2002", 1030019783},
             Row{"From Thu Aug 22 12:36:23 2002", 1030019783},
             Row{"From  Thu Aug 22 12:36:23 2002", 1030019783},
             Row{"From a@b.example thu aug 22 12:36:23 2002", 1030019783},
             Row{"From a@b.example Thu Aug 22 12:36:23 1968", -42895417},
         }) {
        INFO(row.line);
        const auto date = parse_from_line(row.line);
        REQUIRE(date);
        CHECK(date->seconds == row.seconds);
    }
}

TEST_CASE("a line without a sender and a date is no From line", "[intake]") {
    for (const std::string line : {
             "",
             "From",
             "From ",
             "From a@b.example",
             "From a@b.example Thu Aug 22 2002",
             "From a@b.example 12:36:23 2002",
             "From a@b.example Thu Aug 32 12:36:23 2002",
             "From a@b.example Thu Aug 22 24:36:23 2002",
             "From a@b.example Thu Aux 22 12:36:23 2002",
             "From a@b.example Thx Aug 22 12:36:23 2002",
             "From a@b.example Thu Aug 22 12:36:23 02",
             "From a@b.example Thu Aug 22 12:36:23 2002 and more",
             "From a@b.example Thu Aug 22 12 2002",
             "From a@b.example Thu Aug 22 1:2:3:4 2002",
             "From a@b.example Thu Aug 22 12:36:23 +02 2002",
             "From a@b.example Thu Aug 22 12:36:23 later 2002",
             "From now on we meet on Thu Aug 22, at noon",
             "From Thu, 22 Aug we are closed until 2003",
             "From a@b.example Thu, 22 Aug 2002",
             "from a@b.example Thu Aug 22 12:36:23 2002",
             ">From a@b.example Thu Aug 22 12:36:23 2002",
             "From: a@b.example Thu Aug 22 12:36:23 2002",
             "From\ta@b.example Thu Aug 22 12:36:23 2002",
         }) {
        INFO(line);
        CHECK_FALSE(parse_from_line(line));
    }
    const std::string filler(max_from_line_bytes, 'x');
    CHECK_FALSE(parse_from_line("From " + filler + " Thu Aug 22 12:36:23 2002"));
}
