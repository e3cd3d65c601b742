#include "server/imap/message_url.hpp"

#include <catch2/catch.hpp>

using namespace mox;
using imap::MessageUrl;
using imap::parse_message_url;
using imap::Partial;
using imap::Section;

TEST_CASE("URLs name messages and what is in them", "[imap]") {
    struct Row {
        std::string url;
        MessageUrl expected;
    };
    const std::uint64_t all = (1ULL << 63U) - 1;
    const std::vector<Row> rows{
        {"/Drafts/;UID=20", {.mailbox = "Drafts", .uid = 20}},
        {"/Drafts;UIDVALIDITY=7/;UID=20", {.mailbox = "Drafts", .uidvalidity = 7, .uid = 20}},
        {"/drafts;uidvalidity=7/;uid=20/;section=1.2.mime",
         {.mailbox = "drafts", .uidvalidity = 7, .uid = 20, .section = {{1, 2}, Section::Text::mime}}},
        {"/INBOX/;UID=1/;SECTION=HEADER", {.mailbox = "Inbox", .uid = 1, .section = {{}, Section::Text::header}}},
        {"/a/b/c/;UID=1/;SECTION=TEXT/;PARTIAL=0.1024",
         {.mailbox = "a/b/c", .uid = 1, .section = {{}, Section::Text::text}, .partial = Partial{0, 1024}}},
        {"/a/;UID=1/;PARTIAL=5", {.mailbox = "a", .uid = 1, .partial = Partial{5, all}}},
        {"/a/;UID=1/;SECTION=HEADER.FIELDS%20(Date%20From)",
         {.mailbox = "a", .uid = 1, .section = {{}, Section::Text::header_fields, {"Date", "From"}}}},
        {"/M%c3%bcll%20%26%3B/;UID=4294967295", {.mailbox = "M\u00fcll &;", .uid = 4294967295}},
        {";UID=3/;SECTION=2", {.uid = 3, .section = {{2}}}},
    };
    for (const auto& row : rows) {
        CAPTURE(row.url);
        const auto url = parse_message_url(row.url);
        REQUIRE(url);
        CHECK(*url == row.expected);
    }
}

TEST_CASE("what is no URL of a message here is told apart", "[imap]") {
    const std::vector<std::string> rows{
        "",
        "/",
        "/Drafts",
        "Drafts/;UID=1",
        "//host/Drafts/;UID=1",
        "imap://host/Drafts/;UID=1",
        "imap://mjl@mail.mox.example/Drafts/;UID=1",
        "/;UID=1",
        "/Drafts/;UID=0",
        "/Drafts/;UID=",
        "/Drafts/;UID=4294967296",
        "/Drafts/;UID=*",
        "/Drafts/;UID=1:2",
        "/Drafts/;UID=1/",
        "/Drafts/;UID=1/;SECTION=",
        "/Drafts/;UID=1/;SECTION=nonsense",
        "/Drafts/;UID=1/;SECTION=1.2/;SECTION=3",
        "/Drafts/;UID=1/;SECTION=1]%0d%0aBODY",
        "/Drafts/;UID=1/;PARTIAL=",
        "/Drafts/;UID=1/;PARTIAL=1.",
        "/Drafts/;UID=1/;PARTIAL=1.2.3",
        "/Drafts/;UID=1;EXPIRE=2030-01-01T00:00:00Z;URLAUTH=anonymous",
        "/Drafts;UIDVALIDITY=0/;UID=1",
        "/Drafts;UIDVALIDITY=x/;UID=1",
        "/Drafts;UIDVALIDITY=1;x/;UID=1",
        "/Dr;afts/;UID=1",
        "/Drafts?SUBJECT%20x/;UID=1",
        "/Dr%0/;UID=1",
        "/Dr%zz/;UID=1",
        "/Dr%00afts/;UID=1",
        "/" + std::string(imap::max_url_bytes, 'x') + "/;UID=1",
    };
    for (const auto& row : rows) {
        CAPTURE(row);
        CHECK_FALSE(parse_message_url(row));
    }
}
