#include <catch2/catch.hpp>

#include "base/encoding.hpp"
#include "mime/charset.hpp"
#include "mime/decode.hpp"
#include "mime/header.hpp"
#include "mime/parameters.hpp"
#include "mime/threading.hpp"

using namespace mox::mime;

TEST_CASE("encoded words become UTF-8", "[mime]") {
    struct Row {
        const char* text;
        const char* decoded;
    };
    const auto row =
        GENERATE(values<Row>({{"plain", "plain"},
                              {"=?utf-8?Q?a_b=C3=A4?=", "a bä"},
                              {"=?UTF-8?b?w6Q=?=", "ä"},
                              {"=?iso-8859-1?q?=E4?= =?utf-8?B?w6Q=?=", "ää"},
                              {"=?utf-8?Q?=C3?= =?utf-8?Q?=A4?=", "ä"},
                              {"a =?utf-8?Q?b?= c", "a b c"},
                              {"=?utf-8*de?Q?b?=", "b"},
                              {"=?iso-2022-jp?B?GyRCRnxLXBsoQg==?= =?iso-2022-jp?B?GyRCRnxLXBsoQg==?=", "日本日本"},
                              {"=?gb2312?B?xOO6ww==?=", "你好"},
                              {"=?koi8-r?B?8NLJ18XU?=", "Привет"},
                              {"=?unknown-x?Q?=E4?=", "ä"},
                              {"=?utf-8?Q?=FF?=", "\xef\xbf\xbd"},
                              {"=?utf-8?Q?=0D=0A=00?=", "   "},
                              // broken ones stay
                              {"=?utf-8?Q?open", "=?utf-8?Q?open"},
                              {"=?utf-8?X?a?=", "=?utf-8?X?a?="},
                              {"=??Q?a?=", "=??Q?a?="},
                              {"=?utf-8?Q?a?", "=?utf-8?Q?a?"},
                              {"=?", "=?"},
                              {"raw \xe4", "raw ä"},
                              {"raw \xc3\xa4", "raw ä"}}));
    CAPTURE(row.text);
    CHECK(decode_words(row.text) == row.decoded);
}

TEST_CASE("any bytes in any charset become well-formed UTF-8", "[mime]") {
    std::string bytes;
    for (int i = 0; i < 512; ++i) bytes += static_cast<char>(i * 7);
    for (const char* charset :
         {"", "utf-8", "us-ascii", "iso-8859-1", "windows-1252", "utf-16", "utf-7", "iso-2022-jp", "big5", "shift_jis",
          "gb2312", "euc-kr", "koi8-r", "x-none", "../etc/passwd", "\"utf-8\""})
        CHECK(mox::is_utf8(to_utf8(bytes, charset)));
    CHECK(is_known_charset("ISO-8859-15"));
    CHECK_FALSE(is_known_charset("x-none"));
    CHECK(to_utf8("\x80", "iso-8859-1") == "€");
    CHECK(nfc("a\xcc\x88") == "ä");
    CHECK(nfc("\xff") == "\xef\xbf\xbd");
    CHECK(lower_case("ÄÖ X") == "äö x");
}

TEST_CASE("fields are read with their offsets, garbage is skipped and counted", "[mime]") {
    const std::string header = "From x\r\nA: 1\r\n  2\r\nB :3\nnothing\r\n : x\r\nC:\r\n\r\nD: 4\r\n";
    FieldReader reader(header);
    const auto a = reader.next();
    REQUIRE(a);
    CHECK(a->name == "A");
    CHECK(a->offset == 8);
    CHECK(a->size == 11);
    CHECK(unfold(a->value) == "1  2");
    CHECK(reader.next()->name == "B");
    const auto c = reader.next();
    REQUIRE(c);
    CHECK(c->name == "C");
    CHECK(c->value == "");
    CHECK_FALSE(reader.next());
    CHECK_FALSE(reader.next());
    CHECK(reader.garbage_lines() == 2);
    CHECK(reader.first_garbage_offset() == 0);
    CHECK(find_field(header, "b") == "3");
    CHECK_FALSE(find_field(header, "D"));
}

TEST_CASE("parameters are read, good and bad", "[mime]") {
    struct Row {
        const char* text;
        const char* value;
        std::vector<Parameter> parameters;
        bool well_formed;
    };
    const auto row = GENERATE(
        Row{"text/plain", "text/plain", {}, true}, Row{"", "", {}, true},
        Row{"Text / Plain ; charset = x", "text/plain", {{"charset", "x"}}, true},
        Row{"a/b; c=\"d\\\"e;f\"; g=h (comment; i=j)", "a/b", {{"c", "d\"e;f"}, {"g", "h"}}, true},
        Row{"a/b; n*=utf-8'de'%C3%A4", "a/b", {{"n", "ä"}}, true},
        Row{"a/b; n*0=x; n*1=y; n*2*=%7a", "a/b", {{"n", "xyz"}}, true},
        Row{"a/b; n*1=y; n*0=x", "a/b", {{"n", "xy"}}, true},
        Row{"a/b; n=old; n*=utf-8''new", "a/b", {{"n", "new"}}, true}, Row{"a/b; n=1; n=2", "a/b", {{"n", "1"}}, true},
        Row{"a/b; name=\"=?utf-8?Q?=C3=A4?=\"", "a/b", {{"name", "ä"}}, true},
        Row{"a/b; boundary=\"=?utf-8?Q?a?=\"", "a/b", {{"boundary", "=?utf-8?Q?a?="}}, true},
        Row{"a/b;;; ; c=d;", "a/b", {{"c", "d"}}, true},
        Row{"a/b; name=my file.txt", "a/b", {{"name", "my file.txt"}}, false}, Row{"a/b; c", "a/b", {}, false},
        Row{"a/b; c=\"open", "a/b", {{"c", "open"}}, false}, Row{"a/b c=d", "a/b", {{"c", "d"}}, false},
        Row{"a/b; =d", "a/b", {}, false}, Row{"a/b; n*1=y", "a/b", {{"n", ""}}, false},
        Row{"a/b (open \\", "a/b", {}, true});
    CAPTURE(row.text);
    const auto parsed = parse_parameterised(row.text);
    CHECK(parsed.value == row.value);
    CHECK(parsed.parameters == row.parameters);
    CHECK(parsed.well_formed == row.well_formed);
}

