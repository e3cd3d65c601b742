#include "mime/scanner.hpp"

#include <catch2/catch.hpp>
#include <string>

#include "base/encoding.hpp"

using namespace mox::mime;

namespace {

// LF to CRLF, so that tests stay readable.
std::string crlf(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '\n') out += '\r';
        out += c;
    }
    return out;
}

// "text/plain" or "multipart/mixed(text/plain text/html)".
std::string shape(const Part& part) {
    std::string out = part.type + "/" + part.subtype;
    for (std::size_t i = 0; i < part.children.size(); ++i) out += (i == 0 ? "(" : " ") + shape(part.children[i]);
    return part.children.empty() ? out : out + ")";
}

std::string body_of(const Part& part, const std::string& text) {
    return text.substr(part.body_offset, part.end_offset - part.body_offset);
}

bool has(const Message& message, DefectKind kind) {
    for (const auto& defect : message.defects)
        if (defect.kind == kind) return true;
    return false;
}

Message scan_in_pieces(std::string_view text, std::size_t piece) {
    Scanner scanner;
    for (std::size_t at = 0; at < text.size(); at += piece) scanner.feed(text.substr(at, piece));
    return scanner.finish();
}

// Scans, and checks what must hold for every message.
Message checked(const std::string& text) {
    Message message = scan(text);
    CHECK(check_offsets(message, text.size()) == "");
    for (const std::size_t piece : {1U, 2U, 7U, 1000U}) CHECK(scan_in_pieces(text, piece) == message);
    const auto decoded = decode(encode(message));
    CHECK((decoded && *decoded == message));
    return message;
}

}  // namespace

TEST_CASE("scanner finds the shape of tricky messages", "[mime]") {
    struct Row {
        const char* what;
        const char* text;
        const char* shape;
        std::vector<const char*> bodies;  // of the root's children
        std::vector<DefectKind> defects;
    };
    const auto row = GENERATE(
        Row{"empty message", "", "text/plain", {}, {}}, Row{"only an empty line", "\n", "text/plain", {}, {}},
        Row{"no empty line after the header", "Subject: x\n", "text/plain", {}, {DefectKind::header_without_end}},
        Row{"no content type", "Subject: x\n\nbody\n", "text/plain", {}, {}},
        Row{"unreadable content type", "Content-Type: foo\n\nx", "text/plain", {}, {DefectKind::bad_content_type}},
        Row{"preamble and epilogue",
            "Content-Type: multipart/mixed; boundary=b\n\npre\n--b\n\none\n--b\n\ntwo\n--b--\nepi\n--b\nlogue\n",
            "multipart/mixed(text/plain text/plain)",
            {"one", "two"},
            {}},
        Row{"missing final boundary",
            "Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n",
            "multipart/mixed(text/plain)",
            {"one\r\n"},
            {DefectKind::missing_close_boundary}},
        Row{"boundary at the end without line end",
            "Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b--",
            "multipart/mixed(text/plain)",
            {"one"},
            {}},
        Row{"boundaries that begin alike",
            "Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: multipart/related; boundary=ab\n\n"
            "--ab\n\nin\n--abc\n--ab--\n--a\n\nout\n--a--\n",
            "multipart/mixed(multipart/related(text/plain) text/plain)",
            {"--ab\r\n\r\nin\r\n--abc\r\n--ab--", "out"},
            {}},
        Row{"nested multiparts with the same boundary",
            "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/mixed; boundary=b\n\n"
            "--b\n\nin\n--b--\n--b\n\nout\n--b--\n",
            "multipart/mixed(multipart/mixed(text/plain) text/plain)",
            {"--b\r\n\r\nin\r\n--b--", "out"},
            {}},
        Row{"outer boundary ends inner multipart",
            "Content-Type: multipart/mixed; boundary=o\n\n--o\nContent-Type: multipart/mixed; boundary=i\n\n"
            "--i\n\nin\n--o\n\nout\n--o--\n",
            "multipart/mixed(multipart/mixed(text/plain) text/plain)",
            {"--i\r\n\r\nin", "out"},
            {DefectKind::missing_close_boundary}},
        Row{"empty parts",
            "Content-Type: multipart/mixed; boundary=b\n\n--b\n--b\n\n--b\nA: b\n\n\n--b\nA: b\n--b--\n",
            "multipart/mixed(text/plain text/plain text/plain text/plain)",
            {"", "", "", ""},
            {DefectKind::header_without_end}},
        Row{"blanks after a boundary",
            "Content-Type: multipart/mixed; boundary=\"b\"\n\n--b \t\n\none\n--b-- \n",
            "multipart/mixed(text/plain)",
            {"one"},
            {}},
        Row{"something else after a boundary is text",
            "Content-Type: multipart/mixed; boundary=b\n\n--b\n\n--bx\n--b x\n --b\n--b--\n",
            "multipart/mixed(text/plain)",
            {"--bx\r\n--b x\r\n --b"},
            {}},
        Row{"no boundary parameter",
            "Content-Type: multipart/mixed\n\n--b\n\nx\n",
            "multipart/mixed",
            {},
            {DefectKind::missing_boundary}},
        Row{"a boundary that never comes",
            "Content-Type: multipart/mixed; boundary=b\n\nx\n",
            "multipart/mixed",
            {},
            {DefectKind::no_parts}},
        Row{"digest parts are messages",
            "Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: x\n\nhi\n--b\nContent-Type: text/html\n\n"
            "--b--\n",
            "multipart/digest(message/rfc822(text/plain) text/html)",
            {"Subject: x\r\n\r\nhi", ""},
            {}},
        Row{"encoded message stays opaque",
            "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nQQ==\n",
            "message/rfc822",
            {},
            {DefectKind::hidden_parts}},
        Row{"encoded multipart is read all the same",
            "Content-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: base64\n\n--b\n\nx\n--b--\n",
            "multipart/mixed(text/plain)",
            {"x"},
            {DefectKind::hidden_parts}},
        Row{"garbage in the header",
            "From x Mon Jan 1\nSubject: y\nno field\n\nbody",
            "text/plain",
            {},
            {DefectKind::garbage_header_line}},
        Row{"boundary in a header of a message inside",
            "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: message/rfc822\n\nSubject: x\n--b--\n",
            "multipart/mixed(message/rfc822(text/plain))",
            {"Subject: x"},
            {DefectKind::header_without_end}});
    CAPTURE(row.what);
    for (const auto& text : {crlf(row.text), std::string(row.text)}) {
        const Message message = checked(text);
        CHECK(shape(message.root) == row.shape);
        for (const auto kind : row.defects) CHECK(has(message, kind));
        CHECK(message.defects.size() == row.defects.size());
    }
    const std::string text = crlf(row.text);
    const Message message = scan(text);
    for (std::size_t i = 0; i < row.bodies.size(); ++i)
        CHECK(body_of(message.root.children.at(i), text) == row.bodies[i]);
}

