#include <fcntl.h>

#include "base/file.hpp"
#include "mime/scanner.hpp"
#include "server/imap/fetch_run.hpp"
#include "server/imap/mail_fixture.hpp"
#include "server/imap/select.hpp"

using namespace mox;
using test::Client;
using test::MailFixture;

namespace {

// A multipart with an alternative, an attachment in base64 and a message inside.
constexpr std::string_view mixed =
    "From: Ann <ann@example.org>\r\nTo: mjl@mox.example\r\nSubject: mixed\r\n"
    "Date: Thu, 05 Nov 2026 10:00:00 +0000\r\nMIME-Version: 1.0\r\n"
    "Content-Type: multipart/mixed; boundary=o\r\n\r\npreamble\r\n"
    "--o\r\nContent-Type: multipart/alternative; boundary=i\r\n\r\n"
    "--i\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
    "gr=C3=BCn\r\n"
    "--i\r\nContent-Type: text/html\r\n\r\n<p>gr&uuml;n</p>\r\n--i--\r\n"
    "--o\r\nContent-Type: application/octet-stream; name=f.bin\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    "AAECAwQF\r\n"
    "--o\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\nFrom: in@example.org\r\n\r\ninner text\r\n--o--\r\n";

// A stream in which one attribute of one message is answered.
std::string body_of(std::string_view name, std::string_view bytes) {
    return "* 1 FETCH (UID 1 " + std::string(name) + " {" + std::to_string(bytes.size()) + "}\r\n" +
           std::string(bytes) + ")\r\n";
}

}  // namespace

