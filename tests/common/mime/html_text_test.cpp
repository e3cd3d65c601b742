#include "mime/html_text.hpp"

#include <catch2/catch.hpp>

using namespace mox;

TEST_CASE("the text of a page is what people see, in words", "[mime]") {
    struct Row {
        std::string_view page, text, hidden;
    };
    const std::vector<Row> rows{
        {"friend<br>tomorrow<p>xyz", "friend tomorrow xyz", ""},
        {"mid<b>dle</b> &amp; <i>e</i>nd", "middle & end", ""},
        {"<td>a<td>b", "ab", ""},
        {"<table><tr><td>a<td>b</table>", "a b", ""},
        {"<img src=x alt=shown>more", "shown more", ""},
        {"<script>a</script><style>b</style><!-- c --><svg>d</svg>e", "e", ""},
        {"<p style='Display : NONE'>a</p>b", "b", "a"},
        {"<div style='visibility:hidden'><b>a</b></div>b", "b", "a"},
        {"<span style='font-size:0px'>a</span>b", "b", "a"},
        {"<font color=#FFF>a</font>b", "b", "a"},
        {"<body bgcolor=black><font color=white>a</font>", "a", ""},
        {"", "", ""},
        {"no tags < at all > here", "no tags < at all > here", ""},
    };
    for (const auto& [page, text, hidden] : rows) {
        INFO(page);
        const auto read = mime::read_html(page);
        CHECK(read.text == text);
        CHECK(read.hidden == hidden);
        CHECK(read.parsed);
    }
}

TEST_CASE("links of a page come in their order", "[mime]") {
    CHECK(mime::read_html("<a href='http://a.example/?x=1&amp;y'>a</a><img src=cid:1><form action=/go>").links ==
          std::vector<std::string>{"http://a.example/?x=1&y", "cid:1", "/go"});
}

TEST_CASE("a page that would cost too much only loses its tags", "[mime]") {
    std::string tags, attributes = "<a";
    for (int i = 0; i < 21'000; ++i) tags += "<div>";
    for (int i = 0; i < 1'100; ++i) attributes += " a" + std::to_string(i) + "=1";
    for (const auto& page : {tags + "end", attributes + ">end"}) {
        const auto read = mime::read_html(page);
        CHECK_FALSE(read.parsed);
        CHECK(read.text.ends_with(" end"));
    }
    // As deep as it may be, and the parser still works afterwards.
    CHECK(mime::read_html(tags.substr(0, 5 * 19'000) + "end").text.ends_with("end"));
    CHECK(mime::read_html("<b>after</b>").text == "after");
}

TEST_CASE("pages are made shorter for the parser without changing what is read", "[mime]") {
    struct Row {
        std::string_view html, text, hidden, link;
    };
    const Row rows[] = {
        {"<p>A sentence of plain text, (long enough).</p><p>Another one of them",
         "A sentence of plain text, (long enough). "
         "Another one of them",
         "", ""},
        {"two lines\r\nof plain text\ras one", "two lines\nof plain text\nas one", "", ""},
        {"<table>moved out of the table<tr><td>in the cell of it</table>", "moved out of the table in the cell of it",
         "", ""},
        {"price &copyright and&nbsp;more &#x41;fter &ampersand", "price \xc2\xa9right and\xc2\xa0more After &ersand",
         "", ""},
        {"one < two and <3 hearts of somebody", "one < two and <3 hearts of somebody", "", ""},
        // What looks like text is inside of something, which must end where it ended before.
        {"<!-- a > hidden from sight --> seen by everybody", "seen by everybody", "", ""},
        {"<!-- a > hidden from sight --!> seen by everybody", "seen by everybody", "", ""},
        {"<a title = \"x > some words here\" href=http://a.example/>seen by everybody", "seen by everybody", "",
         "http://a.example/"},
        {"<a title = 'x > some words here' href=http://a.example/>seen by everybody", "seen by everybody", "",
         "http://a.example/"},
        {"<script>/*<a x=\"</script>seen by everybody", "seen by everybody", "", ""},
        {"<script>/*<a x=\"</script>\">seen by everybody", "\">seen by everybody", "", ""},
        {"<script><b x='-->'>some words here</script>seen by everybody", "seen by everybody", "", ""},
        {"<style>p { some words: here }</style>seen by everybody", "seen by everybody", "", ""},
        {"<textarea>words of a form</textarea>", "words of a form", "", ""},
        // Attributes.
        {"<a class=x HREF = 'http://a.example/b c' id=\"y\" disabled>seen</a>", "seen", "", "http://a.example/b c"},
        {"<a href=http://a.example/x href=http://b.example/ data-x>seen</a>", "seen", "", "http://a.example/x"},
        {"<a class=\"q\"href='http://a.example/'>seen</a>", "seen", "", "http://a.example/"},
        {"<font face='Some Font' size=2 style='display:none'>some words here</font>", "", "some words here", ""},
        {"<a href='http://a.example/?x=1&amp;copy=2&lt3&copy;'>seen</a>", "seen", "",
         "http://a.example/?x=1&copy=2&lt3\xc2\xa9"},
        {"<img alt=\"some words here\" src='http://a.example/x.gif'>", "some words here", "", "http://a.example/x.gif"},
        // A link that the parser opens again is one link.
        {"<p><a href='http://a.example/path'>one<p>two</a>", "one two", "", "http://a.example/path"},
        // Tags that change only the look of text, and what would join when they are left out.
        {"<b>bold</b> and <font size=2>small</font><br>words", "bold and small words", "", ""},
        {"wo<b>rd</b>s <span>with<i>in</i></span>", "words within", "", ""},
        {"<font color=white>gone <font size=1>too</font></font><font size=1>seen</font>", "seen", "gone too", ""},
        {"one<font color=white> gone </font>two", "one two", "gone", ""},
        {"<font color=white>gone<br></font>seen<font color=white>too</font>", "seen", "gone too", ""},
        {"less <<b>a</b> than", "less <a than", "", ""},
        {"&am<b>p;</b> &am<i></i>p;", "&amp; &amp;", "", ""},
        {"<!-- > hidden -<b>-> still </b>--> seen by everybody", "seen by everybody", "", ""},
        {"many \t\r\n\n   blanks", "many\nblanks", "", ""},
        // Characters that stand for runs are nothing special when somebody else wrote them.
        {"\xee\x80\x80\xef\x80\x80 some plain words \xee\x80\x80\xef\x80\x80",
         "some plain words \xee\x80\x80\xef\x80\x80", "", ""},
        {"&#xE000;&#xF000;&#xE000; and \xee\x80", "\xee\x80\x80\xef\x80\x80\xee\x80\x80 and \xef\xbf\xbd", "", ""},
    };
    for (const auto& row : rows) {
        INFO(row.html);
        const auto page = mime::read_html(row.html);
        CHECK(page.parsed);
        if (!row.html.starts_with("\xee")) CHECK(page.text == row.text);
        CHECK(page.hidden == row.hidden);
        CHECK((page.links.empty() ? "" : page.links[0]) == row.link);
    }
    // A sign that comes before its run takes the run's place, once: nothing grows.
    std::string many = "some plain words";
    for (int i = 0; i < 1'000; ++i) many += "&#xE000;&#xF000;";
    CHECK(mime::read_html(many).text.size() == 16 + 999 * 6 + 6);
}
