#include "mime/html_letters.hpp"

#include <catch2/catch.hpp>

using namespace mox;

TEST_CASE("letters of a page are those of its text", "[mime]") {
    struct Row {
        std::string html, letters;
    };
    const auto row = GENERATE(values<Row>({
        {"", ""},
        {"Hello, World 42!", "helloworld42"},
        {"he<b class=\"x>y\">ll</b>o<br/>", "hello"},
        {"a < b & c <3", "abc3"},
        {"caf&eacute; &#97;&#x42;&#X63;&#233;&nbsp;x", "cafabcx"},
        {"R&D &amp; co&lt;", "rdco"},
        {"&#; &#x; &; &", "x"},
        {"&notareferencebecauseitismuchtoolong; x", "notareferencebecauseitismuchtoolongx"},
        {"caf\xc3\xa9", "caf"},
        {"open <b", "open"},
        {"&#4294967393;x", "x"},
        {"a<!-- not seen -->b", "ab"},
        {"lonely &", "lonely"},
        {"&amp", "amp"},
    }));
    CAPTURE(row.html);
    std::string letters;
    mime::append_html_letters(letters, row.html);
    CHECK(letters == row.letters);
}

TEST_CASE("letters of plain text are in lower case", "[mime]") {
    std::string letters = "x";
    mime::append_letters(letters, "A-b <C> \xc3\xa9 9&amp;");
    CHECK(letters == "xabc9amp");
}