TEST_CASE("scanner counts lines and decoded bytes", "[mime]") {
    struct Row {
        const char* encoding;
        const char* body;
        std::uint64_t lines, decoded;
        bool bad;
    };
    const auto row =
        GENERATE(Row{"7bit", "", 0, 0, false}, Row{"7bit", "\n", 1, 2, false}, Row{"7bit", "a\nb", 2, 4, false},
                 Row{"8bit", "a\n\nb\n", 3, 8, false}, Row{"base64", "YWJj\n", 1, 3, false},
                 Row{"base64", "YWJj\nYQ==\n", 2, 4, false}, Row{"base64", "YQ==YWI=", 1, 3, false},
                 Row{"base64", "Y*W-J_j\n", 1, 3, true}, Row{"base64", "YWJjZ", 1, 3, false},
                 Row{"BASE64", "====", 1, 0, false}, Row{"quoted-printable", "a=20b  \n", 1, 5, false},
                 Row{"quoted-printable", "a=\nb=C3=A4\n", 2, 6, false}, Row{"quoted-printable", "a= \nb=", 2, 2, false},
                 Row{"quoted-printable", "a=XY=4 =", 1, 7, false}, Row{"x-foo", "=20", 1, 3, false});
    CAPTURE(row.encoding, row.body);
    const std::string header = std::string("Content-Transfer-Encoding: ") + row.encoding + "\r\n\r\n";
    const Message message = checked(header + crlf(row.body));
    CHECK(message.root.lines == row.lines);
    CHECK(message.root.decoded_size == row.decoded);
    CHECK(has(message, DefectKind::bad_base64) == row.bad);
    // The line end before a boundary belongs to the boundary.
    const Message inside =
        checked("Content-Type: multipart/mixed; boundary=q\r\n\r\n--q\r\n" + header + crlf(row.body) + "\r\n--q--\r\n");
    const Part& part = inside.root.children.at(0);
    CHECK(part.lines == row.lines);
    CHECK(part.decoded_size == row.decoded);
}

