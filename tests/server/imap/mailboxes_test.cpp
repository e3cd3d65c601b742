#include <catch2/catch.hpp>

#include "server/imap/list_pattern.hpp"
#include "server/imap/mail_fixture.hpp"

using namespace mox;
using test::check_lines;
using test::Client;
using test::MailFixture;

TEST_CASE("mailboxes are made, renamed, deleted, subscribed", "[imap]") {
    MailFixture f;
    Client c(f, GENERATE(1U, 2U, 7U, 100'000U));
    (void)c("a ENABLE IMAP4rev2");
    check_lines(
        c,
        {
            {"a CREATE T/A/B",
             "* LIST (\\Subscribed) \"/\" T\r\n* LIST (\\Subscribed) \"/\" T/A\r\n* LIST (\\Subscribed) \"/\" "
             "T/A/B\r\na OK [MAILBOXID (F9)] CREATE done\r\n"},
            {"a CREATE T2/",
             "* LIST (\\Subscribed) \"/\" T2 (\"OLDNAME\" (\"T2/\"))\r\na OK [MAILBOXID (F10)] "
             "CREATE done\r\n"},
            {"a CREATE inbox", "a NO [ALREADYEXISTS] CREATE there is such a mailbox already\r\n"},
            {"a CREATE T/A/B", "a NO [ALREADYEXISTS] CREATE there is such a mailbox already\r\n"},
            {"a CREATE T3 (USE (\\Sent))", "* LIST (\\Subscribed) \"/\" T3\r\na OK [MAILBOXID (F11)] CREATE done\r\n"},
            {"a CREATE T4 (USE (\\All))", "a NO [USEATTR] CREATE no mailbox can have that special use\r\n"},
            {"a CREATE T4 (FOO)", "a BAD CREATE syntax error: unknown parameter\r\n"},
            {"a CREATE", "a BAD CREATE syntax error: expected ' '\r\n"},
            {"a RENAME Nope Q", "a NO [NONEXISTENT] RENAME no such mailbox\r\n"},
            {"a RENAME T T2", "a NO [ALREADYEXISTS] RENAME there is such a mailbox already\r\n"},
            {"a RENAME T Inbox", "a NO [ALREADYEXISTS] RENAME there is such a mailbox already\r\n"},
            {"a DELETE T", "a NO [HASCHILDREN] DELETE there are mailboxes below it\r\n"},
            {"a DELETE inbox", "a NO [CANNOT] DELETE Inbox cannot be deleted\r\n"},
            {"a DELETE Nope", "a NO [NONEXISTENT] DELETE no such mailbox\r\n"},
            {"a RENAME T X/Y", "a OK RENAME done\r\n"},
            {"a DELETE T2", "a OK DELETE done\r\n"},
            {"a SUBSCRIBE Later", "a OK SUBSCRIBE done\r\n"},
            {"a UNSUBSCRIBE Later", "a OK UNSUBSCRIBE done\r\n"},
            {"a UNSUBSCRIBE Later", "a NO [NONEXISTENT] UNSUBSCRIBE no such mailbox\r\n"},
            {"a UNSUBSCRIBE T3", "a OK UNSUBSCRIBE done\r\n"},
            {"a UNSUBSCRIBE T3", "a OK UNSUBSCRIBE done\r\n"},
            {"a LIST \"\" X*",
             "* LIST (\\HasChildren) \"/\" X\r\n* LIST (\\HasChildren) \"/\" X/Y\r\n* LIST "
             "(\\HasChildren) \"/\" X/Y/A\r\n* LIST (\\HasNoChildren) \"/\" X/Y/A/B\r\na OK LIST "
             "done\r\n"},
            {"a STATUS Nope (MESSAGES)", "a NO [NONEXISTENT] STATUS no such mailbox\r\n"},
        });
}

TEST_CASE("names that no mailbox can have are refused", "[imap]") {
    MailFixture f;
    Client c(f);
    for (const std::string name : {"\"\"", "/x", "x//y", "#x", "\"a\x01\"", "\"a/..\"", "\"e\xcc\x81\xff\""}) {
        CAPTURE(name);
        CHECK(c("a CREATE " + name).starts_with("a NO [CANNOT] CREATE mailbox name "));
        CHECK(c("a RENAME Archive " + name).starts_with("a NO [CANNOT] RENAME mailbox name "));
        CHECK(c("a SUBSCRIBE " + name).starts_with("a NO [CANNOT] SUBSCRIBE mailbox name "));
    }
}

TEST_CASE("renaming Inbox takes its messages along and leaves it", "[imap]") {
    MailFixture f;
    f.deliver("Inbox", f.message(), {.keywords = {"todo"}});
    Client c(f);
    CHECK(c("a RENAME Inbox Old/Mail") == "a OK RENAME done\r\n");
    CHECK(c("a STATUS Inbox (MESSAGES UIDNEXT)") == "* STATUS Inbox (MESSAGES 0 UIDNEXT 2)\r\na OK STATUS done\r\n");
    CHECK(c("a STATUS Old/Mail (MESSAGES UIDNEXT)") ==
          "* STATUS Old/Mail (MESSAGES 1 UIDNEXT 2)\r\na OK STATUS done\r\n");
    CHECK(c("a SELECT Inbox").find(" todo)") != std::string::npos);
    CHECK(c("a SELECT Old/Mail").find(" todo)") != std::string::npos);
}

TEST_CASE("LIST in all its forms", "[imap]") {
    MailFixture f;
    f.deliver("Inbox");
    f.deliver("Lists/C++/Müll");
    Client c(f, GENERATE(1U, 2U, 7U, 100'000U));
    (void)c("a SUBSCRIBE Later/On");
    (void)c("a UNSUBSCRIBE Lists/C++");
    (void)c("a UNSUBSCRIBE Lists");
    check_lines(
        c,
        {
            {"a LIST \"\" \"\"", "* LIST (\\Noselect) \"/\" \"\"\r\na OK LIST done\r\n"},
            {"a LIST \"\" inbox", "* LIST (\\HasNoChildren) \"/\" Inbox\r\na OK LIST done\r\n"},
            {"a LIST \"\" \"iNb%\"", "* LIST (\\HasNoChildren) \"/\" Inbox\r\na OK LIST done\r\n"},
            {"a LIST \"\" Arch*", "* LIST (\\HasNoChildren \\Archive) \"/\" Archive\r\na OK LIST done\r\n"},
            {"a LIST \"\" Lists/%", "* LIST (\\HasChildren) \"/\" Lists/C++\r\na OK LIST done\r\n"},
            {"a LIST Lists C%/%", "* LIST (\\HasNoChildren) \"/\" Lists/C++/M&APw-ll\r\na OK LIST done\r\n"},
            {"a LIST \"Lists/\" C%", "* LIST (\\HasChildren) \"/\" Lists/C++\r\na OK LIST done\r\n"},
            {"a LIST \"\" (Sent \"Inb*\")",
             "* LIST (\\HasNoChildren) \"/\" Inbox\r\n* LIST (\\HasNoChildren \\Sent) \"/\" Sent\r\na OK LIST "
             "done\r\n"},
            {"a LIST (SUBSCRIBED) \"\" L*",
             "* LIST (\\NonExistent \\HasNoChildren \\Subscribed) \"/\" Later/On\r\n* LIST (\\HasNoChildren "
             "\\Subscribed) \"/\" Lists/C++/M&APw-ll\r\na OK LIST done\r\n"},
            {"a LIST (SUBSCRIBED RECURSIVEMATCH) \"\" L%",
             "* LIST (\\NonExistent \\HasNoChildren) \"/\" Later (\"CHILDINFO\" (\"SUBSCRIBED\"))\r\n* LIST "
             "(\\HasChildren) \"/\" Lists (\"CHILDINFO\" (\"SUBSCRIBED\"))\r\na OK LIST done\r\n"},
            {"a LIST (SPECIAL-USE) \"\" *",
             "* LIST (\\HasNoChildren \\Archive) \"/\" Archive\r\n* LIST (\\HasNoChildren \\Drafts) \"/\" Drafts\r\n* "
             "LIST (\\HasNoChildren \\Junk) \"/\" Junk\r\n* LIST (\\HasNoChildren \\Sent) \"/\" Sent\r\n* LIST "
             "(\\HasNoChildren \\Trash) \"/\" Trash\r\na OK LIST done\r\n"},
            {"a LIST \"\" Inbox RETURN (SUBSCRIBED CHILDREN STATUS (MESSAGES UNSEEN))",
             "* LIST (\\HasNoChildren \\Subscribed) \"/\" Inbox\r\n* STATUS Inbox (MESSAGES 1 UNSEEN 1)\r\na OK LIST "
             "done\r\n"},
            {"a LIST \"\" Nope", "a OK LIST done\r\n"},
            {"a LIST (FOO) \"\" *", "a BAD LIST syntax error: unknown selection option\r\n"},
            {"a LIST (RECURSIVEMATCH) \"\" *", "a BAD LIST RECURSIVEMATCH needs SUBSCRIBED\r\n"},
            {"a LIST \"\" * RETURN (FOO)", "a BAD LIST syntax error: unknown return option\r\n"},
            {"a LIST \"\"", "a BAD LIST syntax error: expected ' '\r\n"},
            {"a LSUB \"\" *",
             "* LSUB () \"/\" Archive\r\n* LSUB () \"/\" Drafts\r\n* LSUB () \"/\" Inbox\r\n* LSUB () \"/\" "
             "Junk\r\n* LSUB () \"/\" Later/On\r\n* LSUB () \"/\" Lists/C++/M&APw-ll\r\n* LSUB () \"/\" Sent\r\n* LSUB "
             "() \"/\" Trash\r\na OK LSUB done\r\n"},
            {"a LSUB \"\" L%",
             "* LSUB (\\NoSelect) \"/\" Later\r\n* LSUB (\\NoSelect) \"/\" Lists\r\na OK LSUB done\r\n"},
            {"a NAMESPACE", "* NAMESPACE ((\"\" \"/\")) NIL NIL\r\na OK NAMESPACE done\r\n"},
            {"a ENABLE UTF8=ACCEPT foo", "* ENABLED UTF8=ACCEPT\r\na OK ENABLE done\r\n"},
            {"a LIST Lists C%/%", "* LIST (\\HasNoChildren) \"/\" \"Lists/C++/Müll\"\r\na OK LIST done\r\n"},
            {"a STATUS \"Lists/C++/Müll\" (MESSAGES)",
             "* STATUS \"Lists/C++/Müll\" (MESSAGES 1)\r\na OK STATUS done\r\n"},
        });
}

TEST_CASE("STATUS tells all its items", "[imap]") {
    MailFixture f;
    f.deliver("Inbox", f.message(), {.flags = model::Flag::deleted});
    f.deliver("Inbox", f.message(), {.flags = model::Flag::seen});
    Client c(f, GENERATE(1U, 2U, 7U, 100'000U));
    CHECK(c("a STATUS inbox (MESSAGES UIDNEXT UIDVALIDITY UNSEEN DELETED SIZE RECENT APPENDLIMIT HIGHESTMODSEQ "
            "MAILBOXID)") ==
          "* STATUS Inbox (MESSAGES 2 UIDNEXT 3 UIDVALIDITY 897671822 UNSEEN 1 DELETED 1 SIZE 224 RECENT 0 APPENDLIMIT "
          "1073741824 HIGHESTMODSEQ 4 MAILBOXID (F1))\r\na OK STATUS done\r\n");
    f.deliver("Archive");
    CHECK(c("a STATUS inbox (HIGHESTMODSEQ)") == "* STATUS Inbox (HIGHESTMODSEQ 4)\r\na OK STATUS done\r\n");
    CHECK(c("a STATUS inbox ()") == "a BAD STATUS syntax error: expected an atom\r\n");
    CHECK(c("a STATUS inbox (FOO)") == "a BAD STATUS syntax error: unknown item FOO\r\n");
}

TEST_CASE("patterns of LIST", "[imap]") {
    struct Pattern {
        std::string pattern, name;
        bool fits;
    };
    const auto row = GENERATE(values<Pattern>({
        {"*", "a/b", true},
        {"%", "a/b", false},
        {"%", "a", true},
        {"%/%", "a/b", true},
        {"a*b", "a/x/b", true},
        {"a%b", "a/x/b", false},
        {"a*", "b", false},
        {"", "", true},
        {"", "a", false},
        {"a%", "a", true},
        {"*a*", "bab", true},
        {"%b", "a/b", false},
        {"*%", "a/b", true},
        {"inBOX", "Inbox", true},
        {"inBOX/A", "Inbox/a", false},
        {"in*", "Inbox/a", true},
        {"archive", "Archive", false},
    }));
    CAPTURE(row.pattern, row.name);
    CHECK(imap::matches_pattern(row.name, row.pattern) == row.fits);
}

TEST_CASE("a pattern of many stars takes no time", "[imap]") {
    std::string pattern;
    for (int i = 0; i < 500; ++i) pattern += "*a";
    CHECK_FALSE(imap::matches_pattern(std::string(1000, 'a') + "b", pattern));
    CHECK(imap::matches_pattern(std::string(1000, 'a'), pattern));
}

TEST_CASE("clients of IMAP4rev2 hear of mailboxes that others change, and of their own only as they asked", "[imap]") {
    MailFixture f;
    Client a(f), b(f), old(f);
    (void)a("a ENABLE IMAP4rev2");
    (void)b("a ENABLE IMAP4rev2");
    (void)b("i IDLE");
    (void)old("i IDLE");
    CHECK(a("b CREATE New") == "* LIST (\\Subscribed) \"/\" New\r\nb OK [MAILBOXID (F7)] CREATE done\r\n");
    CHECK(b.woken() == "* LIST (\\Subscribed) \"/\" New\r\n");
    CHECK(a("b RENAME New Newer") == "b OK RENAME done\r\n");
    CHECK(b.woken() == "* LIST (\\Subscribed) \"/\" Newer\r\n");
    CHECK(a("b UNSUBSCRIBE Newer") == "b OK UNSUBSCRIBE done\r\n");
    CHECK(a("b DELETE Newer") == "b OK DELETE done\r\n");
    CHECK(b.woken() == "* LIST (\\NonExistent) \"/\" Newer\r\n");
    CHECK(old.woken().empty());
    CHECK(old("DONE") == "i OK IDLE done\r\n");
    CHECK(old("a CREATE T/A") == "a OK [MAILBOXID (F9)] CREATE done\r\n");
}

TEST_CASE("what clients of IMAP4rev1 make they subscribe to themselves", "[imap]") {
    MailFixture f;
    Client c(f);
    check_lines(
        c, {
               {"a CREATE New/One", "a OK [MAILBOXID (F8)] CREATE done\r\n"},
               {"a LSUB \"\" New*", "a OK LSUB done\r\n"},
               {"a LIST \"\" New* RETURN (SUBSCRIBED)",
                "* LIST (\\HasChildren) \"/\" New\r\n* LIST (\\HasNoChildren) \"/\" New/One\r\na OK LIST done\r\n"},
               {"a SUBSCRIBE New/One", "a OK SUBSCRIBE done\r\n"},
               {"a LSUB \"\" New%", "* LSUB (\\NoSelect) \"/\" New\r\na OK LSUB done\r\n"},
               {"a LSUB \"\" New*", "* LSUB () \"/\" New/One\r\na OK LSUB done\r\n"},
           });
}
