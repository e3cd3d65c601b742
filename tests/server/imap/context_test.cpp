#include <catch2/catch.hpp>

#include "server/imap/context.hpp"
#include "server/imap/limits.hpp"
#include "server/imap/mail_fixture.hpp"

using namespace mox;
using imap::ContextRun;
using test::check_lines;
using test::Client;
using test::MailFixture;

namespace {

using Uids = std::vector<std::uint32_t>;
using Runs = std::vector<ContextRun>;

imap::Context sorted_context(Uids result) {
    return {.tag = "a", .criteria = {{.key = imap::SortCriterion::Key::date}}, .result = std::move(result)};
}

void expunge(MailFixture& f, std::uint32_t uid) {
    f.change([&](store::Transaction& tx) {
        (void)store::expunge(tx, f.id_of("Inbox"), {{store::Uid{uid}, store::Uid{uid}}}, store::Expunge::all);
    });
}

void add_flag(MailFixture& f, std::uint32_t uid, model::Flag flag) {
    f.change([&](store::Transaction& tx) {
        (void)store::change_flags(tx, f.id_of("Inbox"), {{store::Uid{uid}, store::Uid{uid}}},
                                  {.mode = store::FlagChange::Mode::add, .flags = flag});
    });
}

}  // namespace

TEST_CASE("results that are taken out of a list are told by where they stood", "[imap]") {
    auto context = sorted_context({7, 3, 9, 1, 5, 2});
    CHECK(imap::members(context, {1, 2, 4, 7}) == Uids{1, 2, 7});
    CHECK(take_out(context, {4, 6}) == Runs{});
    CHECK(take_out(context, {1, 2, 3, 4, 9}) == Runs{{2, {3, 9, 1}}, {3, {2}}});
    CHECK(context.result == Uids{7, 5});
    CHECK(take_out(context, {5, 7}) == Runs{{1, {7, 5}}});
    CHECK(context.result.empty());
    CHECK(take_out(context, {5, 7}) == Runs{});
    imap::Context plain{.tag = "a", .result = {2, 4, 6, 8}};
    CHECK(imap::members(plain, {1, 4, 5, 8, 9}) == Uids{4, 8});
    CHECK(take_out(plain, {1, 4, 8}) == Runs{{2, {4}}, {3, {8}}});
    CHECK(plain.result == Uids{2, 6});
}

TEST_CASE("results that are put into a list are told by where they stand", "[imap]") {
    auto context = sorted_context({7, 5});
    CHECK(put_in(context, {}, {}) == Runs{});
    CHECK(put_in(context, {9, 1, 3, 2}, {0, 1, 1, 2}) == Runs{{1, {9}}, {3, {1, 3}}, {6, {2}}});
    CHECK(context.result == Uids{9, 7, 1, 3, 5, 2});
    context.result.clear();
    CHECK(put_in(context, {4, 2}, {0, 0}) == Runs{{1, {4, 2}}});
    CHECK(context.result == Uids{4, 2});
}

