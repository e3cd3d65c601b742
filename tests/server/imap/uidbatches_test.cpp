#include <catch2/catch.hpp>

#include "server/imap/mail_fixture.hpp"

using namespace mox;
using test::check_lines;
using test::Client;
using test::MailFixture;

TEST_CASE("UIDBATCHES tells UIDs that part a mailbox into batches", "[imap]") {
    MailFixture f;
    Client c(f);
    CHECK(c("a UIDBATCHES 1000") == "a BAD UIDBATCHES not in this state: select a mailbox first\r\n");
    (void)c("a SELECT Archive");
    check_lines(c, {
                       {"a UIDBATCHES 1000", "* UIDBATCHES (TAG \"a\")\r\na OK UIDBATCHES done\r\n"},
                       {"a UIDBATCHES 1000 1:1", "* UIDBATCHES (TAG \"a\")\r\na OK UIDBATCHES done\r\n"},
                   });
    f.deliver("Inbox");
    (void)c("a SELECT Inbox");
    for (int i = 0; i < 11; ++i) (void)c("a UID COPY 1:* Inbox");  // 2048
    (void)c("a STORE 2048,1,1000:1009 +FLAGS.SILENT \\Deleted");
    (void)c("a EXPUNGE");
    // 2036 messages are left, of the UIDs 2 to 999 and 1010 to 2047.
    check_lines(
        c, {
               {"a UIDBATCHES 5000", "* UIDBATCHES (TAG \"a\") 2047:1\r\na OK UIDBATCHES done\r\n"},
               {"a UIDBATCHES 2036", "* UIDBATCHES (TAG \"a\") 2047:1\r\na OK UIDBATCHES done\r\n"},
               {"a UIDBATCHES 2035", "* UIDBATCHES (TAG \"a\") 2047:3,2:1\r\na OK UIDBATCHES done\r\n"},
               {"a UIDBATCHES 1038", "* UIDBATCHES (TAG \"a\") 2047:1010,1009:1\r\na OK UIDBATCHES done\r\n"},
               {"a UIDBATCHES 500",
                "* UIDBATCHES (TAG \"a\") 2047:1548,1547:1048,1047:538,537:38,37:1\r\na OK UIDBATCHES done\r\n"},
               {"a UIDBATCHES 500 2:3", "* UIDBATCHES (TAG \"a\") 1547:1048,1047:538\r\na OK UIDBATCHES done\r\n"},
               {"a UIDBATCHES 500 5:9", "* UIDBATCHES (TAG \"a\") 37:1\r\na OK UIDBATCHES done\r\n"},
               {"a UIDBATCHES 500 6:6", "* UIDBATCHES (TAG \"a\")\r\na OK UIDBATCHES done\r\n"},
               {"a UIDBATCHES 499", "a NO [TOOFEW] UIDBATCHES batches have 500 messages at least\r\n"},
               {"a UIDBATCHES 1000 1:101", "a NO [TOOMANY] UIDBATCHES batches of 100000 messages together at most\r\n"},
               {"a UIDBATCHES 4294967295 1:4294967295",
                "a NO [TOOMANY] UIDBATCHES batches of 100000 messages together at most\r\n"},
               {"a UIDBATCHES 500 4:1", "a BAD UIDBATCHES syntax error: batches are counted upwards\r\n"},
               {"a UIDBATCHES 500 0:1", "a BAD UIDBATCHES syntax error: expected a number above 0\r\n"},
               {"a UIDBATCHES 500 6:", "a BAD UIDBATCHES syntax error: expected a number\r\n"},
               {"a UIDBATCHES 500 6", "a BAD UIDBATCHES syntax error: expected ':'\r\n"},
               {"a UIDBATCHES 500 1:2 x", "a BAD UIDBATCHES syntax error: unexpected text at the end\r\n"},
               {"a UIDBATCHES x", "a BAD UIDBATCHES syntax error: expected a number\r\n"},
               {"a UIDBATCHES", "a BAD UIDBATCHES syntax error: expected ' '\r\n"},
               {"a UID UIDBATCHES 500", "a BAD UID UIDBATCHES unknown command\r\n"},
           });
}
