#include "mime/decode.hpp"
#include "server/imap/mail_fixture.hpp"

using namespace mox;
using test::Client;
using test::MailFixture;

namespace {

std::string with_header(std::string_view fields, std::string_view body) {
    return std::string(fields) + "\r\n" + std::string(body);
}

// Seven messages that differ in everything that can be searched for.
struct SearchFixture : MailFixture {
    SearchFixture() {
        using model::Flag;
        deliver("Inbox", message("One"), {.received = {.seconds = 1'700'000'000}, .flags = Flag::seen});
        deliver("Inbox",
                with_header("From: \"Zo\xc3\xab\" <zoe@example.org>\r\nTo: team: a@x.example, b@y.example;\r\n"
                            "Cc: =?utf-8?q?J=C3=B6rg?= <j@z.example>\r\nSubject: =?utf-8?b?R3LDnMOfRQ==?= two\r\n"
                            "Date: Wed, 1 Feb 2023 23:30:00 -0500\r\nX-List: Fish And =?utf-8?q?Ch=C3=ACps?=\r\n"
                            "Message-ID: <two@example.org>\r\n",
                            "second body\r\n"),
                {.received = {.seconds = 1'700'100'000, .offset_minutes = 60},
                 .flags = Flag::flagged | Flag::junk,
                 .keywords = {"todo", "work"}});
        deliver("Inbox",
                with_header("Subject: three\r\nContent-Type: text/plain; charset=iso-8859-1\r\n"
                            "Content-Transfer-Encoding: quoted-printable\r\n",
                            "=C4pfel und =\r\nBirnen\r\n"),
                {.received = {.seconds = 1'700'200'000}, .flags = Flag::answered, .keywords = {"work"}});
        deliver("Inbox",
                with_header(
                    "Subject: four\r\nContent-Type: multipart/mixed; boundary=b\r\n",
                    "--b\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
                    "PHA+S8OEU0U8L3A+\r\n--b\r\nContent-Type: application/pdf; name=report.pdf\r\n\r\nsecret-bytes\r\n"
                    "--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: inside\r\n\r\ninner words\r\n--b--\r\n"),
                {.received = {.seconds = 1'700'300'000}, .flags = Flag::deleted});
        deliver("Inbox", with_header("Subject: five\r\nBcc: hidden@x.example\r\n", std::string(5000, 'x') + "\r\n"),
                {.received = {.seconds = 1'700'400'000}, .flags = Flag::draft});
        deliver("Inbox",
                with_header("Content-Type: text/plain; charset=utf-16le\r\nContent-Transfer-Encoding: base64\r\n",
                            "RwByAHUA3wAKAGIAeQBlAA==\r\n"),
                {.received = {.seconds = 1'795'343'600}});
        deliver("Inbox", with_header("", ""), {.received = {.seconds = 1'700'600'000}});
    }
};

}  // namespace

TEST_CASE("SEARCH finds what its keys say", "[imap]") {
    struct Row {
        std::string keys, found;
    };
    static const std::vector<Row> rows{
        {"ALL", " 1 2 3 4 5 6 7"},
        {"SEEN", " 1"},
        {"UNSEEN", " 2 3 4 5 6 7"},
        {"FLAGGED KEYWORD $Junk", " 2"},
        {"ANSWERED", " 3"},
        {"DELETED", " 4"},
        {"DRAFT", " 5"},
        {"UNDELETED UNDRAFT UNSEEN", " 2 3 6 7"},
        {"RECENT", ""},
        {"NEW", ""},
        {"OLD", " 1 2 3 4 5 6 7"},
        {"9", ""},
        {"6:9", " 6 7"},
        {"2,8,10:12", " 2"},
        {"NOT 3:9", " 1 2"},
        {"9:*", " 7"},
        {"KEYWORD WORK", " 2 3"},
        {"KEYWORD todo KEYWORD work", " 2"},
        {"UNKEYWORD work", " 1 4 5 6 7"},
        {"KEYWORD wor", ""},
        {"2:4", " 2 3 4"},
        {"2:4 UID 3:7", " 3 4"},
        {"NOT 2:6", " 1 7"},
        {"*", " 7"},
        {"UID 100", ""},
        {"OR 1 OR 3 7", " 1 3 7"},
        {"OR (SEEN 1) (ANSWERED 2)", " 1"},
        {"NOT (OR SEEN FLAGGED)", " 3 4 5 6 7"},
        {"LARGER 5000", " 5"},
        {"SMALLER 10", " 7"},
        {"BEFORE 15-Nov-2023", " 1"},
        {"ON 16-Nov-2023", " 2"},  // 02:00 UTC, 03:00 where it came in
        {"SINCE 17-Nov-2023 BEFORE 19-Nov-2023", " 3 4"},
        {"SENTON 1-Feb-2023", " 2"},  // by the clock of the sender
        {"SENTBEFORE 2-Feb-2023", " 2"},
        {"SENTSINCE 5-Nov-2026", " 1 6"},  // the sixth has no date, so that of its arrival
        {"SAVEDON 22-Nov-2026", " 1 2 3 4 5 6 7"},
        {"SAVEDBEFORE 22-Nov-2026", ""},
        {"SAVEDATESUPPORTED", " 1 2 3 4 5 6 7"},
        {"YOUNGER 60", " 6"},
        {"OLDER 60", " 1 2 3 4 5 7"},
        {"FROM zoe", " 2"},
        {"FROM \"<ZOE@EXAMPLE.ORG>\"", " 2"},
        {"FROM {4}\r\nZO\xc3\x8b", " 2"},
        {"TO b@y", " 2"},
        {"TO \"team: a@x.example, b@y.example;\"", " 2"},
        {"CC {5}\r\nJ\xc3\x96rg", " 2"},
        {"BCC hidden", " 5"},
        {"SUBJECT {7}\r\ngr\xc3\xbc\xc3\x9f"
         "e",
         " 2"},
        {"SUBJECT two", " 2"},
        {"SUBJECT t", " 2 3"},
        {"SUBJECT \"\"", " 1 2 3 4 5"},
        {"HEADER Message-ID two@", " 2"},
        {"HEADER X-List {11}\r\nfish and ch", " 2"},
        {"HEADER x-list {15}\r\nFISH AND CH\xc3\x8cPS", " 2"},
        {"HEADER x-list \"\"", " 2"},
        {"HEADER X-Nothing \"\"", ""},
        {"HEADER Content-Type iso-8859", " 3"},
        {"BODY \"second body\"", " 2"},
        {"BODY two", ""},
        {"TEXT two", " 2"},
        {"TEXT \"subject: three\"", " 3"},
        {"BODY {6}\r\n\xc3\xa4pfel", " 3"},
        {"BODY \"und birnen\"", " 3"},
        {"BODY {5}\r\nk\xc3\xa4se", " 4"},
        {"BODY report.pdf", " 4"},
        {"BODY secret-bytes", ""},
        {"BODY inside", " 4"},
        {"BODY \"inner words\"", " 4"},
        {"BODY {5}\r\ngru\xc3\x9f", " 6"},
        {"BODY bye", " 6"},
        {"BODY \"\"", " 1 2 3 4 5 6 7"},
        {"OR BODY bye SEEN", " 1 6"},
        {"NOT TEXT e", " 7"},
        {"BODY xxx UNDRAFT", ""},
        {"SUBJECT five BODY xxx", " 5"},
        {"CHARSET UTF-8 OR SUBJECT one OR TEXT inner BODY second", " 1 2 4"},
        {"THREADID T1", " 1"},
        {"EMAILID M3", " 3"},
        {"EMAILID 3", ""},
        {"EMAILID M03", ""},
    };
    SearchFixture f;
    Client c(f);
    (void)c("a SELECT Inbox");
    for (const auto& row : rows) {
        CAPTURE(row.keys);
        std::string answer = c("b SEARCH " + row.keys);
        while (answer.starts_with("+ ")) answer.erase(0, answer.find("\r\n") + 2);
        CHECK(answer == "* SEARCH" + row.found + "\r\nb OK SEARCH done\r\n");
    }
}

TEST_CASE("results are told as the client wants them", "[imap]") {
    const auto piece = GENERATE(1U, 2U, 7U, 100'000U);
    MailFixture f;
    for (int i = 0; i < 5; ++i)
        f.deliver("Inbox", f.message(), {.flags = i % 2 == 0 ? model::Flags(model::Flag::seen) : model::Flags()});
    f.change([&](store::Transaction& tx) {
        (void)store::expunge(tx, f.id_of("Inbox"), {{store::Uid{1}, store::Uid{1}}}, store::Expunge::all);
    });
    Client c(f);
    (void)c("a SELECT Inbox");
    CHECK(c.feed("b SEARCH UNSEEN\r\nc UID SEARCH UNSEEN\r\nd SEARCH 9:*\r\n"
                 "e UID SEARCH RETURN (MIN MAX COUNT ALL) ALL\r\nf SEARCH RETURN () UNSEEN\r\n"
                 "g SEARCH RETURN (MIN COUNT) KEYWORD x\r\nh SEARCH RETURN (ALL) KEYWORD x\r\n",
                 piece) ==
          "* SEARCH 1 3\r\nb OK SEARCH done\r\n* SEARCH 2 4\r\nc OK UID SEARCH done\r\n"
          "* SEARCH 4\r\nd OK SEARCH done\r\n"
          "* ESEARCH (TAG \"e\") UID MIN 2 MAX 5 COUNT 4 ALL 2:5\r\ne OK UID SEARCH done\r\n"
          "* ESEARCH (TAG \"f\") ALL 1,3\r\nf OK SEARCH done\r\n"
          "* ESEARCH (TAG \"g\") COUNT 0\r\ng OK SEARCH done\r\n* ESEARCH (TAG \"h\")\r\nh OK SEARCH done\r\n");
    CHECK(c("i SEARCH FOO").starts_with("i BAD SEARCH "));
    CHECK(c("j SEARCH 5") == "* SEARCH\r\nj OK SEARCH done\r\n");
    CHECK(c("k SEARCH CHARSET x ALL") ==
          "k NO [BADCHARSET (US-ASCII UTF-8)] SEARCH only US-ASCII and UTF-8 can be searched for\r\n");
}

TEST_CASE("a client that has enabled IMAP4rev2 gets extended results", "[imap]") {
    MailFixture f;
    f.deliver("Inbox");
    f.deliver("Inbox");
    Client c(f);
    (void)c("a ENABLE IMAP4rev2");
    (void)c("b SELECT Inbox");
    CHECK(c("c SEARCH ALL") == "* ESEARCH (TAG \"c\") ALL 1:2\r\nc OK SEARCH done\r\n");
    CHECK(c("d UID SEARCH SEEN") == "* ESEARCH (TAG \"d\") UID\r\nd OK UID SEARCH done\r\n");
}

TEST_CASE("a result that was saved can be searched, fetched and narrowed", "[imap]") {
    MailFixture f;
    for (int i = 0; i < 6; ++i) f.deliver("Inbox", f.message(std::to_string(i)));
    Client c(f);
    (void)c("a SELECT Inbox");
    CHECK(c("b SEARCH $") == "* SEARCH\r\nb OK SEARCH done\r\n");
    CHECK(c("c SEARCH RETURN (SAVE) 2:5") == "c OK SEARCH done\r\n");
    CHECK(c("d SEARCH $") == "* SEARCH 2 3 4 5\r\nd OK SEARCH done\r\n");
    CHECK(c("e UID FETCH $ UID").starts_with("* 2 FETCH (UID 2)\r\n* 3 FETCH"));
    CHECK(c("f SEARCH RETURN (SAVE COUNT) $ NOT 3") == "* ESEARCH (TAG \"f\") COUNT 3\r\nf OK SEARCH done\r\n");
    CHECK(c("g SEARCH NOT $") == "* SEARCH 1 3 6\r\ng OK SEARCH done\r\n");
    CHECK(c("h SEARCH RETURN (SAVE MIN MAX) 2:5") == "* ESEARCH (TAG \"h\") MIN 2 MAX 5\r\nh OK SEARCH done\r\n");
    CHECK(c("i SEARCH $") == "* SEARCH 2 5\r\ni OK SEARCH done\r\n");
    f.change([&](store::Transaction& tx) {
        (void)store::expunge(tx, f.id_of("Inbox"), {{store::Uid{2}, store::Uid{2}}}, store::Expunge::all);
    });
    (void)c("j NOOP");
    CHECK(c("k UID SEARCH $") == "* SEARCH 5\r\nk OK UID SEARCH done\r\n");
    CHECK(c("l SEARCH RETURN (SAVE) 9") == "l OK SEARCH done\r\n");
    CHECK(c("m SEARCH $") == "* SEARCH\r\nm OK SEARCH done\r\n");
}

TEST_CASE("a MODSEQ key finds what changed, and results tell how new they are", "[imap]") {
    MailFixture f;
    for (int i = 0; i < 3; ++i) f.deliver("Inbox");
    Client c(f);
    (void)c("a SELECT Inbox");
    CHECK(c("b SEARCH MODSEQ 4") ==
          "* SEARCH 2 3 (MODSEQ 5)\r\n* OK [HIGHESTMODSEQ 5] newest change\r\nb OK SEARCH done\r\n");
    CHECK(c("c SEARCH MODSEQ \"/flags/\\\\seen\" all 1") == "* SEARCH 1 2 3 (MODSEQ 5)\r\nc OK SEARCH done\r\n");
    CHECK(c("d SEARCH RETURN (MIN) MODSEQ 1") == "* ESEARCH (TAG \"d\") MIN 1 MODSEQ 3\r\nd OK SEARCH done\r\n");
    CHECK(c("e SEARCH RETURN (COUNT) MODSEQ 1") == "* ESEARCH (TAG \"e\") COUNT 3 MODSEQ 5\r\ne OK SEARCH done\r\n");
    CHECK(c("f SEARCH MODSEQ 6") == "* SEARCH\r\nf OK SEARCH done\r\n");
    CHECK(c("g FETCH 1 FLAGS") == "* 1 FETCH (UID 1 FLAGS () MODSEQ (3))\r\ng OK FETCH done\r\n");
}

TEST_CASE("texts are found across the pieces in which large messages are read", "[imap]") {
    const auto encoding = GENERATE(values<std::string>({"7bit", "base64", "quoted-printable"}));
    std::string text;
    while (text.size() < 700'000) text += "0123456789 0123456789 0123456789\r\n";
    for (const std::size_t at : {131'065UL, 262'140UL, 393'210UL, 655'355UL}) text.replace(at, 10, "the needle");
    const std::string body = encoding == "base64"             ? mime::encode_base64(text)
                             : encoding == "quoted-printable" ? mime::encode_quoted_printable(text)
                                                              : text;
    MailFixture f;
    f.deliver("Inbox", "Subject: large\r\nContent-Transfer-Encoding: " + encoding + "\r\n\r\n" + body);
    f.deliver("Inbox", "Subject: one line\r\n\r\n" + std::string(3'000'000, 'y') + "end");
    Client c(f);
    (void)c("a SELECT Inbox");
    CHECK(c("b SEARCH BODY \"the NEEDLE\"") == "* SEARCH 1\r\nb OK SEARCH done\r\n");
    CHECK(c("c SEARCH TEXT \"yyend\"") == "* SEARCH 2\r\nc OK SEARCH done\r\n");
    CHECK(c("d SEARCH TEXT nowhere") == "* SEARCH\r\nd OK SEARCH done\r\n");
}

TEST_CASE("HTML is searched as it is written and as people read it", "[imap]") {
    const auto encoding = GENERATE(values<std::string>({"7bit", "base64"}));
    const std::string page =
        "<html><head><title>heading</title><style>.lone { color: red }</style></head><body>"
        "<p>He<b>ll</b>o w&ouml;rld&nbsp;&amp; all\r\n   of  you</p><table><tr><td>left</td><td>right</td></tr></table>"
        "<img alt=\"a pic&shy;ture\"> &#1084;&#1080;&#1088; obf&#117;sc&#x61;ted</body></html>\r\n";
    MailFixture f;
    f.deliver("Inbox", "Subject: page\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: " +
                           encoding + "\r\n\r\n" + (encoding == "7bit" ? page : mime::encode_base64(page)));
    f.deliver("Inbox", "Subject: plain\r\n\r\n" + page);
    Client c(f);
    (void)c("a SELECT Inbox");
    struct Row {
        std::string text, found;
    };
    for (const auto& row : std::vector<Row>{
             {"hello", " 1"},
             {"hello w\xc3\xb6rld", " 1"},
             {"\xc3\x96RLD", " 1"},
             {"all of you", " 1"},
             {"\xd0\x9c\xd0\xb8\xd1\x80", " 1"},
             {"obfuscated", " 1"},
             {"left right", " 1"},
             {"leftright", ""},
             {"he<b>ll", " 1 2"},
             {"&ouml;", " 1 2"},
             {"heading", " 1 2"},
             {"color: red", " 1 2"},
             {"hello world", ""},
             {"rightly", ""},
         }) {
        CAPTURE(row.text);
        std::string answer = c("b SEARCH BODY {" + std::to_string(row.text.size()) + "+}\r\n" + row.text);
        CHECK(answer == "* SEARCH" + row.found + "\r\nb OK SEARCH done\r\n");
    }
}

TEST_CASE("what was expunged or damaged meanwhile is not found, all else is", "[imap]") {
    MailFixture f;
    const auto one = f.deliver("Inbox");
    for (int i = 0; i < 3; ++i) f.deliver("Inbox");
    Client c(f);
    (void)c("a SELECT Inbox");
    f.change([&](store::Transaction& tx) {
        (void)store::expunge(tx, f.id_of("Inbox"), {{store::Uid{3}, store::Uid{3}}}, store::Expunge::all);
    });
    const auto file = f.other().message_file(one.id);
    std::filesystem::rename(file, f.dir / "away");
    CHECK(c("b SEARCH BODY hello") == "* SEARCH 2 4\r\nb OK SEARCH done\r\n");
    CHECK(c("c SEARCH SUBJECT hi") == "* SEARCH 1 2 4\r\nc OK SEARCH done\r\n");
    CHECK(f.sink.text().find("messages could not be searched") != std::string::npos);
    std::filesystem::rename(f.dir / "away", file);
}
