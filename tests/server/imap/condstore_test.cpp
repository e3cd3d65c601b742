#include <catch2/catch.hpp>

#include "server/imap/mail_fixture.hpp"

using namespace mox;
using test::check_lines;
using test::Client;
using test::MailFixture;

namespace {

// What SELECT says behind its usual lines.
std::string after_mailbox_id(const std::string& answer) {
    const auto at = answer.find("] the mailbox\r\n");
    return at == std::string::npos ? answer : answer.substr(at + 15);
}

}  // namespace

TEST_CASE("conditional STORE changes only what did not change since", "[imap]") {
    MailFixture f;
    for (int i = 0; i < 3; ++i) f.deliver("Inbox");  // modseq 3, 4, 5
    Client c(f, GENERATE(1U, 2U, 7U, 100'000U));
    CHECK(c("a SELECT Inbox (CONDSTORE)").find("[HIGHESTMODSEQ 5]") != std::string::npos);
    check_lines(
        c,
        {
            {"a STORE 1 +FLAGS (\\Seen)", "* 1 FETCH (UID 1 FLAGS (\\Seen) MODSEQ (6))\r\na OK STORE done\r\n"},
            {"a STORE 1:2 (UNCHANGEDSINCE 4) +FLAGS (kw)",
             "* FLAGS (\\Seen \\Answered \\Flagged \\Deleted \\Draft $Forwarded $Junk $NotJunk $Phishing $MDNSent "
             "kw)\r\n* 1 FETCH (UID 1 FLAGS (\\Seen) MODSEQ (6))\r\n* 2 FETCH (UID 2 FLAGS (kw) MODSEQ (7))\r\na OK "
             "[MODIFIED 1] STORE not all messages were changed\r\n"},
            {"a UID STORE 1:3 (UNCHANGEDSINCE 1) +FLAGS (other)",
             "* 1 FETCH (UID 1 FLAGS (\\Seen) MODSEQ (6))\r\n* 2 FETCH (UID 2 FLAGS (kw) MODSEQ (7))\r\n* 3 FETCH (UID "
             "3 FLAGS () MODSEQ (5))\r\na OK [MODIFIED 1:3] UID STORE not all messages were changed\r\n"},
            {"a STORE 2 +FLAGS.SILENT (kw)", "a OK STORE done\r\n"},
            {"a STORE 3 +FLAGS.SILENT (kw)", "* 3 FETCH (UID 3 MODSEQ (8))\r\na OK STORE done\r\n"},
            {"a STORE 3 (UNCHANGEDSINCE) +FLAGS (kw)", "a BAD STORE syntax error: expected ' '\r\n"},
        });
    // A STORE that changed nothing leaves no keyword behind.
    CHECK(c("a SELECT Inbox").find("other") == std::string::npos);
}

TEST_CASE("QRESYNC tells what happened meanwhile", "[imap]") {
    MailFixture f;
    for (int i = 0; i < 5; ++i) f.deliver("Inbox");  // modseq 3 to 7
    Client c(f, GENERATE(1U, 2U, 7U, 100'000U));
    CHECK(c("a SELECT Inbox (QRESYNC (897671822 7))") == "a BAD SELECT QRESYNC must be enabled first\r\n");
    CHECK(c("a ENABLE qresync") == "* ENABLED qresync CONDSTORE\r\na OK ENABLE done\r\n");
    f.change([&](store::Transaction& tx) {
        const auto inbox = f.id_of("Inbox");
        (void)store::change_flags(tx, inbox, {{store::Uid{2}, store::Uid{2}}}, {.flags = model::Flag::seen});
        (void)store::expunge(tx, inbox, {{store::Uid{1}, store::Uid{1}}, {store::Uid{4}, store::Uid{4}}},
                             store::Expunge::all);
    });
    const auto select = [&](const std::string& parameters) {
        return after_mailbox_id(c("a SELECT Inbox (" + parameters + ")"));
    };
    const std::string done = "a OK [READ-WRITE] SELECT done\r\n";
    const std::string flags = "* 1 FETCH (UID 2 FLAGS (\\Seen) MODSEQ (8))\r\n";
    CHECK(select("QRESYNC (897671822 7)") == "* VANISHED (EARLIER) 1,4\r\n" + flags + done);
    CHECK(select("QRESYNC (897671822 8)") == done);
    CHECK(select("QRESYNC (897671821 7)") == done);
    CHECK(select("QRESYNC (897671822 7 1:3)") == "* VANISHED (EARLIER) 1\r\n" + flags + done);
    CHECK(select("QRESYNC (897671822 7 3:5 (1,2 3,5))") == "* VANISHED (EARLIER) 4\r\n" + done);
    CHECK(select("QRESYNC (897671822 7 (1 3))") == "* VANISHED (EARLIER) 1,4\r\n" + flags + done);
    CHECK(select("QRESYNC (897671822 3) CONDSTORE").find("* 2 FETCH (UID 3 FLAGS () MODSEQ (5))\r\n") !=
          std::string::npos);
    for (const std::string broken :
         {"QRESYNC", "QRESYNC ()", "QRESYNC (1)", "QRESYNC (1 1", "QRESYNC (1 1 (1))", "FOO"})
        CHECK(c("a SELECT Inbox (" + broken + ")").starts_with("a BAD SELECT syntax error: "));
    // What was forgotten is told by what is not there.
    f.other().database().exec("UPDATE account SET highest_deleted_modseq = 8");
    CHECK(select("QRESYNC (897671822 7)") == "* VANISHED (EARLIER) 1,4\r\n" + flags + done);
    CHECK(select("QRESYNC (897671822 7 2:100)") == "* VANISHED (EARLIER) 4\r\n" + flags + done);
}

TEST_CASE("with QRESYNC expunges are told as VANISHED", "[imap]") {
    MailFixture f;
    for (int i = 0; i < 5; ++i) f.deliver("Inbox");
    Client c(f);
    (void)c("a ENABLE QRESYNC");
    (void)c("a SELECT Inbox");
    (void)c("a STORE 1:2,4 +FLAGS.SILENT (\\Deleted)");
    CHECK(c("a EXPUNGE") == "* VANISHED 1:2,4\r\na OK [HIGHESTMODSEQ 9] EXPUNGE done\r\n");
    CHECK(c("a MOVE 1 Archive") ==
          "* OK [COPYUID 897671823 3 1] moved\r\n* VANISHED 3\r\na OK [HIGHESTMODSEQ 10] MOVE done\r\n");
}

TEST_CASE("many changes are told in pieces, all of them", "[imap]") {
    MailFixture f;
    for (int i = 0; i < 2; ++i) f.deliver("Inbox");
    f.change([&](store::Transaction& tx) {
        const auto inbox = f.id_of("Inbox");
        for (int i = 0; i < 11; ++i) (void)store::copy_messages(tx, inbox, {store::all_uids}, inbox);
    });
    Client a(f), b(f);
    CHECK(a("a SELECT Inbox").find("* 4096 EXISTS") != std::string::npos);
    (void)b("a SELECT Inbox");
    const auto count = [](const std::string& text, std::string_view what) {
        std::size_t found = 0;
        for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++found;
        return found;
    };
    CHECK(count(a("b STORE 1:* +FLAGS (\\Seen)"), " FETCH (UID ") == 4096);
    CHECK(count(b("b NOOP"), " FETCH (UID ") == 4096);
    CHECK(a("b STORE 1:* +FLAGS.SILENT (\\Deleted)") == "b OK STORE done\r\n");
    const std::string expunged = a("c EXPUNGE");
    CHECK(count(expunged, "* 1 EXPUNGE\r\n") == 4096);
    const std::string heard = b("c NOOP");
    CHECK(count(heard, "* 1 EXPUNGE\r\n") == 4096);
    CHECK(heard.ends_with("c OK NOOP done\r\n"));
    CHECK(b("d NOOP") == "d OK NOOP done\r\n");
}
