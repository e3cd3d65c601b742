#include <catch2/catch.hpp>

#include "server/imap/appended.hpp"
#include "server/imap/limits.hpp"

using namespace mox;
using test::Client;
using test::contents_of;
using test::files_in_tmp;
using test::MailFixture;

namespace {

std::string head_of(std::string_view contents, bool plus = true) {
    return "{" + std::to_string(contents.size()) + (plus ? "+}\r\n" : "}\r\n");
}

}  // namespace

TEST_CASE("APPEND puts messages into mailboxes, however the bytes arrive", "[imap]") {
    const auto piece = GENERATE(1U, 2U, 7U, 100'000U);
    MailFixture f;
    Client c(f);
    const std::string text = f.message();
    CHECK(c.feed("a APPEND Inbox (\\Seen Custom1 custom1 $Forwarded) \" 5-Feb-2023 10:11:12 +0100\" " + head_of(text) +
                     text + "\r\nb NOOP\r\n",
                 piece) == "a OK [APPENDUID 897671822 1] APPEND done\r\nb OK NOOP done\r\n");
    CHECK(contents_of(f, "Inbox", 1) == text);
    const auto placement = store::find_placement(f.other().database(), f.id_of("Inbox"), store::Uid{1}).value();
    CHECK(placement.flags == (model::Flag::seen | model::Flag::forwarded));
    CHECK(placement.keywords == model::Keywords{"custom1"});
    const auto message = store::find_message(f.other().database(), placement.message).value();
    CHECK(message.received.seconds == 1675588272);
    CHECK(message.received.offset_minutes == 60);

    // One literal waits for its continuation, also as the mailbox.
    CHECK(c.feed("a APPEND {5}\r\nInbox " + head_of(text, false) + text + "\r\n", piece) ==
          "+ go ahead\r\n+ go ahead\r\na OK [APPENDUID 897671822 2] APPEND done\r\n");
    // Several at once; binary; UTF8 (RFC 6855).
    CHECK(c.feed("a APPEND \"Inbox\" " + head_of(text) + text + " (\\Seen) ~" + head_of(text) + text + " UTF8 (~" +
                     head_of(text) + text + ")\r\n",
                 piece) == "a OK [APPENDUID 897671822 3:5] APPEND done\r\n");
    CHECK(contents_of(f, "Inbox", 5) == text);
    // Bare LFs become CRLF.
    const std::string bare = "Subject: x\n\nfirst\r\nsecond\n\nthird\r\n";
    CHECK(c.feed("a APPEND Inbox " + head_of(bare) + bare + "\r\n", piece) ==
          "a OK [APPENDUID 897671822 6] APPEND done\r\n");
    CHECK(contents_of(f, "Inbox", 6) == "Subject: x\r\n\r\nfirst\r\nsecond\r\n\r\nthird\r\n");
    CHECK(files_in_tmp(f) == 0);
}

TEST_CASE("an APPEND that cannot be done leaves nothing, and the next command is understood", "[imap]") {
    struct Row {
        std::string client, server;
    };
    const std::string text = MailFixture::message();
    const std::string more = head_of(text) + text;
    const auto row = GENERATE_COPY(values<Row>({
        {"a APPEND Nope " + head_of(text, false), "a NO [TRYCREATE] APPEND no such mailbox\r\n"},
        {"a APPEND Nope " + more + "\r\n", "a NO [TRYCREATE] APPEND no such mailbox\r\n"},
        {"a APPEND Nope " + more + " " + more + "\r\n", "a NO [TRYCREATE] APPEND no such mailbox\r\n"},
        {"a APPEND Nope " + more + " " + head_of(text, false), "a NO [TRYCREATE] APPEND no such mailbox\r\n"},
        {"a APPEND Inbox " + more + " (\\Foo) " + more + "\r\n",
         "a BAD APPEND syntax error: no flag that can be set: \\Foo\r\n"},
        {"a APPEND Inbox " + more + " nonsense\r\n", "a BAD APPEND syntax error: expected '{'\r\n"},
        {"a APPEND Inbox " + more + "nonsense\r\n", "a BAD APPEND syntax error: expected ' '\r\n"},
        {"a APPEND Inbox " + more + "\"x\" {3+}\r\nabc\r\n", "a BAD APPEND syntax error: expected ' '\r\n"},
        {"a APPEND Inbox UTF8 (~" + more + "\r\n", "a BAD APPEND syntax error: expected ')'\r\n"},
        {"a APPEND Inbox (\\Recent) " + more + "\r\n",
         "a BAD APPEND syntax error: no flag that can be set: \\Recent\r\n"},
        {"a APPEND Inbox \"5-Foo-2023 10:11:12 +0100\" " + more + "\r\n",
         "a BAD APPEND syntax error: no date and time\r\n"},
        {"a APPEND Inbox {0+}\r\n\r\n", "a NO APPEND there is nothing to append\r\n"},
        {"a APPEND Inbox {0}\r\n", "a NO APPEND there is nothing to append\r\n"},
        {"a APPEND Inbox {1073741825}\r\n", "a NO [TOOBIG] APPEND the message is too large\r\n"},
        {"a APPEND Inbox {99999999999999999999999}\r\n", "a BAD APPEND syntax error: number too large\r\n"},
        {"a APPEND Inbox\r\n", "a BAD APPEND syntax error: expected ' '\r\n"},
        {"a APPEND Inbox x {3+}\r\nabc\r\n", "a BAD APPEND syntax error: expected '{'\r\n"},
        {"a APPEND {102401}\r\n", "a BAD [TOOBIG] APPEND literal too big\r\n"},
    }));
    const auto piece = GENERATE(1U, 100'000U);
    CAPTURE(row.client);
    MailFixture f;
    Client c(f);
    CHECK(c.feed(row.client, piece) == row.server);
    CHECK(c("b STATUS Inbox (MESSAGES UIDNEXT)") == "* STATUS Inbox (MESSAGES 0 UIDNEXT 1)\r\nb OK STATUS done\r\n");
    CHECK(files_in_tmp(f) == 0);
}

TEST_CASE("a message beyond the limit that comes unasked ends the connection", "[imap]") {
    MailFixture f;
    Client c(f);
    CHECK(c.feed("a APPEND Inbox {1073741825+}\r\n") ==
          "* BYE [ALERT] the message is too large\r\na NO [TOOBIG] APPEND the message is too large\r\n");
    CHECK(c.next() == net::Next::close);
}

TEST_CASE("a client that vanishes in the middle of an APPEND leaves nothing", "[imap]") {
    MailFixture f;
    const std::string text = f.message();
    {
        Client c(f);
        CHECK(c.feed("a APPEND Inbox " + head_of(text) + text + " " + head_of(text) + text.substr(0, 50)).empty());
        CHECK(files_in_tmp(f) == 2);
    }
    CHECK(files_in_tmp(f) == 0);
    CHECK(f.other().database().value<int>("SELECT count(*) FROM message") == 0);
}

TEST_CASE("APPEND to the selected mailbox is told with its EXISTS", "[imap]") {
    MailFixture f;
    Client c(f);
    (void)c("a SELECT Inbox");
    const std::string text = f.message();
    CHECK(c.feed("a APPEND Inbox " + head_of(text) + text + "\r\n") ==
          "* 1 EXISTS\r\n* 1 RECENT\r\n* 1 FETCH (UID 1 FLAGS (\\Recent))\r\na OK [APPENDUID 897671822 1] APPEND "
          "done\r\n");
}

TEST_CASE("a large message goes to a file as it comes", "[imap]") {
    MailFixture f;
    Client c(f);
    std::string text = f.message();
    while (text.size() < 3'000'000) text += "All work and no play makes Jack a dull boy.\r\n";
    std::string out = c.feed("a APPEND Inbox " + head_of(text));
    for (std::size_t at = 0; at < text.size(); at += 16'384) out += c.feed(text.substr(at, 16'384));
    out += c.feed("\r\n");
    CHECK(out == "a OK [APPENDUID 897671822 1] APPEND done\r\n");
    CHECK(contents_of(f, "Inbox", 1) == text);
}

TEST_CASE("an account whose database cannot be written answers with an error and keeps nothing", "[imap]") {
    MailFixture f;
    Client c(f);
    (void)c("a STATUS Inbox (MESSAGES)");
    const std::string text = f.message();
    std::filesystem::remove_all(f.layout.tmp());
    f.dir.write("data/tmp", "not a folder");
    CHECK(c.feed("a APPEND Inbox " + head_of(text) + text + "\r\n") ==
          "a NO [SERVERBUG] APPEND an error of the server\r\n");
    std::filesystem::remove(f.layout.tmp());
    std::filesystem::create_directory(f.layout.tmp());
    CHECK(c.feed("a APPEND Inbox " + head_of(text) + text + "\r\n") == "a OK [APPENDUID 897671822 1] APPEND done\r\n");
}

TEST_CASE("an account that may have no more bytes gets no more messages, but can move them", "[imap]") {
    MailFixture f;
    Client c(f);
    const std::string text = f.message();
    f.rules.most_bytes = 250;
    const std::string command = "a APPEND Inbox " + head_of(text) + text + "\r\n";
    CHECK(c.feed(command) == "a OK [APPENDUID 897671822 1] APPEND done\r\n");
    CHECK(c.feed(command) == "a OK [APPENDUID 897671822 2] APPEND done\r\n");
    CHECK(c.feed(command) == "a NO [OVERQUOTA] APPEND the account is full\r\n");
    (void)c("b SELECT Inbox");
    CHECK(c("c COPY 1 Archive") == "c NO [OVERQUOTA] COPY the account is full\r\n");
    CHECK(c("d MOVE 1 Archive") == "* OK [COPYUID 897671823 1 1] moved\r\n* 1 EXPUNGE\r\nd OK MOVE done\r\n");
    f.rules.most_bytes = 0;
    CHECK(c("e COPY 1 Archive") == "e OK [COPYUID 897671823 2 2] COPY done\r\n");
    CHECK(files_in_tmp(f) == 0);
}

TEST_CASE("the account's rules for junk flags hold for what comes into a mailbox", "[imap]") {
    MailFixture f;
    f.rules.junk_flags = model::AutomaticJunkFlags({.enabled = true, .junk = "^spam", .neutral = "^inbox"});
    Client c(f);
    const std::string text = f.message();
    (void)c("a CREATE Spam");
    (void)c("a CREATE Work");
    (void)c.feed("a APPEND Spam " + head_of(text) + text + "\r\n");
    (void)c.feed("a APPEND Work ($Junk) " + head_of(text) + text + "\r\n");
    (void)c.feed("a APPEND Inbox ($Junk) " + head_of(text) + text + "\r\n");
    const auto flags = [&](std::string_view mailbox) {
        return store::find_placement(f.other().database(), f.id_of(mailbox), store::Uid{1}).value().flags;
    };
    CHECK(flags("Spam") == model::Flag::junk);
    CHECK(flags("Work") == model::Flag::not_junk);
    CHECK(flags("Inbox") == model::Flags());
    (void)c("a SELECT Work");
    (void)c("a MOVE 1 Junk");
    CHECK(flags("Junk") == model::Flag::junk);
}

TEST_CASE("all messages of one APPEND together are limited", "[imap]") {
    const auto piece = GENERATE(1U, 7U, 100'000U);
    MailFixture f;
    Client c(f, piece);
    const std::string text = f.message();
    const auto size = static_cast<std::int64_t>(text.size());
    const std::string one = head_of(text) + text, two = "a APPEND Inbox " + one + " " + one;
    const std::string status = "b STATUS Inbox (MESSAGES)",
                      none = "* STATUS Inbox (MESSAGES 0)\r\nb OK STATUS done\r\n";
    f.environment.most_appended_bytes = 2 * size - 1;
    CHECK(c.feed(two + "\r\n", piece) == "a NO [LIMIT] APPEND too much at once\r\n");
    CHECK(c(status) == none);
    // Who waits for a continuation is told at once, and sends the second one no more.
    CHECK(c.feed("a APPEND Inbox " + one + " " + head_of(text, false), piece) ==
          "a NO [LIMIT] APPEND too much at once\r\n");
    CHECK(c(status) == none);
    CHECK(files_in_tmp(f) == 0);
    f.environment.most_appended_bytes = 2 * size;
    CHECK(c.feed(two + "\r\n", piece) == "a OK [APPENDUID 897671822 1:2] APPEND done\r\n");
    CHECK(c.feed(two + " " + one + "\r\n", piece) == "a NO [LIMIT] APPEND too much at once\r\n");
}
