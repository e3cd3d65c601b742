#include "mime/precis.hpp"

#include <catch2/catch.hpp>

#include "base/encoding.hpp"

using namespace mox;
using namespace std::string_literals;

TEST_CASE("RFC 8265 section 4.3: the examples of OpaqueString", "[precis]") {
    CHECK(mime::opaque_string("correct horse battery staple").text == "correct horse battery staple");
    CHECK(mime::opaque_string("Correct Horse Battery Staple").text == "Correct Horse Battery Staple");
    CHECK(mime::opaque_string("\u03c0\u00df\u00e5").text == "\u03c0\u00df\u00e5");
    CHECK(mime::opaque_string("Jack of \u2666s").text == "Jack of \u2666s");
    CHECK(mime::opaque_string("foo\u1680bar").text == "foo bar");
    CHECK(mime::opaque_string("").problem == "is empty");
    CHECK(mime::opaque_string("my cat is a \tby").problem == "has a control character");
}

TEST_CASE("texts that OpaqueString keeps, changes and refuses", "[precis]") {
    struct Case {
        std::string text, prepared;  // empty: refused
    };
    const std::vector<Case> cases{
        {" ", " "},
        {"a\u00a0b\u2003c\u3000d", "a b c d"},
        {"e\u0301", "\u00e9"},
        {"\u1100\u1161\u11a8", "\uac01"},  // composes to one syllable
        {"\u1100", ""},                    // old Hangul
        {"\uff21\uff22", "\uff21\uff22"},  // width stays
        {"\ufb01", "\ufb01"},              // ligatures stay
        {"\u212b", "\u00c5"},              // the Angstrom sign is canonically the letter
        {"\U0001f600", "\U0001f600"},
        {"\u2764\ufe0f", ""},  // with a variation selector
        {"a\u200db", ""},
        {"\u0915\u094d\u200d\u0937", "\u0915\u094d\u200d\u0937"},  // joiner after a virama
        {"\u0628\u200c\u0628", "\u0628\u200c\u0628"},              // non-joiner between joining letters
        {"a\u200cb", ""},
        {"l\u00b7l", "l\u00b7l"},
        {"a\u00b7b", ""},
        {"\u0375\u03b1", "\u0375\u03b1"},
        {"\u0375a", ""},
        {"\u05d0\u05f3", "\u05d0\u05f3"},
        {"a\u05f4", ""},
        {"\u30ab\u30fb", "\u30ab\u30fb"},
        {"a\u30fb", ""},
        {"\u0661\u0662", "\u0661\u0662"},
        {"\u0661\u06f2", ""},
        {"\u0640", ""},
        {"\u0378", ""},  // unassigned
        {"\ue000", ""},  // private use
        {"\ufdd0", ""},  // no character
        {"\u0085", ""},
        {"\u007f", ""},
        {"\ufeff", ""},
        {"\u2028", ""},
        {"\xc3", ""},
        {"\xed\xa0\x80", ""},
        {"a\0b"s, ""},
    };
    for (const auto& entry : cases) {
        INFO(escaped(entry.text) << " " << to_hex(as_bytes(entry.text)));
        const auto result = mime::opaque_string(entry.text);
        CHECK(result.text == entry.prepared);
        CHECK(result.problem.empty() == !entry.prepared.empty());
        if (!entry.prepared.empty()) CHECK(mime::opaque_string(entry.prepared).text == entry.prepared);
    }
}
