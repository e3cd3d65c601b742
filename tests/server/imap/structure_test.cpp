#include "mime/scanner.hpp"
#include "server/imap/body_structure.hpp"
#include "server/imap/envelope.hpp"
#include "server/imap/parser.hpp"

namespace {

using namespace mox;
using imap::Texts;

struct Written {
    std::string envelope, body, structure;
};

Written written(std::string_view message, Texts texts) {
    const std::string bytes = mime::encode(mime::scan(message));
    mime::MessageView view;
    REQUIRE(view.read(bytes));
    Written out;
    imap::Writer envelope(out.envelope, texts), body(out.body, texts), structure(out.structure, texts);
    imap::write_envelope(envelope, *view.envelope(view.root()));
    imap::write_body_structure(body, view, imap::Extension::without);
    imap::write_body_structure(structure, view, imap::Extension::with);
    return out;
}

std::string string_of(std::string_view value, Texts texts) {
    std::string out;
    imap::Writer(out, texts).string(value);
    return out;
}

}  // namespace

TEST_CASE("strings are quoted or literals, as the client can read them, and read back", "[imap]") {
    struct Row {
        std::string value, ascii, utf8;
    };
    const auto row = GENERATE(values<Row>({
        {"", "\"\"", "\"\""},
        {"a b", "\"a b\"", "\"a b\""},
        {"a\"\\b", "\"a\\\"\\\\b\"", "\"a\\\"\\\\b\""},
        {"\xc3\xbc", "{2}\r\n\xc3\xbc", "\"\xc3\xbc\""},
        {"\xfc", "{1}\r\n\xfc", "{1}\r\n\xfc"},
        {"a\r\nb", "{4}\r\na\r\nb", "{4}\r\na\r\nb"},
        {"a\tb", "{3}\r\na\tb", "{3}\r\na\tb"},
        {std::string(5000, 'x'), "{5000}\r\n" + std::string(5000, 'x'), "{5000}\r\n" + std::string(5000, 'x')},
    }));
    CHECK(string_of(row.value, Texts::ascii) == row.ascii);
    CHECK(string_of(row.value, Texts::utf8) == row.utf8);
    for (const auto& text : {row.ascii, row.utf8}) {
        imap::Parser parser(text);
        CHECK(parser.string() == row.value);
        CHECK(parser.at_end());
    }
}

TEST_CASE("an ENVELOPE has what the header says, and From where Sender and Reply-To are missing", "[imap]") {
    struct Row {
        std::string header, ascii, utf8;
    };
    const auto row = GENERATE(values<Row>({
        {"\r\n", "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)", ""},
        {"From: a@b\r\nTo: <@route:user@domain>\r\n\r\n",
         "(NIL NIL ((NIL NIL \"a\" \"b\")) ((NIL NIL \"a\" \"b\")) ((NIL NIL \"a\" \"b\"))"
         " ((NIL \"@route\" \"user\" \"domain\")) NIL NIL NIL NIL)",
         ""},
        {"Date: Tue, 3 Jan 2023 10:11:12 +0200\r\nSubject: hi \"you\"\r\nFrom: Ann <a@a.example>\r\n"
         "To: b@b.example, =?utf-8?q?J=C3=B6?= <j@b.example>\r\nMessage-ID: <1@a.example>\r\n"
         "In-Reply-To: <0@a.example>\r\n\r\n",
         "(\"Tue, 3 Jan 2023 10:11:12 +0200\" \"hi \\\"you\\\"\" ((\"Ann\" NIL \"a\" \"a.example\"))"
         " ((\"Ann\" NIL \"a\" \"a.example\")) ((\"Ann\" NIL \"a\" \"a.example\"))"
         " ((NIL NIL \"b\" \"b.example\")(\"=?utf-8?q?J=C3=B6?=\" NIL \"j\" \"b.example\")) NIL NIL"
         " \"<0@a.example>\" \"<1@a.example>\")",
         "(\"Tue, 3 Jan 2023 10:11:12 +0200\" \"hi \\\"you\\\"\" ((\"Ann\" NIL \"a\" \"a.example\"))"
         " ((\"Ann\" NIL \"a\" \"a.example\")) ((\"Ann\" NIL \"a\" \"a.example\"))"
         " ((NIL NIL \"b\" \"b.example\")(\"J\xc3\xb6\" NIL \"j\" \"b.example\")) NIL NIL"
         " \"<0@a.example>\" \"<1@a.example>\")"},
        {"From: a@a.example\r\nSender: s@a.example\r\nReply-To: r@a.example\r\nCc: c@a.example\r\nBcc: "
         "d@a.example\r\n\r\n",
         "(NIL NIL ((NIL NIL \"a\" \"a.example\")) ((NIL NIL \"s\" \"a.example\")) ((NIL NIL \"r\" \"a.example\")) NIL"
         " ((NIL NIL \"c\" \"a.example\")) ((NIL NIL \"d\" \"a.example\")) NIL NIL)",
         ""},
        {"To: undisclosed-recipients:;\r\nCc: team: x@a.example;, root\r\n\r\n",
         "(NIL NIL NIL NIL NIL ((NIL NIL \"undisclosed-recipients\" NIL)(NIL NIL NIL NIL))"
         " ((NIL NIL \"team\" NIL)(NIL NIL \"x\" \"a.example\")(NIL NIL NIL NIL)(NIL NIL \"root\" \"\")) NIL NIL NIL)",
         ""},
    }));
    CHECK(written(row.header, Texts::ascii).envelope == row.ascii);
    CHECK(written(row.header, Texts::utf8).envelope == (row.utf8.empty() ? row.ascii : row.utf8));
}

