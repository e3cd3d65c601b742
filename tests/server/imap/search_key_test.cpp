#include "server/imap/refusal.hpp"
#include "server/imap/search_request.hpp"

namespace {

using namespace mox;

imap::SearchRequest parsed(std::string_view text) {
    imap::Parser parser(text);
    return imap::parse_search(parser);
}

std::string repeated(std::string_view text, std::size_t times) {
    std::string out;
    for (std::size_t i = 0; i < times; ++i) out += text;
    return out;
}

}  // namespace

TEST_CASE("searches are read and written", "[imap]") {
    struct Row {
        std::string text, written;
    };
    const auto row = GENERATE(values<Row>({
        {"ALL", "ALL"},
        {"unseen", "NOT SEEN"},
        {"UNANSWERED DELETED undraft FLAGGED", "NOT ANSWERED DELETED NOT DRAFT FLAGGED"},
        {"OLD RECENT NEW", "NOT RECENT RECENT (RECENT NOT SEEN)"},
        {"KEYWORD Work UNKEYWORD $junk", "KEYWORD work NOT KEYWORD $Junk"},
        {"1:3,5:* UID 7 $", "1:3,5:* UID 7 $"},
        {"OR 1 (2 NOT 3)", "OR 1 (2 NOT 3)"},
        {"((OR (1) (2)))", "OR 1 2"},
        {"(SEEN DRAFT) (1)", "(SEEN DRAFT) 1"},
        {"LARGER 0 SMALLER 9223372036854775807", "LARGER 0 SMALLER 9223372036854775807"},
        {"BEFORE 1-Feb-1994 ON \"01-mar-2000\" SINCE 29-Feb-2024", "BEFORE 1-Feb-1994 ON 1-Mar-2000 SINCE 29-Feb-2024"},
        {"SENTBEFORE 1-Jan-0001 SENTON 31-Dec-9999 SENTSINCE 1-Jan-1970",
         "SENTBEFORE 1-Jan-0001 SENTON 31-Dec-9999 SENTSINCE 1-Jan-1970"},
        {"SAVEDBEFORE 1-Feb-1994 SAVEDON 1-Feb-1994 SAVEDSINCE 1-Feb-1994 SAVEDATESUPPORTED",
         "SAVEDBEFORE 1-Feb-1994 SAVEDON 1-Feb-1994 SAVEDSINCE 1-Feb-1994 ALL"},
        {"OLDER 1 YOUNGER 3600", "OLDER 1 YOUNGER 3600"},
        {"MODSEQ 5 MODSEQ \"/flags/\\\\draft\" all 7", "MODSEQ 5 MODSEQ 7"},
        {"EMAILID M1 THREADID T1", "EMAILID M1 THREADID T1"},
        {"FROM a TO b CC c BCC d SUBJECT \"e f\"", "FROM a TO b CC c BCC d SUBJECT \"e f\""},
        {"BODY {3+}\r\na\"b TEXT \"\"", "BODY \"a\\\"b\" TEXT \"\""},
        {"HEADER X-Foo \"\" HEADER Subject x", "HEADER x-foo \"\" HEADER subject x"},
        {"CHARSET utf-8 SUBJECT {2}\r\n\xc3\xbc", "SUBJECT {2}\r\n\xc3\xbc"},
        {"CHARSET \"US-ASCII\" ALL", "ALL"},
        {"SUBJECT {1}\r\n\xfc", "SUBJECT {2}\r\n\xc3\xbc"},
        {"RETURN () SEEN", "RETURN (ALL) SEEN"},
        {"return (count min) charset UTF-8 1", "RETURN (MIN COUNT) 1"},
        {"RETURN (SAVE MAX ALL) ALL", "RETURN (MAX ALL SAVE) ALL"},
    }));
    const auto request = parsed(row.text);
    CHECK(imap::to_string(request) == row.written);
    CHECK(parsed(imap::to_string(request)) == request);
}

TEST_CASE("what no search can be is refused", "[imap]") {
    const auto text = GENERATE(values<std::string>({
        "",
        " ",
        "FOO",
        "SEEN ",
        " SEEN",
        "SEEN  SEEN",
        "(SEEN",
        "SEEN)",
        "()",
        "( SEEN)",
        "(SEEN )",
        "NOT",
        "NOT ",
        "OR 1",
        "OR 1 ",
        "OR (1 2)",
        "0",
        "1,",
        "1:",
        "UID",
        "UID $x",
        "UID 0",
        "KEYWORD",
        "KEYWORD \\Seen",
        "KEYWORD a%",
        "KEYWORD \"a\"",
        "LARGER",
        "LARGER x",
        "LARGER -1",
        "LARGER 9223372036854775808",
        "OLDER 0",
        "BEFORE 1-Feb-94x",
        "BEFORE 30-Feb-2024",
        "BEFORE 0-Jan-2024",
        "BEFORE 1-Foo-2024",
        "BEFORE \"1-Jan-2024",
        "BEFORE 1-Jan-10000",
        "MODSEQ",
        "MODSEQ \"x\" 5",
        "MODSEQ \"x\" any 5",
        "HEADER x",
        "SUBJECT",
        "SUBJECT {9+}\r\nx",
        "SUBJECT \"x",
        "RETURN ALL SEEN",
        "RETURN (FOO) SEEN",
        "RETURN (MIN MAX SEEN",
        "RETURN (MIN )",
        "RETURN (MIN)",
        "CHARSET utf-8",
        "SEEN CHARSET utf-8",
        std::string("SUBJECT a\0", 10),
        "SUBJECT \xc3\xbc",
        repeated("NOT ", imap::max_search_depth) + "ALL",
        repeated("(", 10'000),
        repeated("OR ", 10'000),
        repeated("ALL ", imap::max_search_keys) + "ALL",
        repeated("TEXT a ", imap::max_search_texts) + "BODY b",
    }));
    CAPTURE(text.substr(0, 80));
    CHECK_THROWS_AS(parsed(text), SyntaxError);
}

TEST_CASE("other charsets are refused with those that can be used", "[imap]") {
    try {
        (void)parsed("CHARSET KOI8-R SUBJECT x");
        FAIL("read");
    } catch (const imap::Refusal& refusal) {
        CHECK(refusal.kind == imap::Refusal::Kind::no);
        CHECK(refusal.code == "BADCHARSET (US-ASCII UTF-8)");
    }
}
