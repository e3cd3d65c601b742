#include "mime/address.hpp"

#include <catch2/catch.hpp>

using namespace mox::mime;

namespace {

// name <localpart|host>, also with a route, separated by commas; "name{" and "}" for groups.
std::string shown(const AddressList& list) {
    std::string out;
    for (const auto& a : list.addresses) {
        if (!out.empty()) out += ",";
        if (a.kind == AddressKind::group_start) out += a.name + "{";
        if (a.kind == AddressKind::group_end) out += "}";
        const std::string route = a.route.empty() ? "" : a.route + ":";
        if (a.kind == AddressKind::mailbox) out += a.name + "<" + route + a.localpart + "|" + a.host + ">";
    }
    return out;
}

}  // namespace

TEST_CASE("addresses are read, good and bad", "[mime]") {
    struct Row {
        const char* text;
        const char* shown;
        bool well_formed;
    };
    const auto row = GENERATE(values<Row>({
        {"", "", true},
        {"a@b", "<a|b>", true},
        {"Ann <a@b>", "Ann<a|b>", true},
        {"Ann van B <a@b>, c@d", "Ann van B<a|b>,<c|d>", true},
        {"\"Doe, \\\"J\\\"\" <a@b>", "Doe, \"J\"<a|b>", true},
        {"a@b (Ann (the one))", "Ann (the one)<a|b>", true},
        {"=?utf-8?Q?=C3=A4?= =?utf-8?Q?b?= <a@b>", "äb<a|b>", true},
        {"=?utf-8?Q?Doe,_J?= <a@b>", "Doe, J<a|b>", true},
        {"\"=?utf-8?Q?=C3=A4?=\" <a@b>", "ä<a|b>", true},
        {"\"a b\"@c", "<a b|c>", true},
        {"john . doe @ ex . org", "<john.doe|ex.org>", true},
        {"<@x,@y:a@b>", "<@x,@y:a|b>", true},
        {"Ann < @x , @y : a@b>, c@d", "Ann<@x,@y:a|b>,<c|d>", true},
        {"a@[192.0.2.1]", "<a|[192.0.2.1]>", true},
        {"friends: a@b, Cc <c@d>;, e@f", "friends{,<a|b>,Cc<c|d>,},<e|f>", true},
        {"undisclosed-recipients:;", "undisclosed-recipients{,}", true},
        {", a@b,, c@d,", "<a|b>,<c|d>", true},
        {"ä@ö.example", "<ä|ö.example>", true},
        {"J. Doe <a@b>", "J. Doe<a|b>", true},
        {"\r\n\tAnn\r\n <a@b>", "Ann<a|b>", true},
        // not so well
        {"root", "<root|>", false},
        {"Ann a@b", "Ann<a|b>", false},
        {"a@b <c@d>", "a@b<c|d>", false},
        {"<a@b", "<a|b>", false},
        {"Ann <>", "Ann<|>", false},
        {"<>", "", false},
        {"a@", "<a|>", false},
        {"a@[192.0.2.1", "<a|[192.0.2.1>", false},
        {"@b", "", false},
        {"\"open", "<open|>", false},
        {"a@b (open", "open<a|b>", false},
        {"g: a@b", "g{,<a|b>,}", false},
        {"g: h: a@b;", "g{,h<a|b>,}", false},
        {"; a@b", "<a|b>", false},
        {"a@b> c)", "<a|b>", false},
        {"<a b@c>", "<a b|c>", false},
        {"\xe4@b", "<ä|b>", true},
    }));
    CAPTURE(row.text);
    const auto list = parse_addresses(row.text);
    CHECK(shown(list) == row.shown);
    CHECK(list.well_formed == row.well_formed);
}

TEST_CASE("pathological addresses end in time", "[mime]") {
    for (const char* unit : {"(", "<", "a:", "a@b,", "\"", "@", "=?", "<@", ";", "[", "\\", " . "}) {
        std::string text;
        while (text.size() < 300'000) text += unit;
        CHECK(parse_addresses(text).addresses.size() <= max_addresses + 2);
    }
}

TEST_CASE("addresses are written with quotes only where needed", "[mime]") {
    CHECK(to_addr_spec({AddressKind::mailbox, "", "a.b", "c"}) == "a.b@c");
    CHECK(to_addr_spec({AddressKind::mailbox, "", "a b", "c"}) == "\"a b\"@c");
    CHECK(to_addr_spec({AddressKind::mailbox, "", "a\"\\", "c"}) == "\"a\\\"\\\\\"@c");
    CHECK(to_addr_spec({AddressKind::mailbox, "", "", "c"}) == "\"\"@c");
    CHECK(quoted_localpart(".a") == "\".a\"");
    CHECK(quoted_localpart("ä") == "ä");
}
