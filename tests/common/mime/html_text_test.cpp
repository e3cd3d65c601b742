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
