#include <catch2/catch.hpp>

#include "server/imap/appended.hpp"
#include "server/imap/limits.hpp"

using namespace mox;
using test::Client;
using test::contents_of;
using test::files_in_tmp;
using test::MailFixture;

namespace {

std::string literal(std::string_view text, bool plus = true) {
    return "{" + std::to_string(text.size()) + (plus ? "+}\r\n" : "}\r\n") + std::string(text);
}

const std::string header = "Subject: x\r\nDate: Thu, 05 Nov 2026 10:00:00 +0000\r\n\r\n";
const std::string part_header = "Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n";
const std::string mixed = "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n" + part_header +
                          "aGk=\r\n\r\n--b\r\n\r\nsecond\r\n\r\n--b--\r\n";

const std::string ok = "a OK [APPENDUID 897671822 ";

}  // namespace

TEST_CASE("CATENATE puts messages together of texts and of what is there", "[imap]") {
    const auto piece = GENERATE(1U, 3U, 100'000U);
    MailFixture f;
    f.deliver("Archive", header + "Hello.\r\n");
    f.deliver("Archive", mixed);
    Client c(f);
    const auto append = [&](const std::string& what) { return c.feed("a APPEND Inbox " + what + "\r\n", piece); };

    CHECK(append("(\\Seen) \" 5-Feb-2023 10:11:12 +0100\" CATENATE (URL \"/Archive/;UID=1/;SECTION=HEADER\" TEXT " +
                 literal("new\r\n") + ")") == ok + "1] APPEND done\r\n");
    CHECK(contents_of(f, "Inbox", 1) == header + "new\r\n");
    const auto placement = store::find_placement(f.other().database(), f.id_of("Inbox"), store::Uid{1}).value();
    CHECK(placement.flags == model::Flag::seen);
    CHECK(store::find_message(f.other().database(), placement.message).value().received.seconds == 1675588272);

    // Without any literal; of parts, as they are stored; in any case.
    CHECK(append("catenate (url /Archive;uidvalidity=897671823/;uid=1)") == ok + "2] APPEND done\r\n");
    CHECK(contents_of(f, "Inbox", 2) == header + "Hello.\r\n");
    CHECK(append("CATENATE (URL \"/Archive/;UID=2/;SECTION=1.MIME\" URL \"/Archive/;UID=2/;SECTION=1\""
                 " URL \"/Archive/;UID=2/;SECTION=TEXT/;PARTIAL=0.3\")") == ok + "3] APPEND done\r\n");
    CHECK(contents_of(f, "Inbox", 3) == part_header + "aGk=\r\n--b");
    CHECK(append("CATENATE (URL \"/Archive/;UID=1/;SECTION=HEADER.FIELDS%20(DATE)\" TEXT " + literal("") + " TEXT " +
                 literal("a\n") + ")") == ok + "4] APPEND done\r\n");
    CHECK(contents_of(f, "Inbox", 4) == "Date: Thu, 05 Nov 2026 10:00:00 +0000\r\n\r\na\r\n");

    // A URL as a literal, a text that waits for its continuation, and one in UTF-8 (RFC 6855).
    CHECK(append("CATENATE (URL " + literal("/Archive/;UID=1/;SECTION=HEADER", false) + " TEXT " +
                 literal("b\r\n", false) + " UTF8 (~" + literal("c\r\n") + "))") ==
          "+ go ahead\r\n+ go ahead\r\n" + ok + "5] APPEND done\r\n");
    CHECK(contents_of(f, "Inbox", 5) == header + "b\r\nc\r\n");
    CHECK(c.feed("a APPEND {5+}\r\nInbox CATENATE (URL /Archive/;UID=1)\r\n", piece) == ok + "6] APPEND done\r\n");

    // Several messages at once, put together and not.
    CHECK(append("CATENATE (URL /Archive/;UID=1/;SECTION=HEADER) (\\Answered) " + literal("Subject: y\r\n\r\n") +
                 " CATENATE (TEXT " + literal(header) + " URL /Archive/;UID=1/;SECTION=TEXT)") ==
          ok + "7:9] APPEND done\r\n");
    CHECK(contents_of(f, "Inbox", 7) == header);
    CHECK(contents_of(f, "Inbox", 8) == "Subject: y\r\n\r\n");
    CHECK(contents_of(f, "Inbox", 9) == header + "Hello.\r\n");

    // Of the mailbox that is selected.
    (void)c("b SELECT Archive");
    CHECK(append("CATENATE (URL \";UID=1/;SECTION=HEADER\" TEXT " + literal("d") + ")") == ok + "10] APPEND done\r\n");
    CHECK(contents_of(f, "Inbox", 10) == header + "d");
    CHECK(files_in_tmp(f) == 0);
}

TEST_CASE("a message that cannot be put together leaves nothing, and the next command is understood", "[imap]") {
    struct Row {
        std::string what, answer;
    };
    const std::string lost = "/Archive/;UID=9/;SECTION=1.2";
    const std::string missing = "there is no such message, or part of it\r\n";
    const std::string bad = "a NO [BADURL \"" + lost + "\"] APPEND " + missing;
    const auto row = GENERATE_COPY(values<Row>({
        {"CATENATE (URL \"" + lost + "\")\r\n", bad},
        {"CATENATE (URL \"" + lost + "\" TEXT " + literal("x") + ")\r\n", bad},
        {"CATENATE (URL \"" + lost + "\" TEXT {1}\r\n", bad},
        {"CATENATE (TEXT " + literal("x") + " URL \"" + lost + "\")\r\n", bad},
        {"CATENATE (TEXT " + literal("x") + " URL \"" + lost + "\" TEXT " + literal("y") + " URL /x/;UID=1)\r\n", bad},
        {"CATENATE (URL /Archive/;UID=1) CATENATE (URL \"" + lost + "\") " + literal("x") + "\r\n", bad},
        {"CATENATE (URL /Archive/;UID=1/;SECTION=3)\r\n",
         "a NO [BADURL \"/Archive/;UID=1/;SECTION=3\"] APPEND " + missing},
        {"CATENATE (URL \"/Arch\\\\ive\\\"\")\r\n", "a NO [BADURL \"/Arch\\\\ive\\\"\"] APPEND " + missing},
        {"CATENATE (URL {3+}\r\n\xc3\xa9\n)\r\n", "a NO [BADURL \"???\"] APPEND " + missing},
        {"CATENATE (URL /Archive;UIDVALIDITY=5/;UID=1)\r\n",
         "a NO [BADURL \"/Archive;UIDVALIDITY=5/;UID=1\"] APPEND " + missing},
        {"CATENATE (URL /Nope/;UID=1)\r\n", "a NO [BADURL \"/Nope/;UID=1\"] APPEND " + missing},
        {"CATENATE (URL ;UID=1)\r\n", "a NO [BADURL \";UID=1\"] APPEND " + missing},
        {"CATENATE (URL imap://other.example/Archive/;UID=1)\r\n",
         "a NO [BADURL \"imap://other.example/Archive/;UID=1\"] APPEND " + missing},
        {"CATENATE (URL /Archive/;UID=1/;PARTIAL=9999)\r\n", "a NO APPEND there is nothing to append\r\n"},
        {"CATENATE (TEXT " + literal("") + ")\r\n", "a NO APPEND there is nothing to append\r\n"},
        {"CATENATE (TEXT {1073741825}\r\n", "a NO [TOOBIG] APPEND the message is too large\r\n"},
        {"CATENATE (TEXT " + literal("x") + " TEXT {1073741824}\r\n",
         "a NO [TOOBIG] APPEND the message is too large\r\n"},
        {"CATENATE (URL {8193}\r\n", "a NO [BADURL \"\"] APPEND the URL is too long\r\n"},
        {"CATENATE\r\n", "a BAD APPEND syntax error: expected ' '\r\n"},
        {"CATENATE ()\r\n", "a BAD APPEND syntax error: expected TEXT or URL\r\n"},
        {"CATENATE (URL)\r\n", "a BAD APPEND syntax error: expected ' '\r\n"},
        {"CATENATE (TEXT x)\r\n", "a BAD APPEND syntax error: expected '{'\r\n"},
        {"CATENATE (URL /Archive/;UID=1 " + literal("x") + ")\r\n",
         "a BAD APPEND syntax error: expected TEXT or URL\r\n"},
        {"CATENATE (TEXT " + literal("x") + "\r\n", "a BAD APPEND syntax error: expected ' '\r\n"},
        {"CATENATE (URL /Archive/;UID=1) x\r\n", "a BAD APPEND syntax error: expected '{'\r\n"},
    }));
    const auto piece = GENERATE(1U, 100'000U);
    CAPTURE(row.what);
    MailFixture f;
    f.deliver("Archive", header + "Hello.\r\n");
    Client c(f);
    CHECK(c.feed("a APPEND Inbox " + row.what, piece) == row.answer);
    CHECK(c("b STATUS Inbox (MESSAGES UIDNEXT)") == "* STATUS Inbox (MESSAGES 0 UIDNEXT 1)\r\nb OK STATUS done\r\n");
    CHECK(files_in_tmp(f) == 0);
}

TEST_CASE("a mailbox that is not there is told before a URL that is not", "[imap]") {
    MailFixture f;
    Client c(f);
    CHECK(c("a APPEND Nope CATENATE (URL /x/;UID=1)") == "a NO [TRYCREATE] APPEND no such mailbox\r\n");
    CHECK(c.feed("a APPEND Nope CATENATE (TEXT " + literal("x") + " URL /x/;UID=1)\r\n") ==
          "a NO [TRYCREATE] APPEND no such mailbox\r\n");
}

TEST_CASE("what CATENATE takes of an account counts for its quota and for the limits of APPEND", "[imap]") {
    MailFixture f;
    f.deliver("Archive", header + std::string(100'000, 'x') + "\r\n");
    f.rules.most_bytes = 250'000;
    Client c(f);
    const std::string url = "URL /Archive/;UID=1";
    CHECK(c("a APPEND Inbox CATENATE (" + url + " " + url + ")") == "a NO [OVERQUOTA] APPEND the account is full\r\n");
    CHECK(c("a APPEND Inbox CATENATE (" + url + ")") == ok + "1] APPEND done\r\n");
    std::string many = "a APPEND Inbox CATENATE (URL /Archive/;UID=1/;SECTION=HEADER";
    for (std::size_t i = 0; i < imap::max_catenated_parts; ++i) many += " TEXT {0+}\r\n";
    CHECK(c.feed(many + ")\r\n") == "a NO [LIMIT] APPEND too many parts of a message\r\n");
    CHECK(files_in_tmp(f) == 0);
}

TEST_CASE("large messages are put together piece by piece", "[imap]") {
    MailFixture f;
    std::string text = header;
    while (text.size() < 3'000'000) text += "All work and no play makes Jack a dull boy.\r\n";
    f.deliver("Archive", text);
    Client c(f);
    CHECK(c.feed("a APPEND Inbox CATENATE (URL /Archive/;UID=1 TEXT " + literal("end\r\n") +
                 " URL /Archive/;UID=1/;SECTION=TEXT/;PARTIAL=1000000.1500000)\r\n") == ok + "1] APPEND done\r\n");
    CHECK(contents_of(f, "Inbox", 1) == text + "end\r\n" + text.substr(header.size() + 1'000'000, 1'500'000));
}

TEST_CASE("a client that vanishes in the middle of CATENATE leaves nothing", "[imap]") {
    MailFixture f;
    f.deliver("Archive", header + "Hello.\r\n");
    {
        Client c(f);
        CHECK(c.feed("a APPEND Inbox CATENATE (URL /Archive/;UID=1 TEXT {100+}\r\nabc").empty());
        CHECK(files_in_tmp(f) == 1);
    }
    CHECK(files_in_tmp(f) == 0);
}