TEST_CASE("scanner reads everything that a body structure needs", "[mime]") {
    const std::string text = crlf(
        "From: =?utf-8?Q?J=C3=B6rg?= <j@x.example>\nTo: team: a@b, \"C, D\" <c@d>;, e@f (Ee)\n"
        "Subject: =?iso-8859-1?Q?gr=FC?=\n =?iso-8859-1?Q?=DF?= dich\nDate: Mon, 2 Jan 2006 15:04:05 -0700\n"
        "Message-ID: <A.B@X>\nIn-Reply-To: <p@q>\nReferences: <o@q> <p@q>\n"
        "Content-Type: Text/HTML; Charset=\"UTF-8\"; name*0*=utf-8''%e2%82; name*1*=%ac; name*2=.txt\n"
        "Content-ID: <id@x>\nContent-Description: =?utf-8?B?w6Q=?=\nContent-MD5: Q2hlY2s=\n"
        "Content-Disposition: ATTACHMENT; filename=\"C:\\a \\\"b\\\".txt\"; size=3\n"
        "Content-Language: en, de (German)\nContent-Location: http://x/\n y\n\nabc");
    const Message m = checked(text);
    const Envelope& e = *m.root.envelope;
    CHECK(e.subject == "grüß dich");
    CHECK(e.from == std::vector<Address>{{AddressKind::mailbox, "Jörg", "j", "x.example"}});
    CHECK(e.to == std::vector<Address>{{AddressKind::group_start, "team", "", ""},
                                       {AddressKind::mailbox, "", "a", "b"},
                                       {AddressKind::mailbox, "C, D", "c", "d"},
                                       {AddressKind::group_end, "", "", ""},
                                       {AddressKind::mailbox, "Ee", "e", "f"}});
    CHECK(e.date == "Mon, 2 Jan 2006 15:04:05 -0700");
    CHECK(e.message_id == "<A.B@X>");
    REQUIRE(m.date);
    CHECK(m.date->seconds == 1136239445);
    CHECK(m.date->offset_minutes == -420);
    CHECK(m.threading.message_id == "a.b@x");
    CHECK(m.threading.references == std::vector<std::string>{"o@q", "p@q"});
    CHECK(m.root.type == "text");
    CHECK(m.root.subtype == "html");
    CHECK(m.root.parameters == std::vector<Parameter>{{"charset", "UTF-8"}, {"name", "€.txt"}});
    CHECK(m.root.content_id == "<id@x>");
    CHECK(m.root.description == "ä");
    CHECK(m.root.md5 == "Q2hlY2s=");
    CHECK(m.root.disposition == "attachment");
    CHECK(m.root.disposition_parameters == std::vector<Parameter>{{"filename", "C:\\a \"b\".txt"}, {"size", "3"}});
    CHECK(m.root.languages == std::vector<std::string>{"en", "de"});
    CHECK(m.root.location == "http://x/y");
    CHECK(m.defects.empty());
}

