#include <catch2/catch.hpp>

#include "server/imap/mail_fixture.hpp"

using namespace mox;
using test::Client;
using test::MailFixture;

TEST_CASE("SELECT tells what is in a mailbox", "[imap]") {
    MailFixture f;
    f.deliver("Inbox", f.message(), {.flags = model::Flag::seen});
    f.deliver("Inbox", f.message(), {.keywords = {"todo", "work"}});
    Client c(f, GENERATE(1U, 2U, 7U, 100'000U));
    const std::string flags =
        "\\Seen \\Answered \\Flagged \\Deleted \\Draft $Forwarded $Junk $NotJunk $Phishing $MDNSent";
    const std::string answer = c("a SELECT inbox");
    CHECK(answer ==
          "* FLAGS (" + flags + " todo work)\r\n* OK [PERMANENTFLAGS (" + flags +
              " \\*)] flags that can be set\r\n* 0 RECENT\r\n* 2 EXISTS\r\n* OK [UNSEEN 2] first unseen message\r\n"
              "* OK [UIDVALIDITY 897671822] UIDs are valid\r\n* OK [UIDNEXT 3] next UID\r\n"
              "* OK [HIGHESTMODSEQ 4] newest change\r\n* OK [MAILBOXID (F1)] the mailbox\r\na "
              "OK [READ-WRITE] SELECT done\r\n");
    const std::string again = c("b EXAMINE \"InBoX\"");
    CHECK(again.starts_with("* OK [CLOSED] no mailbox is selected\r\n* FLAGS ("));
    CHECK(again.find("[PERMANENTFLAGS (" + flags + " \\*)]") != std::string::npos);
    CHECK(again.ends_with("b OK [READ-ONLY] EXAMINE done\r\n"));
    CHECK(c("c SELECT Nope") ==
          "* OK [CLOSED] no mailbox is selected\r\nc NO [NONEXISTENT] SELECT no such mailbox\r\n");
    (void)c("c ENABLE IMAP4rev2");
    const std::string rev2 = c("c SELECT Inbox");
    CHECK(rev2.find("* LIST () \"/\" Inbox\r\n") != std::string::npos);
    CHECK(rev2.find("RECENT") == std::string::npos);
    CHECK(rev2.find("UNSEEN") == std::string::npos);
    CHECK(c("d SELECT") == "d BAD SELECT syntax error: expected ' '\r\n");
}

TEST_CASE("changes by others are told when a command ends", "[imap]") {
    MailFixture f;
    f.deliver("Inbox");
    f.deliver("Inbox");
    Client c(f);
    (void)c("a SELECT Inbox");
    CHECK(c("b NOOP") == "b OK NOOP done\r\n");
    f.deliver("Inbox");
    CHECK(c("c NOOP") == "* 3 EXISTS\r\n* 1 RECENT\r\n* 3 FETCH (UID 3 FLAGS (\\Recent))\r\nc OK NOOP done\r\n");
    f.change([&](store::Transaction& tx) {
        (void)store::change_flags(tx, f.id_of("Inbox"), {{store::Uid{2}, store::Uid{2}}},
                                  {.flags = model::Flag::flagged, .keywords = {"new"}});
        (void)store::expunge(tx, f.id_of("Inbox"), {{store::Uid{1}, store::Uid{1}}}, store::Expunge::all);
    });
    CHECK(c("d NOOP") ==
          "* 1 EXPUNGE\r\n* FLAGS (\\Seen \\Answered \\Flagged \\Deleted \\Draft $Forwarded $Junk $NotJunk $Phishing "
          "$MDNSent new)\r\n* 1 FETCH (UID 2 FLAGS (\\Flagged new))\r\nd OK NOOP done\r\n");
    f.deliver("Archive");
    CHECK(c("e NOOP") == "e OK NOOP done\r\n");
}