TEST_CASE("BODYSTRUCTURE tells parts as RFC 9051 wants them", "[imap]") {
    struct Row {
        std::string message, structure;
    };
    const auto row = GENERATE(values<Row>({
        // No Content-Type at all.
        {"\r\nhi\r\n", "(\"TEXT\" \"PLAIN\" (\"CHARSET\" \"us-ascii\") NIL NIL \"7BIT\" 4 1 NIL NIL NIL NIL)"},
        {"Content-Type: text/html; charset=UTF-8\r\nContent-Transfer-Encoding: quoted-printable\r\n"
         "Content-ID: <c1>\r\nContent-Description: d\r\nContent-MD5: bWQ1\r\nContent-Location: http://x/\r\n"
         "Content-Language: de\r\nContent-Disposition: inline; filename=\"a b.html\"\r\n\r\nx\r\ny\r\n",
         "(\"TEXT\" \"HTML\" (\"CHARSET\" \"UTF-8\") \"<c1>\" \"d\" \"QUOTED-PRINTABLE\" 6 2 \"bWQ1\""
         " (\"INLINE\" (\"FILENAME\" \"a b.html\")) \"de\" \"http://x/\")"},
        {"Content-Type: image/png; name=x.png\r\nContent-Transfer-Encoding: x-odd\r\n"
         "Content-Language: de, en\r\nContent-Disposition: attachment\r\n\r\nabc",
         "(\"IMAGE\" \"PNG\" (\"NAME\" \"x.png\") NIL NIL \"X-ODD\" 3 NIL (\"ATTACHMENT\" NIL) (\"de\" \"en\") NIL)"},
        {"Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n\r\nhi\r\n--b\r\nContent-Type: "
         "text/html\r\n\r\n"
         "<p>\r\n--b--\r\n",
         "((\"TEXT\" \"PLAIN\" (\"CHARSET\" \"us-ascii\") NIL NIL \"7BIT\" 2 1 NIL NIL NIL NIL)"
         "(\"TEXT\" \"HTML\" NIL NIL NIL \"7BIT\" 3 1 NIL NIL NIL NIL) \"ALTERNATIVE\" (\"BOUNDARY\" \"b\") NIL NIL "
         "NIL)"},
        {"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n"
         "Subject: in\r\n\r\nhi\r\n--b--\r\n",
         "((\"MESSAGE\" \"RFC822\" NIL NIL NIL \"7BIT\" 17 (NIL \"in\" NIL NIL NIL NIL NIL NIL NIL NIL)"
         " (\"TEXT\" \"PLAIN\" (\"CHARSET\" \"us-ascii\") NIL NIL \"7BIT\" 2 1 NIL NIL NIL NIL) 3 NIL NIL NIL NIL)"
         " \"MIXED\" (\"BOUNDARY\" \"b\") NIL NIL NIL)"},
        // What cannot be taken apart.
        {"Content-Type: multipart/mixed\r\n\r\nno boundary\r\n",
         "((\"TEXT\" \"PLAIN\" (\"CHARSET\" \"us-ascii\") NIL NIL \"8BIT\" 13 1 NIL NIL NIL NIL) \"MIXED\" NIL NIL NIL "
         "NIL)"},
        {"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\nU3ViamVjdDogeAoK\r\n",
         "(\"APPLICATION\" \"OCTET-STREAM\" NIL NIL NIL \"BASE64\" 18 NIL NIL NIL NIL)"},
    }));
    CHECK(written(row.message, Texts::ascii).structure == row.structure);
    CHECK(written(row.message, Texts::utf8).structure == row.structure);
}

TEST_CASE("BODY has no extension data", "[imap]") {
    CHECK(written("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhi\r\n--b--\r\n", Texts::ascii).body ==
          "((\"TEXT\" \"PLAIN\" (\"CHARSET\" \"us-ascii\") NIL NIL \"7BIT\" 2 1) \"MIXED\")");
}

TEST_CASE("names of files are told in UTF-8, or encoded for clients that take ASCII only", "[imap]") {
    const std::string message =
        "Content-Type: message/global\r\nContent-Disposition: attachment; filename*=utf-8''%C3%BC%20%22.eml\r\n\r\n"
        "Subject: \xc3\xbc\r\n\r\n";
    CHECK(written(message, Texts::ascii).structure ==
          "(\"MESSAGE\" \"GLOBAL\" NIL NIL NIL \"7BIT\" 15 NIL (\"ATTACHMENT\" (\"FILENAME*\""
          " \"utf-8''%C3%BC%20%22.eml\")) NIL NIL)");
    CHECK(written(message, Texts::utf8).structure ==
          "(\"MESSAGE\" \"GLOBAL\" NIL NIL NIL \"7BIT\" 15 (NIL \"\xc3\xbc\" NIL NIL NIL NIL NIL NIL NIL NIL)"
          " (\"TEXT\" \"PLAIN\" (\"CHARSET\" \"us-ascii\") NIL NIL \"7BIT\" 0 0 NIL NIL NIL NIL) 2 NIL"
          " (\"ATTACHMENT\" (\"FILENAME\" \"\xc3\xbc \\\".eml\")) NIL NIL)");
}
