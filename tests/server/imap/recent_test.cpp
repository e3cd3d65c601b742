#include <catch2/catch.hpp>

#include "server/imap/mail_fixture.hpp"

using namespace mox;
using test::check_lines;
using test::Client;
using test::MailFixture;

namespace {

bool has(const std::string& text, std::string_view what) {
    return text.find(what) != std::string::npos;
}

}  // namespace

TEST_CASE("messages are recent to the first session that is told of them", "[imap]") {
    MailFixture f;
    f.deliver("Inbox");
    Client a(f), b(f);
    CHECK(a("a STATUS Inbox (RECENT)") == "* STATUS Inbox (RECENT 0)\r\na OK STATUS done\r\n");
    f.deliver("Inbox");
    f.deliver("Inbox");
    CHECK(a("a STATUS Inbox (RECENT)") == "* STATUS Inbox (RECENT 2)\r\na OK STATUS done\r\n");
    // To look at them only does not change anything.
    CHECK(has(a("a EXAMINE Inbox"), "* 2 RECENT\r\n"));
    CHECK(has(b("b SELECT Inbox"), "* 2 RECENT\r\n"));
    check_lines(b, {
                       {"b FETCH 1:* FLAGS",
                        "* 1 FETCH (UID 1 FLAGS ())\r\n* 2 FETCH (UID 2 FLAGS (\\Recent))\r\n"
                        "* 3 FETCH (UID 3 FLAGS (\\Recent))\r\nb OK FETCH done\r\n"},
                       {"b STORE 2 +FLAGS (\\Seen kw)",
                        "* FLAGS (\\Seen \\Answered \\Flagged \\Deleted \\Draft $Forwarded $Junk $NotJunk $Phishing"
                        " $MDNSent kw)\r\n* 2 FETCH (UID 2 FLAGS (\\Recent \\Seen kw))\r\nb OK STORE done\r\n"},
                       {"b SEARCH RECENT", "* SEARCH 2 3\r\nb OK SEARCH done\r\n"},
                       {"b SEARCH NEW", "* SEARCH 3\r\nb OK SEARCH done\r\n"},
                       {"b SEARCH OLD", "* SEARCH 1\r\nb OK SEARCH done\r\n"},
                       {"b SEARCH NOT NEW", "* SEARCH 1 2\r\nb OK SEARCH done\r\n"},
                       {"b STATUS Inbox (RECENT)", "* STATUS Inbox (RECENT 0)\r\nb OK STATUS done\r\n"},
                   });
    // They are recent to nobody else, and to this session only as long as it lasts.
    CHECK(has(a("a SELECT Inbox"), "* 0 RECENT\r\n"));
    CHECK(has(b("b SELECT Inbox"), "* 0 RECENT\r\n"));

    f.deliver("Inbox");
    CHECK(a("a NOOP") == "* 4 EXISTS\r\n* 1 RECENT\r\n* 4 FETCH (UID 4 FLAGS (\\Recent))\r\na OK NOOP done\r\n");
    CHECK(b("b NOOP") == "* 4 EXISTS\r\n* 0 RECENT\r\n* 4 FETCH (UID 4 FLAGS ())\r\nb OK NOOP done\r\n");
    f.deliver("Inbox");
    CHECK(b("b NOOP") == "* 5 EXISTS\r\n* 1 RECENT\r\n* 5 FETCH (UID 5 FLAGS (\\Recent))\r\nb OK NOOP done\r\n");
    CHECK(a("a NOOP") == "* 5 EXISTS\r\n* 1 RECENT\r\n* 5 FETCH (UID 5 FLAGS ())\r\na OK NOOP done\r\n");
    // An expunged one does not count.
    CHECK(a("a STORE 4 FLAGS (\\Deleted)") == "* 4 FETCH (UID 4 FLAGS (\\Recent \\Deleted))\r\na OK STORE done\r\n");
    (void)a("a EXPUNGE");
    f.deliver("Inbox");
    CHECK(a("a NOOP") == "* 5 EXISTS\r\n* 1 RECENT\r\n* 5 FETCH (UID 6 FLAGS (\\Recent))\r\na OK NOOP done\r\n");
}

TEST_CASE("what is copied into a mailbox is recent there; sessions that come later hear of it too", "[imap]") {
    MailFixture f;
    f.deliver("Inbox");
    {
        Client c(f);
        (void)c("a SELECT Inbox");
        (void)c("a COPY 1 Archive");
    }
    f.run_tasks();
    Client c(f);
    CHECK(c("a LIST \"\" Archive RETURN (STATUS (RECENT))") ==
          "* LIST (\\HasNoChildren \\Archive) \"/\" Archive\r\n* STATUS Archive (RECENT 1)\r\na OK LIST done\r\n");
    CHECK(has(c("a SELECT Archive"), "* 1 RECENT\r\n"));
}

TEST_CASE("clients of IMAP4rev2 hear nothing of recent messages and leave them to others", "[imap]") {
    MailFixture f;
    Client c(f), other(f);
    (void)c("a ENABLE IMAP4rev2");
    (void)c("a STATUS Inbox (MESSAGES)");
    f.deliver("Inbox");
    CHECK_FALSE(has(c("a SELECT Inbox"), "RECENT"));
    CHECK(c("a FETCH 1 FLAGS") == "* 1 FETCH (UID 1 FLAGS ())\r\na OK FETCH done\r\n");
    f.deliver("Inbox");
    CHECK(c("a NOOP") == "* 2 EXISTS\r\n* 2 FETCH (UID 2 FLAGS ())\r\na OK NOOP done\r\n");
    CHECK(has(other("a SELECT Inbox"), "* 2 RECENT\r\n"));
}