TEST_CASE("sections of a message are told from its file", "[imap]") {
    struct Row {
        std::string item, answer;
    };
    const auto header = mixed.substr(0, mixed.find("preamble"));
    const auto row = GENERATE_COPY(values<Row>({
        {"BODY.PEEK[]", body_of("BODY[]", mixed)},
        {"BODY.PEEK[HEADER]", body_of("BODY[HEADER]", header)},
        {"RFC822.HEADER", body_of("RFC822.HEADER", header)},
        {"BODY.PEEK[TEXT]", body_of("BODY[TEXT]", mixed.substr(header.size()))},
        {"BODY.PEEK[]<6.3>", body_of("BODY[]<6>", "Ann")},
        {"BODY.PEEK[]<9223372036854775807.9223372036854775807>", body_of("BODY[]<9223372036854775807>", "")},
        {"BODY.PEEK[HEADER.FIELDS (subject TO)]",
         body_of("BODY[HEADER.FIELDS (Subject To)]", "To: mjl@mox.example\r\nSubject: mixed\r\n\r\n")},
        {"BODY.PEEK[HEADER.FIELDS (subject)]<9.4>", body_of("BODY[HEADER.FIELDS (Subject)]<9>", "mixe")},
        {"BODY.PEEK[HEADER.FIELDS (x)]", body_of("BODY[HEADER.FIELDS (X)]", "\r\n")},
        {"BODY.PEEK[HEADER.FIELDS.NOT (subject to date mime-version content-type)]",
         body_of("BODY[HEADER.FIELDS.NOT (Subject To Date Mime-Version Content-Type)]",
                 "From: Ann <ann@example.org>\r\n\r\n")},
        {"BODY.PEEK[1.1]", body_of("BODY[1.1]", "gr=C3=BCn")},
        {"BODY.PEEK[1.1.MIME]", body_of("BODY[1.1.MIME]",
                                        "Content-Type: text/plain; charset=utf-8\r\n"
                                        "Content-Transfer-Encoding: quoted-printable\r\n\r\n")},
        {"BODY.PEEK[2]", body_of("BODY[2]", "AAECAwQF")},
        {"BODY.PEEK[3]", body_of("BODY[3]", "Subject: inner\r\nFrom: in@example.org\r\n\r\ninner text")},
        {"BODY.PEEK[3.HEADER]", body_of("BODY[3.HEADER]", "Subject: inner\r\nFrom: in@example.org\r\n\r\n")},
        {"BODY.PEEK[3.HEADER.FIELDS (from)]", body_of("BODY[3.HEADER.FIELDS (From)]", "From: in@example.org\r\n\r\n")},
        {"BODY.PEEK[3.TEXT]", body_of("BODY[3.TEXT]", "inner text")},
        {"BODY.PEEK[3.1]", body_of("BODY[3.1]", "inner text")},
        {"BODY.PEEK[3.1.MIME]", body_of("BODY[3.1.MIME]", "Subject: inner\r\nFrom: in@example.org\r\n\r\n")},
        // What is not there.
        {"BODY.PEEK[4]", "* 1 FETCH (UID 1 BODY[4] NIL)\r\n"},
        {"BODY.PEEK[1.3]", "* 1 FETCH (UID 1 BODY[1.3] NIL)\r\n"},
        {"BODY.PEEK[1.1.1]", "* 1 FETCH (UID 1 BODY[1.1.1] NIL)\r\n"},
        {"BODY.PEEK[2.HEADER]", "* 1 FETCH (UID 1 BODY[2.HEADER] NIL)\r\n"},
        {"BODY.PEEK[3.1.1]", "* 1 FETCH (UID 1 BODY[3.1.1] NIL)\r\n"},
        // Decoded.
        {"BINARY.PEEK[1.1]", "* 1 FETCH (UID 1 BINARY[1.1] ~{5}\r\ngr\xc3\xbcn)\r\n"},
        {"BINARY.PEEK[1.1]<1.2>", "* 1 FETCH (UID 1 BINARY[1.1]<1> ~{2}\r\nr\xc3)\r\n"},
        {"BINARY.PEEK[2]", "* 1 FETCH (UID 1 BINARY[2] ~{6}\r\n" + std::string("\0\1\2\3\4\5)\r\n", 9)},
        {"BINARY.PEEK[2]<4.100>", "* 1 FETCH (UID 1 BINARY[2]<4> ~{2}\r\n\4\5)\r\n"},
        {"BINARY.PEEK[2]<6.1>", "* 1 FETCH (UID 1 BINARY[2]<6> ~{0}\r\n)\r\n"},
        {"BINARY.SIZE[2]", "* 1 FETCH (UID 1 BINARY.SIZE[2] 6)\r\n"},
        {"BINARY.PEEK[7]", "* 1 FETCH (UID 1 BINARY[7] NIL)\r\n"},
        // Without an end.
        {"BODY.PEEK[3.TEXT]<6>", body_of("BODY[3.TEXT]<6>", "text")},
        {"BINARY.PEEK[2]<4>", "* 1 FETCH (UID 1 BINARY[2]<4> ~{2}\r\n\4\5)\r\n"},
        // Texts and messages have no encoding.
        {"BINARY.PEEK[3.TEXT]", "* 1 FETCH (UID 1 BINARY[3.TEXT] ~{10}\r\ninner text)\r\n"},
        {"BINARY.PEEK[3]",
         "* 1 FETCH (UID 1 BINARY[3] ~{50}\r\nSubject: inner\r\nFrom: in@example.org\r\n\r\ninner text)\r\n"},
        {"BINARY.PEEK[3.HEADER.FIELDS (from)]",
         body_of("BINARY[3.HEADER.FIELDS (From)]", "From: in@example.org\r\n\r\n")},
        {"BINARY.SIZE[3]", "* 1 FETCH (UID 1 BINARY.SIZE[3] 50)\r\n"},
        {"BINARY.SIZE[3.HEADER]", "* 1 FETCH (UID 1 BINARY.SIZE[3.HEADER] 40)\r\n"},
        {"BINARY.SIZE[3.HEADER.FIELDS (from)]", "* 1 FETCH (UID 1 BINARY.SIZE[3.HEADER.FIELDS (From)] 24)\r\n"},
        {"BINARY.SIZE[4.TEXT]", "* 1 FETCH (UID 1 BINARY.SIZE[4.TEXT] 0)\r\n"},
    }));
    MailFixture f;
    f.deliver("Inbox", mixed);
    Client c(f);
    (void)c("a SELECT Inbox");
    CHECK(c("b FETCH 1 " + row.item) == row.answer + "b OK FETCH done\r\n");
}