TEST_CASE("scanner keeps deep nesting opaque", "[mime]") {
    SECTION("1000 multiparts") {
        std::string text;
        for (int i = 0; i < 1000; ++i)
            text += "Content-Type: multipart/mixed; boundary=b" + std::to_string(i) + "\r\n\r\n--b" +
                    std::to_string(i) + "\r\n";
        const Message m = checked(text);
        CHECK(has(m, DefectKind::too_deep));
    }
    SECTION("10,000 messages in messages") {
        std::string text;
        for (int i = 0; i < 10'000; ++i) text += "Content-Type: message/rfc822\r\n\r\n";
        const Message m = checked(text);
        CHECK(has(m, DefectKind::too_deep));
        std::size_t depth = 1;
        for (const Part* part = &m.root; !part->children.empty(); part = &part->children[0]) ++depth;
        CHECK(depth == max_depth);
    }
}

TEST_CASE("scanner stops at too many parts", "[mime]") {
    std::string text = "Content-Type: multipart/mixed; boundary=b\r\n\r\n";
    for (int i = 0; i < 20'000; ++i) text += "--b\r\n\r\nx\r\n";
    const Message m = scan(text + "--b--\r\n");
    CHECK(m.root.children.size() == max_parts - 1);
    CHECK(has(m, DefectKind::too_many_parts));
    CHECK(check_offsets(m, m.size_bytes) == "");
    CHECK(decode(encode(m)) == m);
}

TEST_CASE("scanner reads huge headers and lines in bounded memory", "[mime]") {
    SECTION("100,000 fields") {
        std::string text;
        for (int i = 0; i < 100'000; ++i) text += "X-" + std::to_string(i) + ": y\r\n";
        const Message m = scan(text + "\r\nbody\r\n");
        CHECK(m.root.body_size() == 6);
        CHECK((has(m, DefectKind::too_many_fields) || has(m, DefectKind::header_too_large)));
    }
    SECTION("a header without end") {
        std::string text = "Subject: x\r\n";
        while (text.size() < 3U << 20U) text += " folded and folded and folded again\r\n";
        const Message m = scan(text);
        CHECK(m.root.body_offset == text.size());
        CHECK(has(m, DefectKind::header_too_large));
        CHECK(scan_in_pieces(text, 4097) == m);
    }
    SECTION("a line of 10 MB, with NUL") {
        std::string line(10'000'000, 'x');
        line[5] = '\0';
        for (const char* encoding : {"7bit", "quoted-printable", "base64"}) {
            const std::string text = std::string("Content-Transfer-Encoding: ") + encoding + "\r\n\r\n" + line;
            const Message m = scan(text);
            CHECK(m.root.lines == 1);
            CHECK(scan_in_pieces(text, 65'536) == m);
        }
    }
    SECTION("a line of 10 MB that starts like a boundary") {
        const std::string text = "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n--b" +
                                 std::string(10'000'000, ' ') + "\r\n--b--";
        const Message m = scan(text);
        CHECK(m.root.children.size() == 1);
        CHECK(scan_in_pieces(text, 999) == m);
    }
    SECTION("texts of the structure") {
        std::string text = "Content-Type: multipart/mixed; boundary=b\r\n\r\n";
        const std::string description(200'000, 'd');
        for (int i = 0; i < 100; ++i) text += "--b\r\nContent-Description: " + description + "\r\n\r\nx\r\n";
        const Message m = scan(text + "--b--\r\n");
        CHECK(m.root.children.size() == 100);
        CHECK(has(m, DefectKind::structure_too_large));
        CHECK(encode(m).size() < max_structure_bytes + 10'000);
    }
}

TEST_CASE("scanner can be used again", "[mime]") {
    Scanner scanner;
    scanner.feed("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n");
    (void)scanner.finish();
    scanner.feed("Subject: x\r\n\r\n--b\r\n");
    CHECK(scanner.finish() == scan("Subject: x\r\n\r\n--b\r\n"));
}

TEST_CASE("stored form of a plain message is small and refuses damage", "[mime]") {
    const Message m = scan(
        "From: Jane Doe <jane@example.org>\r\nTo: John <john@example.com>\r\nSubject: The usual subject of a "
        "message\r\n"
        "Date: Mon, 02 Jan 2006 15:04:05 -0700\r\nMessage-ID: <20060102150405.12345@mail.example.org>\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n\r\nHello\r\n");
    const std::string bytes = encode(m);
    CHECK(bytes.size() <= 250);
    CHECK(decode(bytes) == m);
    for (std::size_t size = 0; size < bytes.size(); ++size) CHECK_FALSE(decode(bytes.substr(0, size)));
    CHECK_FALSE(decode(bytes + '\0'));
    CHECK_FALSE(decode("\x02" + bytes.substr(1)));
    for (std::size_t i = 0; i < bytes.size(); ++i)
        for (const int flip : {1, 128, 255}) {
            std::string damaged = bytes;
            damaged[i] = static_cast<char>(damaged[i] ^ flip);
            if (const auto read = decode(damaged)) CHECK(decode(encode(*read)) == read);
        }
}

TEST_CASE("offsets outside the message are named", "[mime]") {
    Message m = scan("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n");
    const auto size = m.size_bytes;
    CHECK(check_offsets(m, size) == "");
    CHECK(check_offsets(m, size + 1) != "");
    m.root.children[0].end_offset = size + 5;
    CHECK(check_offsets(m, size).find("part 0.1: end at") == 0);
    m.root.children[0].end_offset = 1;
    CHECK(check_offsets(m, size) != "");
}

TEST_CASE("parts can be had without envelopes, and are the same", "[mime]") {
    const std::string texts[] = {
        "", "From: a@example.org\nDate: never\nSubject: s\n\nbody\n",
        "Content-Type: message/rfc822\n\nFrom: b@example.org\nContent-Type: text/html\n\n<p>\n",
        "Content-Type: multipart/digest; boundary=x\n\n--x\n\nSubject: inside\n\ntext\n--x\nContent-Type: "
        "text/plain\n\nother\n--x--\n",
        "From: " + std::string(100'000, 'a') +
            "\nContent-Type: multipart/mixed; boundary=y\n\n--y\n"
            "Content-Transfer-Encoding: base64\n\nAAAA\n--y\n\nlast"};
    for (const auto& text : texts) {
        INFO(text.substr(0, 200));
        const Part whole = scan(crlf(text)).root;
        const Part parts = scan_parts(crlf(text));
        CHECK(parts.envelope == nullptr);
        CHECK(shape(parts) == shape(whole));
        const auto compare = [](const auto& self, const Part& a, const Part& b) -> void {
            CHECK(a.header_offset == b.header_offset);
            CHECK(a.body_offset == b.body_offset);
            CHECK(a.end_offset == b.end_offset);
            CHECK(a.decoded_size == b.decoded_size);
            CHECK(a.encoding == b.encoding);
            REQUIRE(a.children.size() == b.children.size());
            for (std::size_t i = 0; i < a.children.size(); ++i) self(self, a.children[i], b.children[i]);
        };
        compare(compare, parts, whole);
    }
}
