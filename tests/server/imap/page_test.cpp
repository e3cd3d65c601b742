#include "server/imap/page.hpp"
#include "base/error.hpp"
#include "server/imap/mail_fixture.hpp"
#include "server/imap/sort_request.hpp"

using namespace mox;
using imap::IndexRange;
using imap::IndexRanges;
using test::check_lines;
using test::Client;
using test::MailFixture;

namespace {

imap::Page parsed(std::string_view text) {
    Cursor in(text);
    const auto page = imap::parse_page(in);
    in.expect_end();
    return page;
}

}  // namespace

TEST_CASE("pages are read, written, and know which results are on them", "[imap]") {
    struct Row {
        std::string text, written;
        std::size_t count;
        IndexRange of;
    };
    const auto row = GENERATE(values<Row>({
        {"1:1", "1:1", 5, {0, 1}},
        {"2:4", "2:4", 5, {1, 4}},
        {"4:2", "2:4", 5, {1, 4}},
        {"4:9", "4:9", 5, {3, 5}},
        {"6:9", "6:9", 5, {5, 5}},
        {"1:4294967295", "1:4294967295", 5, {0, 5}},
        {"1:3", "1:3", 0, {0, 0}},
        {"-1:-1", "-1:-1", 5, {4, 5}},
        {"-1:-3", "-1:-3", 5, {2, 5}},
        {"-4:-2", "-2:-4", 5, {1, 4}},
        {"-4:-9", "-4:-9", 5, {0, 2}},
        {"-6:-9", "-6:-9", 5, {0, 0}},
        {"-1:-4294967295", "-1:-4294967295", 0, {0, 0}},
    }));
    CAPTURE(row.text);
    CHECK(to_string(parsed(row.text)) == row.written);
    CHECK(parsed(row.text).of(row.count) == row.of);
    for (const auto* const bad :
         {"", "1", "1:", ":1", "0:1", "1:0", "1:*", "*:1", "-1:1", "1:-1", "-1", "-0:-1", "--1:-1", "1:4294967296"}) {
        CAPTURE(bad);
        CHECK_THROWS_AS(parsed(bad), SyntaxError);
    }
}

TEST_CASE("a part of positions counts over their gaps", "[imap]") {
    const IndexRanges positions{{2, 4}, {6, 7}, {10, 14}};
    CHECK(imap::part_of(positions, {0, 7}) == positions);
    CHECK(imap::part_of(positions, {0, 1}) == IndexRanges{{2, 3}});
    CHECK(imap::part_of(positions, {1, 5}) == IndexRanges{{3, 4}, {6, 7}, {10, 12}});
    CHECK(imap::part_of(positions, {6, 9}) == IndexRanges{{13, 14}});
    CHECK(imap::part_of(positions, {7, 9}).empty());
    CHECK(imap::part_of(positions, {2, 2}).empty());
    CHECK(imap::part_of({}, {0, 2}).empty());
}