TEST_CASE("FETCH answers alike however its bytes arrive", "[imap]") {
    const auto piece = GENERATE(1U, 2U, 7U, 100'000U);
    MailFixture f;
    f.deliver("Inbox", f.message(),
              {.prefix = "X-Ours: 1\r\n", .received = {.seconds = 1'700'000'000, .offset_minutes = 60}});
    f.deliver("Inbox", f.message("second"),
              {.flags = model::Flag::flagged | model::Flag::junk, .keywords = {"a", "b"}});
    Client c(f);
    (void)c("a SELECT Inbox");
    const std::string envelope =
        " \"hi\" ((\"Ann\" NIL \"ann\" \"example.org\")) ((\"Ann\" NIL \"ann\" \"example.org\"))"
        " ((\"Ann\" NIL \"ann\" \"example.org\")) ((NIL NIL \"mjl\" \"mox.example\")) NIL NIL NIL NIL)";
    CHECK(c.feed("b FETCH 1 (ENVELOPE RFC822.SIZE INTERNALDATE)\r\nc UID FETCH 2,9 FAST\r\n"
                 "d FETCH 1:* (FLAGS UID MODSEQ)\r\ne FETCH 1 BODY.PEEK[HEADER.FIELDS ({6+}\r\nX-Ours)]\r\n",
                 piece) ==
          "* 1 FETCH (UID 1 ENVELOPE (\"Thu, 05 Nov 2026 10:00:00 +0000\"" + envelope +
              " RFC822.SIZE 123 INTERNALDATE \"14-Nov-2023 23:13:20 +0100\")\r\nb OK FETCH done\r\n"
              "* 2 FETCH (UID 2 INTERNALDATE \"22-Nov-2026 10:34:05 +0000\" RFC822.SIZE 116 FLAGS (\\Flagged $Junk a "
              "b))\r\n"
              "c OK UID FETCH done\r\n"
              "* 1 FETCH (UID 1 FLAGS () MODSEQ (3))\r\n* 2 FETCH (UID 2 FLAGS (\\Flagged $Junk a b) MODSEQ (4))\r\n"
              "* OK [HIGHESTMODSEQ 4] newest change\r\nd OK FETCH done\r\n"
              "* 1 FETCH (UID 1 BODY[HEADER.FIELDS (X-Ours)] {13}\r\nX-Ours: 1\r\n\r\n)\r\ne OK FETCH done\r\n");
}

TEST_CASE("reading a message makes it \\Seen, and only that", "[imap]") {
    struct Row {
        std::string item;
        bool seen;
    };
    const auto row = GENERATE(values<Row>({
        {"BODY[]", true},
        {"BODY[1]", true},
        {"BODY[HEADER]", true},
        {"BINARY[1]", true},
        {"RFC822", true},
        {"RFC822.TEXT", true},
        {"BODY.PEEK[]", false},
        {"BINARY.PEEK[1]", false},
        {"RFC822.HEADER", false},
        {"BINARY.SIZE[1]", false},
        {"(ENVELOPE BODYSTRUCTURE BODY)", false},
    }));
    MailFixture f;
    f.deliver("Inbox");
    Client c(f);
    (void)c("a EXAMINE Inbox");
    CHECK(c("b FETCH 1 " + row.item).find("FLAGS") == std::string::npos);
    (void)c("c SELECT Inbox");
    CHECK((c("d FETCH 1 " + row.item).find(" FLAGS (\\Seen))\r\n") != std::string::npos) == row.seen);
    CHECK(c("e FETCH 1 " + row.item).find("FLAGS") == std::string::npos);
    CHECK(c("f UID FETCH 1 FLAGS")
              .starts_with(std::string("* 1 FETCH (UID 1 FLAGS (") + (row.seen ? "\\Seen" : "") + "))\r\n"));
}

TEST_CASE("items of other extensions are told", "[imap]") {
    MailFixture f;
    const auto one = f.deliver("Inbox");
    Client c(f);
    (void)c("a SELECT Inbox");
    const std::string id = std::to_string(number(one.id));
    CHECK(c("b FETCH 1 (EMAILID THREADID SAVEDATE)") ==
          "* 1 FETCH (UID 1 EMAILID (M" + id + ") THREADID (T" + id +
              ") SAVEDATE \"22-Nov-2026 10:34:05 +0000\")\r\nb OK FETCH done\r\n");
}

TEST_CASE("CHANGEDSINCE tells what is newer, and of those only makes messages \\Seen", "[imap]") {
    MailFixture f;
    const auto one = f.deliver("Inbox");
    f.deliver("Inbox");
    Client c(f);
    (void)c("a SELECT Inbox");
    const std::string since = std::to_string(number(one.modseq));
    CHECK(c("b FETCH 1:2 (FLAGS) (CHANGEDSINCE " + since + ")") ==
          "* 2 FETCH (UID 2 FLAGS () MODSEQ (4))\r\n* OK [HIGHESTMODSEQ 4] newest change\r\nb OK FETCH done\r\n");
    const std::string read = c("c FETCH 1:2 BODY[] (CHANGEDSINCE " + since + ")");
    CHECK(read.starts_with("* 2 FETCH (UID 2 BODY[] {"));
    CHECK(read.ends_with(" FLAGS (\\Seen) MODSEQ (5))\r\nc OK FETCH done\r\n"));
    CHECK(c("d UID FETCH 1 FLAGS").starts_with("* 1 FETCH (UID 1 FLAGS () MODSEQ (3))\r\n"));
    CHECK(c("e FETCH 1:2 (FLAGS) (CHANGEDSINCE 5)") == "e OK FETCH done\r\n");
    for (const auto* const bad :
         {"f FETCH 1 FLAGS (CHANGEDSINCE)", "f FETCH 1 FLAGS (CHANGEDSINCE x)", "f FETCH 1 FLAGS ()",
          "f FETCH 1 FLAGS (VANISHED)", "f UID FETCH 1 FLAGS (CHANGEDSINCE 1 VANISHED)", "f FETCH 1 FLAGS (FOO 1)",
          "f FETCH 1", "f FETCH 3 FLAGS", "f FETCH x FLAGS", "f FETCH 1 FLAGS x", "f FETCH 0 FLAGS",
          "f FETCH 1 FLAGS "})
        CHECK(c(bad).starts_with("f BAD "));
}

TEST_CASE("what cannot be told of some messages is told of others, and why not at the end", "[imap]") {
    MailFixture f;
    f.deliver("Inbox", "Subject: x\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: x-odd\r\n\r\nodd");
    f.deliver("Inbox", mixed);
    f.deliver("Inbox");
    Client c(f);
    (void)c("a SELECT Inbox");
    CHECK(c("b FETCH 1,3 (BINARY.PEEK[1] RFC822.SIZE)") ==
          "* 1 FETCH (UID 1 RFC822.SIZE 77)\r\n* 3 FETCH (UID 3 BINARY[1] ~{8}\r\nHello.\r\n RFC822.SIZE 112)\r\n"
          "b NO [UNKNOWN-CTE] FETCH a part has an encoding that is not known\r\n");
    CHECK(c("c FETCH 2 BINARY.SIZE[1]") ==
          "* 2 FETCH (UID 2)\r\nc NO FETCH only single parts can be decoded, not multiparts\r\n");
    f.change([&](store::Transaction& tx) {
        (void)store::expunge(tx, f.id_of("Inbox"), {{store::Uid{2}, store::Uid{2}}}, store::Expunge::all);
    });
    // What others expunged is told as far as it is known.
    CHECK(c("d FETCH 1:3 (RFC822.SIZE)") == "* 1 FETCH (UID 1 RFC822.SIZE 77)\r\n* 2 FETCH (UID 2 RFC822.SIZE " +
                                                std::to_string(mixed.size()) +
                                                ")\r\n* 3 FETCH (UID 3 RFC822.SIZE 112)\r\nd OK FETCH done\r\n");
    CHECK(c("d FETCH 2 BODY[]") == "* 2 FETCH (UID 2 BODY[] {" + std::to_string(mixed.size()) + "}\r\n" +
                                       std::string(mixed) + ")\r\nd OK FETCH done\r\n");
    for (const std::string item : {"FLAGS", "MODSEQ", "SAVEDATE"}) {
        const std::string answer = c("d FETCH 2:3 (" + item + ")");
        CHECK(answer.find("* 2 FETCH") == std::string::npos);
        CHECK(answer.find("* 3 FETCH") != std::string::npos);
        CHECK(answer.ends_with("d NO [EXPUNGEISSUED] FETCH some messages have been expunged\r\n"));
    }
    CHECK(c("e UID FETCH 1:2 FLAGS").find("e OK UID FETCH done\r\n") != std::string::npos);
    CHECK(c("f FETCH 1:* UID") == "* 1 FETCH (UID 1)\r\n* 2 FETCH (UID 3)\r\nf OK FETCH done\r\n");
    // By UID that is told at once.
    f.change([&](store::Transaction& tx) {
        (void)store::expunge(tx, f.id_of("Inbox"), {{store::Uid{3}, store::Uid{3}}}, store::Expunge::all);
    });
    CHECK(c("g UID FETCH 1:* RFC822.SIZE") ==
          "* 1 FETCH (UID 1 RFC822.SIZE 77)\r\n* 2 FETCH (UID 3 RFC822.SIZE 112)\r\n* 2 EXPUNGE\r\ng OK UID FETCH "
          "done\r\n");
}

TEST_CASE("a file that is damaged is no answer, and others are told", "[imap]") {
    MailFixture f;
    const auto one = f.deliver("Inbox");
    f.deliver("Inbox");
    Client c(f);
    (void)c("a SELECT Inbox");
    const auto file = f.other().message_file(one.id);
    const std::string contents = read_file(file);
    std::filesystem::resize_file(file, 5);
    CHECK(c("b FETCH 1:2 BODY.PEEK[HEADER.FIELDS (subject)]") ==
          "* 1 FETCH (UID 1 BODY[HEADER.FIELDS (Subject)] NIL)\r\n"
          "* 2 FETCH (UID 2 BODY[HEADER.FIELDS (Subject)] {15}\r\nSubject: hi\r\n\r\n)\r\n"
          "b NO [CORRUPTION] FETCH contents of some messages are damaged\r\n");
    CHECK(f.sink.text().find("not a regular file of") != std::string::npos);
    const UniqueFd fd(::open(file.c_str(), O_WRONLY | O_TRUNC));
    write_all(fd.get(), contents, file);
}

TEST_CASE("large bodies and many answers come in bounded pieces", "[imap]") {
    MailFixture f;
    std::string large = "Subject: large\r\n\r\n";
    while (large.size() < 1'000'000)
        large += "0123456789012345678901234567890123456789012345678901234567890123456789\r\n";
    large[500'000] = '\0';
    f.deliver("Inbox", large);
    for (int i = 0; i < 30; ++i) f.deliver("Inbox");
    Client c(f);
    (void)c("a SELECT Inbox");
    std::string told = large;
    told[500'000] = '\x80';
    CHECK(c("b FETCH 1 BODY.PEEK[]") == body_of("BODY[]", told) + "b OK FETCH done\r\n");
    const std::string all = c("c FETCH 1:* (BODY.PEEK[TEXT] FLAGS)");
    CHECK(all.find("* 31 FETCH (UID 31 BODY[TEXT] {8}\r\nHello.\r\n FLAGS ())\r\nc OK FETCH done\r\n") !=
          std::string::npos);
}

TEST_CASE("structures that are not stored, or are not of their message, are read from files", "[imap]") {
    mime::Message other_size = mime::scan(mixed), beyond = other_size, wrapped = other_size;
    other_size.size_bytes += 1;
    beyond.root.end_offset += 1'000'000;
    wrapped.root.children.front().body_offset = 5;
    const auto replacement = GENERATE_COPY(values<std::optional<std::string>>(
        {std::nullopt, "", "junk", mime::encode(other_size), mime::encode(beyond), mime::encode(wrapped)}));
    MailFixture f;
    f.deliver("Inbox", mixed);
    Client c(f);
    (void)c("a SELECT Inbox");
    const std::string items = "(ENVELOPE BODYSTRUCTURE BODY.PEEK[3.1] BINARY.PEEK[2])";
    const std::string told = c("b FETCH 1 " + items);
    const std::string found = "* SEARCH 1\r\nc OK SEARCH done\r\n";
    CHECK(c("c SEARCH SUBJECT mixed BODY \"inner text\"") == found);
    auto& database = f.other().database();
    const auto structure = database.value<std::string>("SELECT structure FROM message").value();
    database.run("UPDATE message SET structure = ?",
                 replacement ? std::optional(db::Blob(*replacement)) : std::nullopt);
    CHECK(c("b FETCH 1 " + items) == told);
    CHECK(c("c SEARCH SUBJECT mixed BODY \"inner text\"") == found);
    database.run("UPDATE message SET structure = ?", db::Blob(structure));
}

TEST_CASE("VANISHED tells what went since, but for what the client still counts", "[imap]") {
    MailFixture f;
    for (int i = 0; i < 6; ++i) f.deliver("Inbox");
    const auto expunge = [&](std::uint32_t uid) {
        f.change([&](store::Transaction& tx) {
            (void)store::expunge(tx, f.id_of("Inbox"), {{store::Uid{uid}, store::Uid{uid}}}, store::Expunge::all);
        });
    };
    expunge(2);
    expunge(3);
    expunge(6);
    Client c(f);
    (void)c("a SELECT Inbox");
    if (!c("b ENABLE QRESYNC").starts_with("* ENABLED")) return;
    expunge(4);
    CHECK(c("c UID FETCH 1:* UID (CHANGEDSINCE 1 VANISHED)").starts_with("* VANISHED (EARLIER) 2:3,6\r\n"));
    CHECK(c("d UID FETCH 3:5 UID (CHANGEDSINCE 1 VANISHED)").starts_with("* VANISHED (EARLIER) 3"));
}

TEST_CASE("parts of what cannot be taken apart can be fetched as they are told", "[imap]") {
    MailFixture f;
    f.deliver("Inbox", "Content-Type: multipart/mixed\r\n\r\nno boundary\r\n");
    f.deliver("Inbox", "Content-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\ninner text\r\n");
    f.deliver("Inbox", "Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\nU3ViamVjdDogeAoK\r\n");
    Client c(f);
    (void)c("a SELECT Inbox");
    CHECK(c("b FETCH 1 (BODY.PEEK[1] BINARY.SIZE[1] BODY.PEEK[1.MIME] BODY.PEEK[2])") ==
          "* 1 FETCH (UID 1 BODY[1] {13}\r\nno boundary\r\n BINARY.SIZE[1] 13 BODY[1.MIME] NIL BODY[2] NIL)\r\n"
          "b OK FETCH done\r\n");
    CHECK(c("c FETCH 2 (BODY.PEEK[1.HEADER] BODY.PEEK[1.1] BODY.PEEK[1.TEXT] BODY.PEEK[1.1.MIME])") ==
          "* 2 FETCH (UID 2 BODY[1.HEADER] {18}\r\nSubject: inner\r\n\r\n BODY[1.1] {12}\r\ninner text\r\n"
          " BODY[1.TEXT] {12}\r\ninner text\r\n BODY[1.1.MIME] {18}\r\nSubject: inner\r\n\r\n)\r\nc OK FETCH done\r\n");
    CHECK(c("d FETCH 3 (BINARY.PEEK[1] BODY.PEEK[1.HEADER])") ==
          "* 3 FETCH (UID 3 BINARY[1] ~{12}\r\nSubject: x\n\n BODY[1.HEADER] NIL)\r\nd OK FETCH done\r\n");
}

TEST_CASE("texts are told in UTF-8 to who has asked for it, else encoded", "[imap]") {
    MailFixture f;
    f.deliver("Inbox", "Subject: =?iso-8859-1?q?Gr=FC=DFe?=\r\nFrom: \"J\xc3\xb6\" <j@x.example>\r\n\r\n");
    Client c(f);
    (void)c("a SELECT Inbox");
    const auto envelope = [](const std::string& subject, const std::string& name) {
        const std::string from = " ((" + name + " NIL \"j\" \"x.example\"))";
        return "* 1 FETCH (UID 1 ENVELOPE (NIL " + subject + from + from + from + " NIL NIL NIL NIL NIL))\r\n";
    };
    CHECK(c("b FETCH 1 ENVELOPE") ==
          envelope("\"=?utf-8?q?Gr=C3=BC=C3=9Fe?=\"", "\"=?utf-8?q?J=C3=B6?=\"") + "b OK FETCH done\r\n");
    (void)c("c ENABLE IMAP4rev2");
    CHECK(c("d FETCH 1 ENVELOPE") == envelope("\"Gr\xc3\xbc\xc3\x9f"
                                              "e\"",
                                              "\"J\xc3\xb6\"") +
                                         "d OK FETCH done\r\n");
}

TEST_CASE("answers are alike in whatever steps they are written", "[imap]") {
    const auto enough = GENERATE(1UL, 100UL, 10'000UL);
    const auto text =
        GENERATE(values<std::string>({"(FLAGS)", "(ENVELOPE BODYSTRUCTURE)",
                                      "(BODY.PEEK[] BINARY.PEEK[2] BODY.PEEK[HEADER.FIELDS (SUBJECT)] FLAGS)"}));
    MailFixture f;
    for (int i = 0; i < 12; ++i) f.deliver("Inbox", i % 3 == 0 ? mixed : f.message());
    std::size_t first_unseen = 0;
    const auto view =
        imap::make_view(f.other().database(), store::find_mailbox(f.other().database(), "Inbox").value(), first_unseen);
    const auto written = [&](std::size_t step_bytes) {
        imap::Parser parser(text);
        imap::FetchRun run(*view, {{0, 3}, {4, 5}, {7, 12}}, imap::parse_fetch_items(parser), {});
        std::string all;
        for (bool more = true; more;) {
            std::string out;
            more = run.step(f.other(), out, step_bytes);
            CHECK(out.size() < step_bytes + 4000);
            all += out;
        }
        return all;
    };
    CHECK(written(enough) == written(1'000'000));
}

TEST_CASE("flags of many messages are told in steps", "[imap]") {
    MailFixture f;
    const std::string keyword(200, 'k');
    std::string expected;
    for (int i = 1; i <= 400; ++i) {
        f.deliver("Inbox", "\r\n", {.keywords = {keyword}});
        const std::string n = std::to_string(i);
        expected += "* " + n + " FETCH (UID " + n + " FLAGS (" + keyword + "))\r\n";
    }
    Client c(f);
    (void)c("a SELECT Inbox");
    CHECK(c("b FETCH 1:* FLAGS") == expected + "b OK FETCH done\r\n");
}
