#include <catch2/catch.hpp>

#include "base/error.hpp"
#include "common/config/random_config.hpp"
#include "common/config/sample.hpp"
#include "config/domains_config.hpp"
#include "config/static_config.hpp"

using namespace mox;
using namespace mox::config;
using mox::config::test::Inner;
using mox::config::test::Loose;
using mox::config::test::Sample;

namespace {

template <class T>
void check_round_trips(std::uint64_t seed, int count) {
    SeededRandom random(seed);
    for (int i = 0; i < count; ++i) {
        const T value = test::random_config<T>(random);
        const auto docs = i % 2 == 0 ? sconf::Docs::omit : sconf::Docs::include;
        const std::string text = sconf::write(value, docs);
        const auto parsed = sconf::parse<T>(text);
        CAPTURE(i, text);
        REQUIRE(parsed.ok());
        REQUIRE(parsed.value == value);
        REQUIRE(sconf::write(parsed.value, docs) == text);
    }
}

// Every way in which a structure may stand alone: as an element of a list, or optional.
void check_can_be_written_empty(const sconf::Type& type, bool alone) {
    if (type.kind == sconf::Kind::structure) {
        bool has_line = !alone;
        for (const auto& field : type.fields()) {
            const auto kind = field.type->kind;
            has_line = has_line || field.presence == sconf::Presence::required ||
                       (kind != sconf::Kind::optional && kind != sconf::Kind::structure);
            check_can_be_written_empty(*field.type, false);
        }
        CHECK(has_line);
    } else if (type.element != nullptr) {
        check_can_be_written_empty(*type.element, type.kind != sconf::Kind::map);
    }
}

}  // namespace

TEST_CASE("sconf writes fields in order, without zero optional ones, maps sorted", "[config]") {
    Sample value;
    value.text = "words: more";
    value.ratio = 0.95;
    value.time = std::chrono::hours(12);
    value.list = {"b", ""};
    value.structs = {Inner{}};
    value.texts = {{"z", "1"}, {"a", ""}};
    value.inners = {{"y", {}}, {"x", {"n", 0}}};
    value.loose = Loose{};
    value.delay = Duration(0);
    CHECK(sconf::write(value) ==
          "Text: words: more\nRatio: 0.95\nTime: 12h0m0s\nList:\n\t- b\n\t-\nStructs:\n\t-\n\t\tName:\n"
          "Texts:\n\ta:\n\tz: 1\nInners:\n\tx:\n\t\tName: n\n\ty: nil\nLoose:\n\tFlag: false\nDelay: 0s\n");
}

TEST_CASE("sconf writes what fields mean as comments when asked", "[config]") {
    Sample value;
    value.maybe = Inner{"n", 1};
    CHECK(sconf::write(value, sconf::Docs::include) ==
          "# Words.\nText:\n\n# (optional)\nMaybe:\n\tName: n\n\n\t# A number. (optional)\n\tNumber: 1\n");
}

TEST_CASE("an empty required map is written so that it can be read again", "[config]") {
    const std::string text = sconf::write(Domains{});
    CHECK(text == "Domains:\nAccounts:\n");
    CHECK(sconf::parse<Domains>(text).ok());
}

TEST_CASE("sconf refuses to write what it could not read back", "[config]") {
    struct Row {
        void (*change)(Sample&);
        std::string named;
    };
    for (const auto& row : {
             Row{[](Sample& v) { v.text = "a\nFlag: true"; }, "'Text'"},
             Row{[](Sample& v) { v.text = "a\r"; }, "'Text'"},
             Row{[](Sample& v) { v.list = {"a\n"}; }, "'List'"},
             Row{[](Sample& v) {
                     v.texts = {{"a:b", "c"}};
                 },
                 "'Texts'"},
             Row{[](Sample& v) {
                     v.texts = {{"", "c"}};
                 },
                 "'Texts'"},
             Row{[](Sample& v) {
                     v.texts = {{" a", "c"}};
                 },
                 "'Texts'"},
             Row{[](Sample& v) {
                     v.texts = {{"\ta", "c"}};
                 },
                 "'Texts'"},
             Row{[](Sample& v) {
                     v.texts = {{"#a", "c"}};
                 },
                 "'Texts'"},
             Row{[](Sample& v) {
                     v.texts = {{"a\nb", "c"}};
                 },
                 "'Texts'"},
             Row{[](Sample& v) {
                     v.texts = {{"a", "nil"}};
                 },
                 "'Texts'"},
             Row{[](Sample& v) {
                     v.maybe = Inner{"\n", 0};
                 },
                 "'Name'"},
         }) {
        Sample value;
        row.change(value);
        CHECK_THROWS_WITH(sconf::write(value), Catch::Contains(row.named));
    }
}

TEST_CASE("what sconf writes parses to the same value", "[config]") {
    check_round_trips<Sample>(1, 3000);
    check_round_trips<Static>(2, 1000);
    check_round_trips<Domains>(3, 1000);
}

TEST_CASE("every structure of the configuration can be written empty", "[config]") {
    check_can_be_written_empty(sconf::type_of<Static>, false);
    check_can_be_written_empty(sconf::type_of<Domains>, false);
    check_can_be_written_empty(sconf::type_of<Sample>, false);
}

TEST_CASE("the template of a configuration file can be parsed", "[config]") {
    CHECK(sconf::parse<Sample>(sconf::describe<Sample>()).problems.empty());
    CHECK(sconf::parse<Static>(sconf::describe<Static>()).problems.empty());
    CHECK(sconf::parse<Domains>(sconf::describe<Domains>()).problems.empty());
}