TEST_CASE("SEARCH tells a page of its result", "[imap]") {
    MailFixture f;
    for (int i = 0; i < 6; ++i)
        f.deliver("Inbox", f.message(), {.flags = i == 3 ? model::Flags(model::Flag::seen) : model::Flags()});
    f.change([&](store::Transaction& tx) {
        (void)store::expunge(tx, f.id_of("Inbox"), {{store::Uid{1}, store::Uid{1}}}, store::Expunge::all);
    });
    // Numbers 1 to 5 have UIDs 2 to 6; number 3 is seen.
    Client c(f, GENERATE(1U, 2U, 7U, 100'000U));
    (void)c("a SELECT Inbox (CONDSTORE)");
    const auto esearch = [](const std::string& data, const std::string& command = "SEARCH") {
        return "* ESEARCH (TAG \"a\") " + data + "\r\na OK " + command + " done\r\n";
    };
    const std::string bad = "a BAD SEARCH syntax error: ";
    check_lines(
        c,
        {
            {"a SEARCH RETURN (PARTIAL 1:2) UNSEEN", esearch("PARTIAL (1:2 1:2)")},
            {"a search return (partial 3:2) unseen", "* ESEARCH (TAG \"a\") PARTIAL (2:3 2,4)\r\na OK search done\r\n"},
            {"a SEARCH RETURN (PARTIAL -1:-2) UNSEEN", esearch("PARTIAL (-1:-2 4:5)")},
            {"a SEARCH RETURN (PARTIAL 4:9) UNSEEN", esearch("PARTIAL (4:9 5)")},
            {"a SEARCH RETURN (PARTIAL 5:9) UNSEEN", esearch("PARTIAL (5:9 NIL)")},
            {"a SEARCH RETURN (PARTIAL -1:-5 MIN MAX COUNT) DELETED", esearch("COUNT 0 PARTIAL (-1:-5 NIL)")},
            {"a SEARCH RETURN (MIN PARTIAL 2:3 MAX) ALL", esearch("MIN 1 MAX 5 PARTIAL (2:3 2:3)")},
            {"a UID SEARCH RETURN (PARTIAL -2:-3) ALL", esearch("UID PARTIAL (-2:-3 4:5)", "UID SEARCH")},
            {"a SEARCH RETURN (PARTIAL 1:2) MODSEQ 1", esearch("PARTIAL (1:2 1:2) MODSEQ 5")},
            {"a SEARCH RETURN (PARTIAL 7:8) MODSEQ 1", esearch("PARTIAL (7:8 NIL)")},
            {"a SEARCH RETURN (PARTIAL 1:2 COUNT) MODSEQ 1", esearch("COUNT 5 PARTIAL (1:2 1:2) MODSEQ 8")},
            {"a SEARCH RETURN (PARTIAL 1:2 ALL) ALL", bad + "PARTIAL and ALL exclude each other, and themselves\r\n"},
            {"a SEARCH RETURN (ALL PARTIAL 1:2) ALL", bad + "PARTIAL and ALL exclude each other, and themselves\r\n"},
            {"a SEARCH RETURN (PARTIAL 1:2 PARTIAL 3:4) ALL",
             bad + "PARTIAL and ALL exclude each other, and themselves\r\n"},
            {"a SEARCH RETURN (PARTIAL 1:*) ALL", bad + "expected a number\r\n"},
            {"a SEARCH RETURN (PARTIAL) ALL", bad + "expected ' '\r\n"},
        });
}

TEST_CASE("a search for a page looks at no more than it needs", "[imap]") {
    MailFixture f;
    const auto oldest = f.deliver("Inbox", f.message("oldest"));
    f.deliver("Inbox", f.message("other"));
    f.deliver("Inbox", f.message("needle"));
    Client c(f);
    (void)c("a SELECT Inbox");
    // 2,049 messages; of the last 2,048 each second has the needle.
    for (int i = 0; i < 10; ++i) (void)c("a COPY 2:* Inbox");
    const auto file = f.other().message_file(oldest.id);
    std::filesystem::rename(file, f.dir / "away");
    struct Row {
        std::string command, answer;
    };
    for (const auto& row : std::vector<Row>{
             {"SEARCH RETURN (PARTIAL -1:-3) TEXT needle", "PARTIAL (-1:-3 2045,2047,2049)"},
             {"SEARCH RETURN (PARTIAL -511:-513) TEXT needle", "PARTIAL (-511:-513 1025,1027,1029)"},
             {"SEARCH RETURN (PARTIAL -1:-2 MAX) TEXT needle", "MAX 2049 PARTIAL (-1:-2 2047,2049)"},
             {"SEARCH RETURN (PARTIAL -1:-2) ALL", "PARTIAL (-1:-2 2048:2049)"},
             {"SEARCH RETURN (PARTIAL -2048:-2050) ALL", "PARTIAL (-2048:-2050 1:2)"},
             {"SEARCH RETURN (PARTIAL 2048:2050) ALL", "PARTIAL (2048:2050 2048:2049)"},
             {"SEARCH RETURN (PARTIAL -1:-2) 5,7:9,2000 TEXT needle", "PARTIAL (-1:-2 7,9)"},
             {"SEARCH RETURN (PARTIAL -1:-2) SUBJECT needle", "PARTIAL (-1:-2 2047,2049)"},
             {"SEARCH RETURN (PARTIAL 1:2) 2:* TEXT needle", "PARTIAL (1:2 3,5)"},
             {"SEARCH RETURN (PARTIAL 2:3 MIN) 2:* TEXT needle", "MIN 3 PARTIAL (2:3 5,7)"},
         }) {
        CAPTURE(row.command);
        CHECK(c("b " + row.command) == "* ESEARCH (TAG \"b\") " + row.answer + "\r\nb OK SEARCH done\r\n");
    }
    CHECK(f.sink.text().find("messages could not be searched") == std::string::npos);
    CHECK(c("b SEARCH RETURN (PARTIAL -1024:-1026) TEXT needle") ==
          "* ESEARCH (TAG \"b\") PARTIAL (-1024:-1026 3)\r\nb OK SEARCH done\r\n");
    CHECK(f.sink.text().find("messages could not be searched") != std::string::npos);
    std::filesystem::rename(f.dir / "away", file);
}

TEST_CASE("of a page, and the first and last result, \"$\" keeps what was told", "[imap]") {
    struct Row {
        std::string returns, saved;
    };
    const auto row = GENERATE(values<Row>({
        {"SAVE PARTIAL 2:3", " 2 3"},
        {"SAVE PARTIAL -1:-2", " 5 6"},
        {"SAVE PARTIAL 7:9", ""},
        {"SAVE PARTIAL 2:3 MIN", " 1 2 3"},
        {"SAVE PARTIAL 2:3 MAX", " 2 3 6"},
        {"SAVE PARTIAL 2:3 MIN MAX", " 1 2 3 6"},
        {"SAVE PARTIAL 1:2 MIN", " 1 2"},
        {"SAVE PARTIAL 2:3 COUNT", " 1 2 3 4 5 6"},
        {"SAVE PARTIAL 2:3 COUNT MIN", " 1 2 3 4 5 6"},
        {"SAVE MIN COUNT", " 1 2 3 4 5 6"},
    }));
    CAPTURE(row.returns);
    MailFixture f;
    for (int i = 0; i < 6; ++i) f.deliver("Inbox");
    Client c(f);
    (void)c("a SELECT Inbox");
    CHECK(c("b SEARCH RETURN (" + row.returns + ") ALL").ends_with("b OK SEARCH done\r\n"));
    CHECK(c("c SEARCH $") == "* SEARCH" + row.saved + "\r\nc OK SEARCH done\r\n");
}

TEST_CASE("SORT answers with return options as SEARCH does, in its order", "[imap]") {
    MailFixture f;
    for (const std::string subject : {"d", "a", "c", "b", "e"}) f.deliver("Inbox", f.message(subject));
    f.change([&](store::Transaction& tx) {
        (void)store::expunge(tx, f.id_of("Inbox"), {{store::Uid{5}, store::Uid{5}}}, store::Expunge::all);
    });
    f.deliver("Inbox", f.message("e"));
    // By subject: 2 4 3 1 5, of which the last has UID 6.
    Client c(f, GENERATE(1U, 2U, 7U, 100'000U));
    (void)c("a SELECT Inbox (CONDSTORE)");
    const auto esearch = [](const std::string& data, const std::string& command = "SORT") {
        return "* ESEARCH (TAG \"a\") " + data + "\r\na OK " + command + " done\r\n";
    };
    check_lines(
        c, {
               {"a SORT RETURN () (SUBJECT) UTF-8 ALL", esearch("ALL 2,4,3,1,5")},
               {"a SORT RETURN (ALL) (REVERSE SUBJECT) UTF-8 ALL", esearch("ALL 5,1,3:4,2")},
               {"a SORT RETURN (ALL) (ARRIVAL) UTF-8 ALL", esearch("ALL 1:5")},
               {"a SORT RETURN (MIN MAX COUNT) (SUBJECT) UTF-8 ALL", esearch("MIN 2 MAX 5 COUNT 5")},
               {"a SORT RETURN (MIN MAX) (REVERSE SUBJECT) UTF-8 1:4", esearch("MIN 1 MAX 2")},
               {"a UID SORT RETURN (ALL COUNT) (SUBJECT) UTF-8 ALL", esearch("UID COUNT 5 ALL 2,4,3,1,6", "UID SORT")},
               {"a SORT RETURN (PARTIAL 2:4) (SUBJECT) UTF-8 ALL", esearch("PARTIAL (2:4 4,3,1)")},
               {"a SORT (SUBJECT) UTF-8 RETURN (PARTIAL 2:4) ALL", esearch("PARTIAL (2:4 4,3,1)")},
               {"a SORT RETURN (PARTIAL -1:-2) (SUBJECT) UTF-8 ALL", esearch("PARTIAL (-1:-2 1,5)")},
               {"a SORT RETURN (PARTIAL 6:9) (SUBJECT) UTF-8 ALL", esearch("PARTIAL (6:9 NIL)")},
               {"a SORT RETURN (COUNT ALL) (SUBJECT) UTF-8 SEEN", esearch("COUNT 0")},
               {"a SORT RETURN (SAVE) (SUBJECT) UTF-8 1:4", "a OK SORT done\r\n"},
               {"a SEARCH $", "* SEARCH 1 2 3 4\r\na OK SEARCH done\r\n"},
               {"a SORT RETURN (SAVE PARTIAL 1:2 MAX) (SUBJECT) UTF-8 1:4", esearch("MAX 1 PARTIAL (1:2 2,4)")},
               {"a SEARCH $", "* SEARCH 1 2 4\r\na OK SEARCH done\r\n"},
               {"a SORT RETURN (MIN) (SUBJECT) UTF-8 MODSEQ 1", esearch("MIN 2 MODSEQ 4")},
               {"a SORT RETURN (ALL PARTIAL 1:2) (SUBJECT) UTF-8 ALL",
                "a BAD SORT syntax error: PARTIAL and ALL exclude each other, and themselves\r\n"},
               {"a SORT RETURN (FOO) (SUBJECT) UTF-8 ALL", "a BAD SORT syntax error: unknown return option\r\n"},
               {"a SORT RETURN ()(SUBJECT) UTF-8 ALL", "a BAD SORT syntax error: expected ' '\r\n"},
           });
}

TEST_CASE("sort requests with return options are read and written", "[imap]") {
    imap::Parser parser("return (max PARTIAL -9:-1 count) (date) US-ASCII all");
    const auto request = imap::parse_sort(parser);
    const std::string written = to_string(request);
    CHECK(written == "RETURN (MAX COUNT PARTIAL -1:-9) (DATE) UTF-8 ALL");
    imap::Parser again(written);
    CHECK(imap::parse_sort(again) == request);
}

TEST_CASE("UID FETCH tells a page of the messages that are named", "[imap]") {
    MailFixture f;
    for (int i = 0; i < 6; ++i) f.deliver("Inbox");
    f.change([&](store::Transaction& tx) {
        (void)store::expunge(tx, f.id_of("Inbox"), {{store::Uid{2}, store::Uid{2}}}, store::Expunge::all);
    });
    Client c(f, GENERATE(1U, 2U, 7U, 100'000U));
    (void)c("a SELECT Inbox");
    const std::string ok = "a OK UID FETCH done\r\n";
    check_lines(
        c, {
               {"a UID FETCH 1:* UID (PARTIAL 1:2)", "* 1 FETCH (UID 1)\r\n* 2 FETCH (UID 3)\r\n" + ok},
               {"a UID FETCH 1,3,6 UID (partial -1:-2)", "* 2 FETCH (UID 3)\r\n* 5 FETCH (UID 6)\r\n" + ok},
               {"a UID FETCH 3:5 UID (PARTIAL -3:-9)", "* 2 FETCH (UID 3)\r\n" + ok},
               {"a UID FETCH 3:5 UID (PARTIAL 4:9)", ok},
               {"a UID FETCH 9:10 UID (PARTIAL 1:2)", ok},
               // Only what is on the page becomes seen.
               {"a UID FETCH 3:6 BODY[TEXT]<0.2> (PARTIAL 2:2)",
                "* 3 FETCH (UID 4 BODY[TEXT]<0> {2}\r\nHe FLAGS (\\Seen))\r\n" + ok},
               {"a UID FETCH 1:* UID (PARTIAL -1:-4 CHANGEDSINCE 8)",
                "* 3 FETCH (UID 4 MODSEQ (10))\r\n* OK [HIGHESTMODSEQ 10] newest change\r\n" + ok},
               {"a UID FETCH 1:* UID (CHANGEDSINCE 8 PARTIAL 1:2)", ok},
               {"a FETCH 1:* UID (PARTIAL 1:2)", "a BAD FETCH PARTIAL is for UID FETCH\r\n"},
               {"a UID FETCH 1:* UID (PARTIAL 1)", "a BAD UID FETCH syntax error: expected ':'\r\n"},
               {"a UID FETCH 1:* UID (PARTIAL 0:1)", "a BAD UID FETCH syntax error: expected a number above 0\r\n"},
               {"a UID FETCH 1:* UID (PARTIAL)", "a BAD UID FETCH syntax error: expected ' '\r\n"},
           });
}
