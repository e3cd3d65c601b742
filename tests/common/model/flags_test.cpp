#include "model/flags.hpp"

#include <catch2/catch.hpp>

using namespace mox::model;

TEST_CASE("flag names are recognised in any case, foreign spellings only where they may come from others", "[model]") {
    struct Row {
        std::string name;
        std::optional<Flag> flag;
        bool imap;
    };
    for (const auto& row :
         {Row{"\\SEEN", Flag::seen, true}, Row{"$notjunk", Flag::not_junk, true}, Row{"NonJunk", Flag::not_junk, false},
          Row{"$NonJunk", Flag::not_junk, false}, Row{"junk", Flag::junk, false}, Row{"Seen", std::nullopt, false},
          Row{"", std::nullopt, false}}) {
        CHECK(flag_from_name(row.name) == row.flag);
        CHECK(flag_from_imap_name(row.name).has_value() == row.imap);
    }
    for (const auto name : imap_names(Flags::all())) CHECK(imap_name(*flag_from_imap_name(name)) == name);
    CHECK(imap_names(Flags::all()).size() == 10);
}

TEST_CASE("keywords obey the grammar", "[model]") {
    for (const std::string good : {"a", "$label1", "a}b", "[x", "~!#&'+,-./:;<=>?@^_`|"}) CHECK(is_keyword(good));
    for (const std::string bad : {"", "a b", "a(b", "a)b", "a{b", "100%", "a*", "\"a", "a\\b", "a]", "gr\xc3\xbc",
                                  "a\x7f", "a\n", "$JUNK", "\\Seen", "$Forwarded"})
        CHECK_FALSE(is_keyword(bad));
    CHECK(is_keyword(std::string(max_keyword_bytes, 'k')));
    CHECK_FALSE(is_keyword(std::string(max_keyword_bytes + 1, 'k')));
}

TEST_CASE("keyword lists are sorted, lower case and survive their stored form", "[model]") {
    const Keywords list = normalised({"Todo", "work", "todo", "$Label1"});
    CHECK(list == Keywords{"$label1", "todo", "work"});
    CHECK(split_keywords(joined(list)) == list);
    CHECK(split_keywords("").empty());
    CHECK(merged(list, {"a", "work"}) == Keywords{"$label1", "a", "todo", "work"});
}

TEST_CASE("foreign names become flags or keywords, are repaired, or are rejected by name", "[model]") {
    FlagsAndKeywords result;
    for (const std::string name :
         {"\\Seen", " Work ", "nonjunk", "\\Recent", "bad word", "work", "", "alpha", "((", "caf\xc3\xa9"})
        add_foreign_name(result, name);
    CHECK(result.flags == (Flag::seen | Flag::not_junk));
    CHECK(result.keywords == Keywords{"alpha", "bad_word", "caf_", "work"});
    CHECK(result.rejected == std::vector<std::string>{"(("});
    CHECK(result.repaired == std::vector<FlagsAndKeywords::Repair>{{"bad word", "bad_word"}, {"caf\xc3\xa9", "caf_"}});
}

TEST_CASE("a repaired keyword is valid, or there is none", "[model]") {
    CHECK(repaired_keyword("Needs (Reply)") == "needs__reply_");
    CHECK(repaired_keyword("\\Important") == "_important");
    CHECK(repaired_keyword(std::string(500, 'x')) == std::string(max_keyword_bytes, 'x'));
    for (const std::string_view none : {"", "()", "\xff\xfe", "\xe6\x97\xa5"}) CHECK(repaired_keyword(none).empty());
}
