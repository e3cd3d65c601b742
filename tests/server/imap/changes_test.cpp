#include <catch2/catch.hpp>

#include "server/imap/mail_fixture.hpp"
#include "store/junk_filter.hpp"
#include "store/training.hpp"

using namespace mox;
using test::check_lines;
using test::Client;
using test::MailFixture;

namespace {

const std::string ten = "\\Seen \\Answered \\Flagged \\Deleted \\Draft $Forwarded $Junk $NotJunk $Phishing $MDNSent";

}  // namespace

TEST_CASE("STORE changes flags and keywords and tells them", "[imap]") {
    MailFixture f;
    for (int i = 0; i < 3; ++i) f.deliver("Inbox");
    Client c(f, GENERATE(1U, 2U, 7U, 100'000U));
    (void)c("a SELECT Inbox");
    check_lines(
        c, {
               {"a STORE 1 +FLAGS (Kw3 \\Flagged)", "* FLAGS (" + ten +
                                                        " kw3)\r\n* 1 FETCH (UID 1 FLAGS (\\Flagged "
                                                        "kw3))\r\na OK STORE done\r\n"},
               {"a STORE 1 -FLAGS (kw3)", "* 1 FETCH (UID 1 FLAGS (\\Flagged))\r\na OK STORE done\r\n"},
               {"a STORE 1 -FLAGS (kw3)", "* 1 FETCH (UID 1 FLAGS (\\Flagged))\r\na OK STORE done\r\n"},
               {"a STORE 2 +FLAGS.SILENT (silentkw)", "* FLAGS (" + ten + " kw3 silentkw)\r\na OK STORE done\r\n"},
               {"a STORE 2 FLAGS kw3 \\Answered", "* 2 FETCH (UID 2 FLAGS (\\Answered kw3))\r\na OK STORE done\r\n"},
               {"a STORE 2 FLAGS ()", "* 2 FETCH (UID 2 FLAGS ())\r\na OK STORE done\r\n"},
               {"a UID STORE 2:3,9 +FLAGS $JUNK",
                "* 2 FETCH (UID 2 FLAGS ($Junk))\r\n* 3 FETCH (UID 3 FLAGS ($Junk))\r\na OK UID STORE done\r\n"},
               {"a UID STORE 9 +FLAGS (onlyuid)", "a OK UID STORE done\r\n"},
               {"a STORE 9 FLAGS (q)", "a BAD STORE no message 9 in the mailbox\r\n"},
               {"a STORE 2 +FLAGS (\\Recent)", "a BAD STORE syntax error: no flag that can be set: \\Recent\r\n"},
               {"a STORE 2 +FLAGS (\\*)", "a BAD STORE syntax error: expected an atom\r\n"},
               {"a STORE 2 +FLAGS (a]b)", "a BAD STORE syntax error: expected the end of the list of flags\r\n"},
               {"a STORE 2 FOO (a)", "a BAD STORE syntax error: expected FLAGS\r\n"},
               {"a STORE 0 FLAGS (a)", "a BAD STORE syntax error: expected a number above 0\r\n"},
               {"a STORE 2 (FOO 1) FLAGS (a)", "a BAD STORE syntax error: unknown modifier\r\n"},
           });
}

TEST_CASE("a mailbox that is open for reading only stays as it is", "[imap]") {
    MailFixture f;
    f.deliver("Inbox", f.message(), {.flags = model::Flag::deleted});
    Client c(f);
    (void)c("a EXAMINE Inbox");
    for (const std::string command : {"STORE 1 FLAGS (a)", "EXPUNGE", "UID EXPUNGE 1", "MOVE 1 Archive"})
        CHECK(c("a " + command).find("NO " + command.substr(0, command.find(" 1"))) != std::string::npos);
    CHECK(c("a COPY 1 Archive") == "a OK [COPYUID 897671823 1 1] COPY done\r\n");
    CHECK(c("a CLOSE") == "a OK CLOSE done\r\n");
    CHECK(c("a STATUS Inbox (MESSAGES)") == "* STATUS Inbox (MESSAGES 1)\r\na OK STATUS done\r\n");
}

TEST_CASE("COPY and MOVE tell the new UIDs and take keywords along", "[imap]") {
    MailFixture f;
    f.deliver("Inbox", f.message(), {.keywords = {"todo"}});
    for (int i = 0; i < 3; ++i) f.deliver("Inbox");
    Client c(f, GENERATE(1U, 2U, 7U, 100'000U));
    (void)c("a SELECT Inbox");
    check_lines(
        c, {
               {"a COPY 1:2 Archive", "a OK [COPYUID 897671823 1:2 1:2] COPY done\r\n"},
               {"a UID COPY 4,2,99 Archive", "a OK [COPYUID 897671823 2,4 3:4] UID COPY done\r\n"},
               {"a UID COPY 99 Archive", "a OK UID COPY done\r\n"},
               {"a COPY 1 Nope", "a NO [TRYCREATE] COPY no such mailbox\r\n"},
               {"a MOVE 1 Nope", "a NO [TRYCREATE] MOVE no such mailbox\r\n"},
               {"a COPY 9 Archive", "a BAD COPY no message 9 in the mailbox\r\n"},
               {"a MOVE 1,3 Trash",
                "* OK [COPYUID 897671827 1,3 1:2] moved\r\n* 1 EXPUNGE\r\n* 2 "
                "EXPUNGE\r\na OK MOVE done\r\n"},
               {"a UID MOVE 2 Trash", "* OK [COPYUID 897671827 2 3] moved\r\n* 1 EXPUNGE\r\na OK UID MOVE done\r\n"},
               {"a COPY 1 Inbox",
                "* 2 EXISTS\r\n* 1 RECENT\r\n* 2 FETCH (UID 5 FLAGS (\\Recent))\r\na OK [COPYUID 897671822 4 5] "
                "COPY done\r\n"},
               // Within the mailbox they get new UIDs.
               {"a MOVE 1 Inbox",
                "* OK [COPYUID 897671822 4 6] moved\r\n* 1 EXPUNGE\r\n* 2 EXISTS\r\n* 2 RECENT\r\n"
                "* 2 FETCH (UID 6 FLAGS (\\Recent))\r\na OK MOVE done\r\n"},
               {"a UID MOVE 1:* Inbox",
                "* OK [COPYUID 897671822 5:6 7:8] moved\r\n* 1 EXPUNGE\r\n* 1 EXPUNGE\r\n* 2 EXISTS\r\n"
                "* 2 RECENT\r\n* 1 FETCH (UID 7 FLAGS (\\Recent))\r\n* 2 FETCH (UID 8 FLAGS (\\Recent))\r\n"
                "a OK UID MOVE done\r\n"},
           });
    CHECK(c("a SELECT Archive").find(ten + " todo)") != std::string::npos);
    CHECK(c("a SELECT Trash").find(ten + " todo)") != std::string::npos);
}

TEST_CASE("EXPUNGE, UID EXPUNGE and CLOSE take what is deleted", "[imap]") {
    MailFixture f;
    for (int i = 0; i < 6; ++i)
        f.deliver("Inbox", f.message(), {.flags = i % 2 == 0 ? model::Flags(model::Flag::deleted) : model::Flags()});
    Client c(f, GENERATE(1U, 2U, 7U, 100'000U));
    (void)c("a SELECT Inbox");
    check_lines(c, {
                       {"a UID EXPUNGE 2:3", "* 3 EXPUNGE\r\na OK UID EXPUNGE done\r\n"},
                       {"a UID EXPUNGE 99", "a OK UID EXPUNGE done\r\n"},
                       {"a EXPUNGE", "* 1 EXPUNGE\r\n* 3 EXPUNGE\r\na OK EXPUNGE done\r\n"},
                       {"a EXPUNGE", "a OK EXPUNGE done\r\n"},
                       {"a STORE 1:2 +FLAGS.SILENT \\Deleted", "a OK STORE done\r\n"},
                       {"a CLOSE", "a OK CLOSE done\r\n"},
                       {"a STATUS Inbox (MESSAGES)", "* STATUS Inbox (MESSAGES 1)\r\na OK STATUS done\r\n"},
                       {"a EXPUNGE", "a BAD EXPUNGE not in this state: select a mailbox first\r\n"},
                       {"a UID EXPUNGE 1", "a BAD UID EXPUNGE not in this state: select a mailbox first\r\n"},
                   });
    (void)c("a SELECT Inbox");
    (void)c("a STORE 1 FLAGS \\Deleted");
    CHECK(c("a UNSELECT") == "a OK UNSELECT done\r\n");
    CHECK(c("a STATUS Inbox (MESSAGES)") == "* STATUS Inbox (MESSAGES 1)\r\na OK STATUS done\r\n");
    f.run_tasks();
    CHECK(f.other().database().value<int>("SELECT count(*) FROM erase_queue") == 0);
}

TEST_CASE("sessions in IDLE hear of changes at once, the one that made them does not hear twice", "[imap]") {
    MailFixture f;
    f.deliver("Inbox");
    Client a(f), b(f);
    (void)a("a SELECT Inbox");
    (void)b("a SELECT Inbox");
    CHECK(b("i IDLE") == "+ idling\r\n");
    CHECK(b.woken().empty());
    CHECK(a("b STORE 1 +FLAGS.SILENT (\\Seen)") == "b OK STORE done\r\n");
    CHECK(b.woken() == "* 1 FETCH (UID 1 FLAGS (\\Seen))\r\n");
    (void)a("c STORE 1 +FLAGS (\\Deleted kw)");
    CHECK(b.woken() == "* FLAGS (" + ten + " kw)\r\n* 1 FETCH (UID 1 FLAGS (\\Seen \\Deleted kw))\r\n");
    (void)a("d EXPUNGE");
    CHECK(b.woken() == "* 1 EXPUNGE\r\n");
    CHECK(b("DONE") == "i OK IDLE done\r\n");
    CHECK(a("e NOOP") == "e OK NOOP done\r\n");
    CHECK(b("i IDLE") == "+ idling\r\n");
    CHECK(b("nonsense") == "i BAD IDLE expected DONE\r\n");
    CHECK(b("j NOOP") == "j OK NOOP done\r\n");
}

TEST_CASE("changes of other processes reach sessions in IDLE", "[imap]") {
    MailFixture f;
    Client a(f);
    (void)a("a SELECT Inbox");
    (void)a("b IDLE");
    f.accounts.look_for_changes();
    f.run_tasks();
    CHECK(a.woken().empty());
    f.deliver("Inbox");
    f.accounts.look_for_changes();
    f.run_tasks();
    CHECK(a.woken() == "* 1 EXISTS\r\n* 1 RECENT\r\n* 1 FETCH (UID 1 FLAGS (\\Recent))\r\n");
    f.accounts.look_for_changes();
    f.run_tasks();
    CHECK(a.woken().empty());
}

TEST_CASE("FETCH tells of new messages by their number only, as flags would look like its answer", "[imap]") {
    MailFixture f;
    f.deliver("Inbox");
    Client c(f);
    (void)c("a SELECT Inbox");
    f.deliver("Inbox");
    CHECK(c("b UID FETCH 2:* (FLAGS RFC822.SIZE)") ==
          "* 1 FETCH (UID 1 RFC822.SIZE 112 FLAGS ())\r\n* 2 EXISTS\r\n* 1 RECENT\r\nb OK UID FETCH done\r\n");
    f.deliver("Inbox");
    CHECK(c("c NOOP") == "* 3 EXISTS\r\n* 2 RECENT\r\n* 3 FETCH (UID 3 FLAGS (\\Recent))\r\nc OK NOOP done\r\n");
    // A FETCH that has nothing new to tell leaves nothing behind.
    CHECK(c("d FETCH 1 UID") == "* 1 FETCH (UID 1)\r\nd OK FETCH done\r\n");
    f.deliver("Inbox");
    CHECK(c("e NOOP") == "* 4 EXISTS\r\n* 3 RECENT\r\n* 4 FETCH (UID 4 FLAGS (\\Recent))\r\ne OK NOOP done\r\n");
}

TEST_CASE("message numbers stay while STORE answers; expunged messages are told afterwards", "[imap]") {
    MailFixture f;
    for (int i = 0; i < 3; ++i) f.deliver("Inbox");
    Client a(f), b(f);
    (void)a("a SELECT Inbox");
    (void)b("a SELECT Inbox");
    (void)b("b STORE 1 +FLAGS \\Deleted");
    (void)b("b EXPUNGE");
    CHECK(a("c STORE 2 +FLAGS \\Seen") == "* 2 FETCH (UID 2 FLAGS (\\Seen))\r\nc OK STORE done\r\n");
    CHECK(a("d STORE 1:2 +FLAGS \\Flagged") ==
          "d NO [EXPUNGEISSUED] STORE some of the messages have been deleted by others\r\n");
    f.deliver("Inbox");
    CHECK(a("e STORE 3 +FLAGS \\Seen") ==
          "* 4 EXISTS\r\n* 1 RECENT\r\n* 4 FETCH (UID 4 FLAGS (\\Recent))\r\n* 3 FETCH (UID 3 FLAGS (\\Seen))\r\ne OK "
          "STORE done\r\n");
    // The file stays as long as a client may ask for it.
    f.run_tasks();
    CHECK(f.other().database().value<int>("SELECT count(*) FROM erase_queue") == 1);
    CHECK(a("f UID STORE 1:2 +FLAGS (kw)") ==
          "* FLAGS (" + ten + " kw)\r\n* 2 FETCH (UID 2 FLAGS (\\Seen kw))\r\n* 1 EXPUNGE\r\nf OK UID STORE done\r\n");
    (void)a("g NOOP");
    (void)b("g NOOP");
    (void)b("h EXPUNGE");
    (void)b("h STORE 1 +FLAGS \\Deleted");
    (void)b("h EXPUNGE");
    f.run_tasks();
    CHECK(f.other().database().value<int>("SELECT count(*) FROM erase_queue") == 1);  // the second, not the first
}

TEST_CASE("what clients mark as junk, the junk filter learns, and forgets", "[imap]") {
    MailFixture f;
    f.deliver("Inbox", f.message("cheap watches for everybody"));
    auto filter = store::open_junk_filter(f.other(), {}, std::chrono::seconds(5));
    (void)store::retrain(f.other(), filter, {});
    Client c(f);
    (void)c("a SELECT Inbox");
    (void)c("b STORE 1 +FLAGS ($Junk)");
    f.run_tasks();
    CHECK(filter.totals().spam == 1);
    (void)c("c STORE 1 +FLAGS (\\Deleted)");
    (void)c("d EXPUNGE");
    f.run_tasks();
    CHECK(filter.totals().spam == 0);
    CHECK(f.other().database().value<int>("SELECT count(*) FROM message") == 0);
}

TEST_CASE("a mailbox that others delete while it is selected loses its messages, and nothing fails", "[imap]") {
    MailFixture f;
    (void)f.deliver("Work");
    (void)f.deliver("Work");
    Client a(f), b(f);
    (void)a("a SELECT Work");
    CHECK(b("b DELETE Work") == "b OK DELETE done\r\n");
    check_lines(a, {
                       {"a STORE 1 +FLAGS (kw)",
                        "a NO [EXPUNGEISSUED] STORE some of the messages have been deleted by others\r\n"},
                       {"a FETCH 1 FLAGS", "a NO [EXPUNGEISSUED] FETCH some messages have been expunged\r\n"},
                       {"a SEARCH ALL", "* SEARCH 1 2\r\na OK SEARCH done\r\n"},
                       {"a UID STORE 1:2 +FLAGS (kw)", "* 1 EXPUNGE\r\n* 1 EXPUNGE\r\na OK UID STORE done\r\n"},
                       {"a UID STORE 1:2 +FLAGS (kw)", "a OK UID STORE done\r\n"},
                       {"a EXPUNGE", "a OK EXPUNGE done\r\n"},
                       {"a CLOSE", "a OK CLOSE done\r\n"},
                   });
}

TEST_CASE("keywords are told of before flags that have them", "[imap]") {
    MailFixture f;
    f.deliver("Inbox");
    Client a(f), b(f);
    (void)a("a SELECT Inbox");
    (void)b("b SELECT Inbox");
    (void)b("b STORE 1 +FLAGS.SILENT (new)");
    CHECK(a("a FETCH 1 FLAGS") ==
          "* FLAGS (" + ten +
              " new)\r\n* 1 FETCH (UID 1 FLAGS (new))\r\n* 1 FETCH (UID 1 FLAGS (new))\r\na OK FETCH done\r\n");
}
