#include "base/encoding.hpp"

#include <catch2/catch.hpp>

using namespace mox;

TEST_CASE("base64 encodes and decodes the vectors of RFC 4648", "[base]") {
    struct Row {
        std::string plain, encoded;
    };
    for (const auto& row : {Row{"", ""}, Row{"f", "Zg=="}, Row{"fo", "Zm8="}, Row{"foo", "Zm9v"},
                            Row{"foob", "Zm9vYg=="}, Row{"fooba", "Zm9vYmE="}, Row{"foobar", "Zm9vYmFy"}}) {
        CHECK(to_base64(as_bytes(row.plain)) == row.encoded);
        CHECK(from_base64(row.encoded) == row.plain);
    }
}

TEST_CASE("base64 refuses what is not canonical", "[base]") {
    for (const std::string bad : {"Z", "Zg", "Zg=", "Zg===", "=Zg=", "Zh==", "Zm9=", "Zm 9v", "Zm9v\n", "Z===", "===="})
        CHECK_FALSE(from_base64(bad).has_value());
}

TEST_CASE("hex refuses odd lengths and other characters", "[base]") {
    CHECK(from_hex("00fF") == std::string("\0\xff", 2));
    CHECK(to_hex(as_bytes("\x01\xab")) == "01ab");
    for (const std::string bad : {"0", "0g", "0x", " 0"}) CHECK_FALSE(from_hex(bad).has_value());
}

TEST_CASE("quoted names cannot disturb a terminal", "[base]") {
    struct Row {
        std::string text, shown;
    };
    for (const auto& row : {Row{"plain name", "'plain name'"}, Row{"it's", "'it\\'s'"},
                            Row{"a\nb\tc\r", "'a\\nb\\tc\\r'"}, Row{"\x1b[31m", "'\\x1b[31m'"},
                            Row{"gr\xc3\xbc\xc3\x9f", "'gr\xc3\xbc\xc3\x9f'"}, Row{"bad \xff\xc3", "'bad \\xff\\xc3'"},
                            Row{"\xc2\x85", "'\\xc2\\x85'"}, Row{"\xe2\x80\xae", "'\\xe2\\x80\\xae'"}})
        CHECK(quote(row.text) == row.shown);
}

TEST_CASE("UTF-8 that is overlong, cut off, a surrogate or too large is refused", "[base]") {
    for (const std::string good : {"", "a", "\xc3\xa9", "\xe2\x98\xba", "\xf0\x9f\x98\x80", "\xf4\x8f\xbf\xbf"})
        CHECK(is_utf8(good));
    for (const std::string bad : {"\x80", "\xc0\x80", "\xc1\xbf", "\xe0\x80\x80", "\xed\xa0\x80", "\xf0\x80\x80\x80",
                                  "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xc3", "\xe2\x98", "\xff"})
        CHECK_FALSE(is_utf8(bad));
}