TEST_CASE("boundaries keep their raw bytes", "[mime]") {
    CHECK(parse_parameterised("a/b; boundary=\"\xe4 \"").boundary == "\xe4");
    CHECK(parse_parameterised("a/b; boundary*0=x; boundary*1=y").boundary == "xy");
}

TEST_CASE("message ids and references are canonical", "[mime]") {
    struct Row {
        const char* text;
        const char* id;
    };
    const auto row = GENERATE(values<Row>({{"<A@B>", "a@b"},
                                           {" <A@B> ", "a@b"},
                                           {"<a@b> (added)", "a@b"},
                                           {"<\"a\"@b>", "a@b"},
                                           {"<\"a b\"@c>", "\"a b\"@c"},
                                           {"<no-at>", "no-at"},
                                           {"", ""},
                                           {"a@b", ""},
                                           {"<a@b", ""},
                                           {"<a@b>x", ""},
                                           {"x <a@b>", ""}}));
    CAPTURE(row.text);
    CHECK(canonical_message_id(row.text) == row.id);
    using Ids = std::vector<std::string>;
    CHECK(reference_ids("<A@b>\r\n <c@\r\n d> junk <e@f>", "<x@y>") == Ids{"a@b", "c@d", "e@f"});
    CHECK(reference_ids("none", "\"Jane\" <x@y> of <z@z>") == Ids{"x@y"});
    CHECK(reference_ids("<open", "").empty());
}

TEST_CASE("base subjects lose their prefixes", "[mime]") {
    struct Row {
        const char* text;
        const char* base;
        bool reply;
    };
    const auto row = GENERATE(values<Row>({{"Hello  World", "hello world", false},
                                           {"Re: x", "x", true},
                                           {"RE : Fw: FWD: x (fwd) (FWD) ", "x", true},
                                           {"Re[2]: x", "x", true},
                                           {"Re [tag] : x", "x", true},
                                           {"[list] Re: [list] x", "x", true},
                                           {"[only]", "[only]", false},
                                           {"[a] [only]", "[only]", false},
                                           {"[Fwd: Re: x]", "x", true},
                                           {"[fwd: x", "[fwd: x", false},
                                           {"Reply: x", "reply: x", false},
                                           {"re", "re", false},
                                           {"Re:", "", true},
                                           {"", "", false},
                                           {"Re: ÄÖ", "äö", true},
                                           {"[open x", "[open x", false}}));
    CAPTURE(row.text);
    CHECK(base_subject(row.text) == BaseSubject{row.base, row.reply});
    CHECK(base_subject(std::string_view("a\0b", 3)).text == "");
}

TEST_CASE("transfer decoding does not depend on how bytes arrive", "[mime]") {
    struct Row {
        TransferEncoding encoding;
        std::string text, decoded;
    };
    using enum TransferEncoding;
    const auto row = GENERATE(
        Row{seven_bit, "a=20\r\n", "a=20\r\n"}, Row{base64, "aGVs\r\nbG8=", "hello"}, Row{base64, "aG*Vs bG8", "hello"},
        Row{base64, "YQ==YWI=", "aab"}, Row{base64, "Y", ""}, Row{quoted_printable, "a=3Db=\r\nc \t\r\n", "a=bc\r\n"},
        Row{quoted_printable, "=e4=E4=G1=\n=", "\xe4\xe4=G1"}, Row{quoted_printable, "a\rb\r\r\n", "a\rb\r\r\n"},
        Row{quoted_printable, "==41 =4\n", "=A =4\n"}, Row{quoted_printable, "x = \t\r\ny  ", "x y"},
        Row{quoted_printable, "=" + std::string(255, ' ') + "\r\nx", "x"},
        Row{quoted_printable, std::string(600, ' ') + "\n", std::string(512, ' ') + "\n"});
    CAPTURE(row.text);
    for (const std::size_t piece : {1U, 2U, 7U, 100'000U}) {
        std::string out;
        TransferDecoder decoder(row.encoding);
        DecodedSize size(row.encoding);
        for (std::size_t at = 0; at < row.text.size(); at += piece) {
            decoder.feed(std::string_view(row.text).substr(at, piece), out);
            size.feed(std::string_view(row.text).substr(at, piece));
        }
        decoder.finish(out);
        CHECK(out == row.decoded);
        CHECK(size.value() == row.decoded.size());
    }
}