TEST_CASE("a client hears what its own changes do to a result", "[imap]") {
    MailFixture f;
    for (int i = 0; i < 6; ++i) f.deliver("Inbox");
    Client c(f, GENERATE(1U, 2U, 7U, 100'000U));
    (void)c("a SELECT Inbox");
    const auto flags = [](int number, const std::string& text) {
        return "* " + std::to_string(number) + " FETCH (UID " + std::to_string(number) + " FLAGS (" + text + "))\r\n";
    };
    check_lines(
        c, {
               {"s SEARCH RETURN (UPDATE) BODY hello SEEN", "* ESEARCH (TAG \"s\")\r\ns OK SEARCH done\r\n"},
               {"b STORE 1,2,5 +FLAGS \\Seen", flags(1, "\\Seen") + flags(2, "\\Seen") + flags(5, "\\Seen") +
                                                   "* ESEARCH (TAG \"s\") ADDTO (0 1:2,5)\r\nb OK STORE done\r\n"},
               {"b STORE 2 +FLAGS \\Flagged", flags(2, "\\Seen \\Flagged") + "b OK STORE done\r\n"},
               {"b STORE 1:2 -FLAGS.SILENT \\Seen", "* ESEARCH (TAG \"s\") REMOVEFROM (0 1:2)\r\nb OK STORE done\r\n"},
               {"b STORE 3:6 +FLAGS.SILENT \\Deleted", "b OK STORE done\r\n"},
               {"b EXPUNGE",
                "* ESEARCH (TAG \"s\") REMOVEFROM (0 5)\r\n* 3 EXPUNGE\r\n* 3 EXPUNGE\r\n* 3 EXPUNGE\r\n"
                "* 3 EXPUNGE\r\nb OK EXPUNGE done\r\n"},
               {"b CANCELUPDATE \"s\"", "b OK CANCELUPDATE done\r\n"},
               {"b STORE 1 +FLAGS.SILENT \\Seen", "b OK STORE done\r\n"},
           });
}

TEST_CASE("messages that come, change and go are told to a search that is kept up to date", "[imap]") {
    MailFixture f;
    for (int i = 0; i < 4; ++i) f.deliver("Inbox");
    expunge(f, 1);
    Client c(f, GENERATE(1U, 2U, 7U, 100'000U));
    (void)c("a SELECT Inbox");
    CHECK(c("s UID SEARCH RETURN (UPDATE COUNT CONTEXT) UNSEEN") ==
          "* ESEARCH (TAG \"s\") UID COUNT 3\r\ns OK UID SEARCH done\r\n");
    CHECK(c("t SEARCH RETURN (UPDATE ALL) FLAGGED") == "* ESEARCH (TAG \"t\")\r\nt OK SEARCH done\r\n");
    f.deliver("Inbox", f.message(), {.flags = model::Flag::flagged});
    CHECK(c("b NOOP") ==
          "* 4 EXISTS\r\n* 1 RECENT\r\n* 4 FETCH (UID 5 FLAGS (\\Recent \\Flagged))\r\n* ESEARCH (TAG \"s\") UID ADDTO "
          "(0 5)\r\n"
          "* ESEARCH (TAG \"t\") ADDTO (0 4)\r\nb OK NOOP done\r\n");
    add_flag(f, 3, model::Flag::seen);
    expunge(f, 5);
    CHECK(c("b NOOP") ==
          "* ESEARCH (TAG \"s\") UID REMOVEFROM (0 5)\r\n* ESEARCH (TAG \"t\") REMOVEFROM (0 4)\r\n* 4 EXPUNGE\r\n"
          "* 2 FETCH (UID 3 FLAGS (\\Seen))\r\n* ESEARCH (TAG \"s\") UID REMOVEFROM (0 3)\r\nb OK NOOP done\r\n");
    // Came and went before the client heard of it.
    f.deliver("Inbox");
    expunge(f, 6);
    CHECK(c("b NOOP") == "b OK NOOP done\r\n");
    CHECK(c("b UNSELECT") == "b OK UNSELECT done\r\n");
    (void)c("b SELECT Inbox");
    f.deliver("Inbox");
    CHECK(c("b NOOP") == "* 4 EXISTS\r\n* 1 RECENT\r\n* 4 FETCH (UID 7 FLAGS (\\Recent))\r\nb OK NOOP done\r\n");
    CHECK(c("s UID SEARCH RETURN (UPDATE MIN) UNSEEN") ==
          "* ESEARCH (TAG \"s\") UID MIN 2\r\ns OK UID SEARCH done\r\n");
}

TEST_CASE("while message numbers stay, results lose nothing that was expunged", "[imap]") {
    MailFixture f;
    for (int i = 0; i < 4; ++i) f.deliver("Inbox");
    Client c(f, GENERATE(1U, 2U, 7U, 100'000U));
    (void)c("a SELECT Inbox");
    (void)c("s SEARCH RETURN (UPDATE ALL) UNSEEN");
    expunge(f, 2);
    add_flag(f, 3, model::Flag::seen);
    f.deliver("Inbox");
    CHECK(c("b FETCH 1 UID") ==
          "* 1 FETCH (UID 1)\r\n* 5 EXISTS\r\n* 1 RECENT\r\n* 3 FETCH (UID 3 FLAGS (\\Seen))\r\n"
          "* ESEARCH (TAG \"s\") REMOVEFROM (0 3)\r\n* ESEARCH (TAG \"s\") ADDTO (0 5)\r\nb OK FETCH done\r\n");
    CHECK(c("b UID FETCH 1 UID") ==
          "* 1 FETCH (UID 1)\r\n* ESEARCH (TAG \"s\") REMOVEFROM (0 2)\r\n* 2 EXPUNGE\r\nb OK UID FETCH done\r\n");
    CHECK(c("b SEARCH UNSEEN") == "* SEARCH 1 3 4\r\nb OK SEARCH done\r\n");
    // What a search finds that runs while others change messages is not told twice.
    add_flag(f, 3, model::Flag::seen);
    add_flag(f, 4, model::Flag::seen);
    CHECK(c("t SEARCH RETURN (UPDATE ALL) SEEN") ==
          "* ESEARCH (TAG \"t\") ALL 2:3\r\n* 3 FETCH (UID 4 FLAGS (\\Seen))\r\n"
          "* ESEARCH (TAG \"s\") REMOVEFROM (0 3)\r\nt OK SEARCH done\r\n");
}

TEST_CASE("sorted results are told with their positions", "[imap]") {
    MailFixture f;
    for (const auto* const subject : {"d", "b", "f"}) f.deliver("Inbox", f.message(subject));
    Client c(f, GENERATE(1U, 2U, 7U, 100'000U));
    (void)c("a SELECT Inbox");
    CHECK(c("s SORT RETURN (UPDATE ALL) (SUBJECT) UTF-8 UNDELETED") ==
          "* ESEARCH (TAG \"s\") ALL 2,1,3\r\ns OK SORT done\r\n");
    CHECK(c("t UID SORT RETURN (UPDATE COUNT) (REVERSE FROM REVERSE SUBJECT) UTF-8 ALL") ==
          "* ESEARCH (TAG \"t\") UID COUNT 3\r\nt OK UID SORT done\r\n");
    for (const auto* const subject : {"a", "e", "c", "g", "h", "b"}) f.deliver("Inbox", f.message(subject));
    // By subject: a4 b2 b9 c6 d1 e5 f3 g7 h8.
    std::string told = c("b NOOP");
    told.erase(0, told.find("* ESEARCH"));
    CHECK(told ==
          "* ESEARCH (TAG \"s\") ADDTO (1 4 3 9,6 6 5 8 7:8)\r\n"
          "* ESEARCH (TAG \"t\") UID ADDTO (1 8,7 4 5 6 6 8 9,4)\r\nb OK NOOP done\r\n");
    CHECK(c("b STORE 9,6,1,8 +FLAGS.SILENT \\Deleted") ==
          "* ESEARCH (TAG \"s\") REMOVEFROM (3 9,6,1 6 8)\r\nb OK STORE done\r\n");
    CHECK(c("b STORE 6 -FLAGS.SILENT \\Deleted") == "* ESEARCH (TAG \"s\") ADDTO (3 6)\r\nb OK STORE done\r\n");
    // Others expunge the two of which only the second is in both.
    expunge(f, 8);
    expunge(f, 3);
    f.deliver("Inbox", f.message("g"));
    CHECK(c("b STORE 1 +FLAGS.SILENT \\Flagged") ==
          "* 10 EXISTS\r\n* 7 RECENT\r\n* 10 FETCH (UID 10 FLAGS (\\Recent))\r\n* ESEARCH (TAG \"s\") ADDTO (7 10)\r\n"
          "* ESEARCH (TAG \"t\") UID ADDTO (3 10)\r\nb OK STORE done\r\n");
    CHECK(c("b NOOP") ==
          "* ESEARCH (TAG \"s\") REMOVEFROM (5 3)\r\n* ESEARCH (TAG \"t\") UID REMOVEFROM (1 8 3 3)\r\n"
          "* 3 EXPUNGE\r\n* 7 EXPUNGE\r\nb OK NOOP done\r\n");
    CHECK(c("b UID SORT (SUBJECT) UTF-8 UNDELETED") == "* SORT 4 2 6 5 7 10\r\nb OK UID SORT done\r\n");
}

TEST_CASE("in IDLE results are told at once", "[imap]") {
    MailFixture f;
    f.deliver("Inbox");
    Client a(f), b(f);
    (void)a("a SELECT Inbox");
    (void)b("a SELECT Inbox");
    (void)b("s SEARCH RETURN (UPDATE) DELETED");
    (void)b("i IDLE");
    (void)a("b STORE 1 +FLAGS \\Deleted");
    CHECK(b.woken() == "* 1 FETCH (UID 1 FLAGS (\\Deleted))\r\n* ESEARCH (TAG \"s\") ADDTO (0 1)\r\n");
    (void)a("c EXPUNGE");
    CHECK(b.woken() == "* ESEARCH (TAG \"s\") REMOVEFROM (0 1)\r\n* 1 EXPUNGE\r\n");
    CHECK(b("DONE") == "i OK IDLE done\r\n");
}

TEST_CASE("message numbers in keys stand for the messages that had them", "[imap]") {
    MailFixture f;
    for (int i = 0; i < 5; ++i) f.deliver("Inbox");
    Client c(f);
    (void)c("a SELECT Inbox");
    (void)c("b SEARCH RETURN (SAVE) 4:5");
    for (const std::string command : {"n SEARCH RETURN (UPDATE) 2:3 SEEN", "s SEARCH RETURN (UPDATE) $ SEEN",
                                      "u UID SEARCH RETURN (UPDATE) UID 4:* UNSEEN", "v SEARCH RETURN (UPDATE) NOT 1:*",
                                      "w SEARCH RETURN (UPDATE) UID * SEEN", "x UID SEARCH RETURN (UPDATE) UID 9:*"})
        CHECK(c(command).find(" OK ") != std::string::npos);
    (void)c("b SEARCH RETURN (SAVE) 1");
    expunge(f, 1);
    CHECK(c("b NOOP") == "* 1 EXPUNGE\r\nb OK NOOP done\r\n");
    std::string told = c("b STORE 1:4 +FLAGS.SILENT \\Seen");
    CHECK(told ==
          "* ESEARCH (TAG \"n\") ADDTO (0 1:2)\r\n* ESEARCH (TAG \"s\") ADDTO (0 3:4)\r\n"
          "* ESEARCH (TAG \"u\") UID REMOVEFROM (0 4:5)\r\n* ESEARCH (TAG \"w\") ADDTO (0 4)\r\nb OK STORE done\r\n");
    f.deliver("Inbox", f.message(), {.flags = model::Flag::seen});
    f.deliver("Inbox");
    told = c("b NOOP");
    told.erase(0, told.find("* ESEARCH"));
    CHECK(told ==
          "* ESEARCH (TAG \"u\") UID ADDTO (0 7)\r\n* ESEARCH (TAG \"v\") ADDTO (0 5:6)\r\n"
          "* ESEARCH (TAG \"x\") UID ADDTO (0 6:7)\r\nb OK NOOP done\r\n");
}

TEST_CASE("updates that are refused leave the rest of a search as it is", "[imap]") {
    MailFixture f;
    f.deliver("Inbox");
    Client c(f, GENERATE(1U, 7U, 100'000U));
    (void)c("a SELECT Inbox");
    for (std::size_t i = 0; i < imap::max_contexts; ++i)
        CHECK(c("s" + std::to_string(i) + " SEARCH RETURN (UPDATE) FLAGGED").find("NOUPDATE") == std::string::npos);
    CHECK(c("t SEARCH RETURN (UPDATE COUNT SAVE) UNFLAGGED") ==
          "* ESEARCH (TAG \"t\") COUNT 1\r\n* NO [NOUPDATE \"t\"] there are too many such searches\r\n"
          "t OK SEARCH done\r\n");
    CHECK(c("b SEARCH $") == "* SEARCH 1\r\nb OK SEARCH done\r\n");
    CHECK(c("b CANCELUPDATE \"s0\" \"s1\"") == "b OK CANCELUPDATE done\r\n");
    CHECK(c("s2 SEARCH RETURN (UPDATE) ALL") ==
          "s2 BAD SEARCH the tag is in use by a search that is kept up to date\r\n");
    CHECK(c("t SEARCH RETURN (UPDATE ALL) YOUNGER 10") ==
          "* ESEARCH (TAG \"t\") ALL 1\r\n* NO [NOUPDATE \"t\"] such results change as time goes by\r\n"
          "t OK SEARCH done\r\n");
    std::string keys;
    for (int i = 0; i < 101; ++i) keys += " UNSEEN";
    CHECK(c("t SEARCH RETURN (UPDATE COUNT)" + keys) ==
          "* ESEARCH (TAG \"t\") COUNT 1\r\n* NO [NOUPDATE \"t\"] the search is too complex\r\nt OK SEARCH done\r\n");
    (void)c("s0 SEARCH RETURN (UPDATE) FLAGGED");
    CHECK(c("b STORE 1 +FLAGS.SILENT \\Flagged").find("* ESEARCH (TAG \"s0\") ADDTO (0 1)\r\n") != std::string::npos);
}

TEST_CASE("CANCELUPDATE wants tags of searches that are kept up to date", "[imap]") {
    MailFixture f;
    f.deliver("Inbox");
    Client c(f);
    CHECK(c("a CANCELUPDATE \"s\"") == "a BAD CANCELUPDATE not in this state: select a mailbox first\r\n");
    (void)c("a SELECT Inbox");
    (void)c("s SEARCH RETURN (UPDATE) SEEN");
    CHECK(c("a CANCELUPDATE") == "a BAD CANCELUPDATE syntax error: expected ' '\r\n");
    CHECK(c("a CANCELUPDATE s").starts_with("a BAD CANCELUPDATE syntax error"));
    CHECK(c("a CANCELUPDATE \"t\"") == "a NO CANCELUPDATE not all of these searches are kept up to date\r\n");
    CHECK(c("a CANCELUPDATE \"t\" \"s\"") == "a NO CANCELUPDATE not all of these searches are kept up to date\r\n");
    CHECK(c("a STORE 1 +FLAGS.SILENT \\Seen") == "a OK STORE done\r\n");
    CHECK(c("s SEARCH RETURN (UPDATE) SEEN") == "* ESEARCH (TAG \"s\")\r\ns OK SEARCH done\r\n");
    CHECK(c("a STORE 1 -FLAGS.SILENT \\Seen") == "* ESEARCH (TAG \"s\") REMOVEFROM (0 1)\r\na OK STORE done\r\n");
}

TEST_CASE("results that grow beyond what a session may keep are no longer told", "[imap]") {
    MailFixture f;
    f.deliver("Inbox");
    auto session = f.session();
    test::SessionDriver driver(session);
    (void)driver.start();
    (void)driver.feed("l LOGIN mjl@mox.example testpass1234\r\na SELECT Inbox\r\n");
    CHECK(driver.feed("s SEARCH RETURN (UPDATE) UNSEEN\r\n") == "* ESEARCH (TAG \"s\")\r\ns OK SEARCH done\r\n");
    auto& contexts = session.selected().contexts;
    REQUIRE(contexts.size() == 1);
    // As if the mailbox had so many more.
    for (std::size_t i = contexts[0].result.size(); i < imap::max_context_results; ++i)
        contexts[0].result.push_back(static_cast<std::uint32_t>(i) + 1'000'000);
    CHECK(driver.feed("t UID SEARCH RETURN (UPDATE COUNT) UNSEEN\r\n") ==
          "* ESEARCH (TAG \"t\") UID COUNT 1\r\n* NO [NOUPDATE \"t\"] there are too many results\r\n"
          "t OK UID SEARCH done\r\n");
    f.deliver("Inbox");
    const auto told = driver.feed("b NOOP\r\n");
    CHECK(
        told.ends_with("* ESEARCH (TAG \"s\") ADDTO (0 2)\r\n* NO [NOUPDATE \"s\"] there are too many results\r\n"
                       "b OK NOOP done\r\n"));
    CHECK(contexts.empty());
    f.deliver("Inbox");
    CHECK(driver.feed("b NOOP\r\n") ==
          "* 3 EXISTS\r\n* 2 RECENT\r\n* 3 FETCH (UID 3 FLAGS (\\Recent))\r\nb OK NOOP done\r\n");
}
