#include "mime/domain.hpp"

#include <catch2/catch.hpp>

using namespace mox::mime;

TEST_CASE("a domain has one form, however it is spelled", "[mime]") {
    struct Row {
        std::string spelled, form;
    };
    const auto row = GENERATE(values<Row>({
        {"Example.ORG", "example.org"},
        {"xn--74h.example", "\u263a.example"},
        {"XN--74H.Example", "\u263a.example"},
        {"\u263a.example", "\u263a.example"},
        {"www.xn--bcher-kva.example", "www.b\u00fccher.example"},
        {"B\u00dcCHER.example", "b\u00fccher.example"},
        {"bu\u0308cher.example", "b\u00fccher.example"},
        {"stra\u00dfe.example", "stra\u00dfe.example"},
        {"_dmarc.example.org", "_dmarc.example.org"},
        {"example.org.", "example.org."},
        {"", ""},
    }));
    CHECK(unicode_domain(row.spelled) == row.form);
}

TEST_CASE("what is no domain stays as it is, in lower case", "[mime]") {
    for (const std::string text : {"xn--", "xn--\u263a.example", "xn--zzzzzzzz99999.example", "a\xff.example", "\xc3",
                                   "[192.0.2.1]", "..", "-a-.example"}) {
        INFO(text);
        const std::string form = unicode_domain(text);
        CHECK(form == text);
        CHECK(unicode_domain(form) == form);
    }
    const std::string name = std::string(3000, 'a') + ".xn--74h";
    CHECK(unicode_domain(name) == name);
}
