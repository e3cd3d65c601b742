#include "mime/message_view.hpp"

#include <catch2/catch.hpp>

#include "base/encoding.hpp"
#include "mime/header.hpp"
#include "mime/scanner.hpp"

namespace {

using namespace mox;

constexpr std::string_view nested =
    "From: Ann <a@a.example>, friends: b@b.example;\r\nSubject: outer\r\nDate: Tue, 3 Jan 2023 10:11:12 +0200\r\n"
    "Content-Type: multipart/mixed; boundary=x\r\n\r\n"
    "--x\r\nContent-Type: text/html; charset=utf-8\r\nContent-Language: de, en\r\n\r\n<p>\r\n"
    "--x\r\nContent-Type: message/rfc822\r\nContent-Disposition: attachment; filename=m.eml\r\n\r\n"
    "Subject: inner\r\n\r\nhi\r\n--x--\r\n";

}  // namespace

TEST_CASE("a stored structure can be looked at as views", "[mime]") {
    const std::string bytes = mime::encode(mime::scan(nested));
    mime::MessageView view;
    for (int again = 0; again < 2; ++again) {
        REQUIRE(view.read(bytes));
        CHECK(view.size_bytes() == nested.size());
        CHECK(view.parts().size() == 4);
        const auto* const envelope = view.envelope(view.root());
        REQUIRE(envelope != nullptr);
        CHECK(envelope->subject == "outer");
        std::vector<std::string> from;
        for (const auto& address : envelope->from)
            from.push_back(std::string(address.name) + "/" + std::string(address.localpart));
        CHECK(from == std::vector<std::string>{"Ann/a", "friends/", "/b", "/"});

        const auto* const html = view.first_child(view.root());
        REQUIRE(html != nullptr);
        CHECK(html->subtype == "html");
        CHECK(view.envelope(*html) == nullptr);
        CHECK(html->languages.size() == 2);
        CHECK(*html->languages.begin() == "de");
        const auto* const attached = view.next_sibling(*html);
        REQUIRE(attached != nullptr);
        CHECK(attached->is_message());
        CHECK(view.next_sibling(*attached) == nullptr);
        CHECK(attached->disposition_parameters.begin()->value == "m.eml");
        const auto* const inner = view.first_child(*attached);
        REQUIRE(inner != nullptr);
        CHECK(view.envelope(*inner)->subject == "inner");
        CHECK(nested.substr(inner->body_offset, inner->body_size()) == "hi");
    }
}

TEST_CASE("a source route is kept with its address", "[mime]") {
    const auto message = mime::scan("From: Ann <@r,@s:a@b>, c@d\r\nTo: <@t:e@f>\r\n\r\n");
    const std::string bytes = mime::encode(message);
    mime::MessageView view;
    REQUIRE(view.read(bytes));
    const auto* const envelope = view.envelope(view.root());
    std::string from;
    for (const auto& address : envelope->from)
        for (const auto text : {address.name, address.route, address.localpart, address.host})
            from.append(text).append("/");
    CHECK(from == "Ann/@r,@s/a/b///c/d/");
    CHECK(envelope->to.begin()->route == "@t");
    CHECK(mime::decode(bytes) == message);
}

TEST_CASE("what is no stored structure gives no view, wherever it was cut", "[mime]") {
    const std::string bytes = mime::encode(mime::scan(nested));
    mime::MessageView view;
    for (std::size_t size = 0; size < bytes.size(); ++size)
        CHECK_FALSE(view.read(std::string_view(bytes).substr(0, size)));
    CHECK_FALSE(view.read(bytes + '\0'));
    CHECK(view.read(bytes));
}

TEST_CASE("texts become encoded words that read back as they were", "[mime]") {
    struct Row {
        std::string text, encoded;
    };
    const auto row = GENERATE(values<Row>({
        {"", ""},
        {"plain, \"quoted\"", "plain, \"quoted\""},
        {"Gr\xc3\xbc\xc3\x9f"
         "e",
         "=?utf-8?q?Gr=C3=BC=C3=9Fe?="},
        {"\xe6\x97\xa5\xe6\x9c\xac", "=?utf-8?b?5pel5pys?="},
        {"=?utf-8?q?x?=", "=?utf-8?q?=3D=3Futf-8=3Fq=3Fx=3F=3D?="},
    }));
    CHECK(mime::encode_words(row.text) == row.encoded);
    CHECK(mime::decode_words(row.encoded) == (row.text.starts_with("=?") ? "=?utf-8?q?x?=" : row.text));
}

TEST_CASE("encoded words have at most 75 characters and hold whole ones", "[mime]") {
    const auto piece = GENERATE(values<std::string>({"\xc3\xbc", "a\xc3\xbc b", "\xf0\x9f\x98\x80", "x\xe6\x97\xa5"}));
    std::string text;
    for (int i = 0; i < 100; ++i) {
        text += piece;
        const std::string encoded = mime::encode_words(text);
        CHECK(mime::decode_words(encoded) == text);
        std::size_t start = 0;
        while (start < encoded.size()) {
            const auto end = std::min(encoded.find(' ', start), encoded.size());
            CHECK(end - start <= 75);
            CHECK(is_utf8(mime::decode_words(encoded.substr(start, end - start))));
            CHECK(mime::decode_words(encoded.substr(start, end - start)).find("\xef\xbf\xbd") == std::string::npos);
            start = end + 1;
        }
    }
}
