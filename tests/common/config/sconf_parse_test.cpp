#include <catch2/catch.hpp>

#include "common/config/sample.hpp"

using namespace mox::config;
using mox::config::test::Inner;
using mox::config::test::Sample;

namespace {

// Sample with nothing but the given change.
template <class Change>
Sample sample(Change&& change) {
    Sample value;
    value.text = "a";
    change(value);
    return value;
}

std::vector<std::string> rendered(std::string_view text) {
    std::vector<std::string> lines;
    for (const auto& problem : sconf::parse<Sample>(text).problems) lines.push_back(sconf::render(problem, "f"));
    return lines;
}

}  // namespace

TEST_CASE("sconf reads every kind of value", "[config]") {
    struct Row {
        std::string text;
        Sample value;
    };
    const std::vector<Row> rows{
        {"Text: a\n", sample([](auto&) {})},
        {"Text: a", sample([](auto&) {})},  // the last line may lack its end
        {"\n\n# c\nText: a\n\t # c\n \t#\n\n", sample([](auto&) {})},
        {"Text:\n", sample([](auto& v) { v.text = ""; })},
        {"Text: \n", sample([](auto& v) { v.text = ""; })},
        {"Text: a # b\n", sample([](auto& v) { v.text = "a # b"; })},
        {"Text: a:b: c\n", sample([](auto& v) { v.text = "a:b: c"; })},
        {"Text: \"a\\n\"\n", sample([](auto& v) { v.text = "\"a\\n\""; })},
        {"Text: nil\n", sample([](auto& v) { v.text = "nil"; })},
        {"Text: b\rc\n", sample([](auto& v) { v.text = "b\rc"; })},
        {"Text: \xff\n", sample([](auto& v) { v.text = "\xff"; })},
        {"Flag: true\nText: a\n", sample([](auto& v) { v.flag = true; })},
        {"Text: a\nFlag: false\n", sample([](auto&) {})},
        {"Text: a\nNumber: -12\n", sample([](auto& v) { v.number = -12; })},
        {"Text: a\nNumber: +12\n", sample([](auto& v) { v.number = 12; })},
        {"Text: a\nNumber: 0012\n", sample([](auto& v) { v.number = 12; })},
        {"Text: a\nNumber: -9223372036854775808\n", sample([](auto& v) { v.number = INT64_MIN; })},
        {"Text: a\nCount: 18446744073709551615\n", sample([](auto& v) { v.count = UINT64_MAX; })},
        {"Text: a\nRatio: .1\n", sample([](auto& v) { v.ratio = 0.1; })},
        {"Text: a\nRatio: 9.5e-1\n", sample([](auto& v) { v.ratio = 0.95; })},
        {"Text: a\nTime: 12h0m0s\n", sample([](auto& v) { v.time = std::chrono::hours(12); })},
        {"Text: a\nDelay: 0s\n", sample([](auto& v) { v.delay = Duration(0); })},
        {"Text: a\nBytes: Zm8=\n", sample([](auto& v) { v.bytes.data = "fo"; })},
        {"Text: a\nBytes:\n", sample([](auto&) {})},
        {"Text: a\nList:\n\t- b\n\t-\n\t-  c\n\t- - d\n", sample([](auto& v) {
             v.list = {"b", "", " c", "- d"};
         })},
        {"Text: a\nList:\n\n#\n\t- b\n\n\t# x\n\t- c\n", sample([](auto& v) {
             v.list = {"b", "c"};
         })},
        {"Text: a\nList:\n", sample([](auto&) {})},
        {"List:\nText: a\n", sample([](auto&) {})},
        {"Text: a\nList: \n\t- b\n", sample([](auto& v) { v.list = {"b"}; })},
        {"Text: a\nStructs:\n\t-\n\t\tName: x\n\t-\n\t\tNumber: 2\n\t\tName: y\n", sample([](auto& v) {
             v.structs = {{"x", 0}, {"y", 2}};
         })},
        {"Text: a\nTexts:\n\tk: v\n\tempty:\n\tl: nil\n\tm: nilly\n\t- x: y\n", sample([](auto& v) {
             v.texts = {{"k", "v"}, {"empty", ""}, {"l", ""}, {"m", "nilly"}, {"- x", "y"}};
         })},
        {"Text: a\nTexts:\n", sample([](auto&) {})},
        {"Text: a\nTexts:\n\tk : v\n", sample([](auto& v) {
             v.texts = {{"k ", "v"}};
         })},
        {"Text: a\nInners:\n\tx: nil\n\ty:\n\t\tName: z\n", sample([](auto& v) {
             v.inners = {{"x", {}}, {"y", {"z", 0}}};
         })},
        {"Text: a\nMaybe:\n\tName:\n", sample([](auto& v) { v.maybe = Inner{}; })},
        {"Text: a\nDeep:\n\t-\n\t\tk:\n\t\t\t- 1\n\t\t\t- 2\n\t\tl: nil\n\t-\n", sample([](auto& v) {
             v.deep = {{{"k", {1, 2}}, {"l", {}}}, {}};
         })},
    };
    for (const auto& row : rows) {
        CAPTURE(row.text);
        const auto parsed = sconf::parse<Sample>(row.text);
        CHECK(parsed.ok());
        CHECK(parsed.value == row.value);
    }
}

TEST_CASE("sconf reports each mistake with its line and what to do", "[config]") {
    struct Row {
        std::string text;
        std::vector<std::string> problems;
    };
    const std::vector<Row> rows{
        {"", {"f:1: missing required key 'Text' in the file"}},
        {"# only\n", {"f:1: missing required key 'Text' in the file"}},
        {"Text a\n",
         {"f:1: no colon in 'Text a' in the file; lines have the form 'key: value'",
          "f:1: missing required key 'Text' in the file"}},
        {"Text: a\n: b\n", {"f:2: empty key in the file"}},
        {"Text:a\n", {"f:1: no space after the colon of 'Text'"}},
        {"Text:\ta\n", {"f:1: no space after the colon of 'Text'"}},
        {"Text: a\nText: b\n", {"f:2: key 'Text' occurs twice in the file; the first is in line 1"}},
        {"Text: a\ntext: b\n", {"f:2: unknown key 'text' in the file; did you mean 'Text'?"}},
        {"Text: a\nCuont: b\n\tx: y\n\t\tz:\n", {"f:2: unknown key 'Cuont' in the file; did you mean 'Count'?"}},
        {"Text: a\nEntirelyOther: b\n", {"f:2: unknown key 'EntirelyOther' in the file"}},
        {"Text: a\nFlag : true\n", {"f:2: unknown key 'Flag ' in the file; remove the blanks before the colon"}},
        {"Text: a\n - b\n", {"f:2: indented with spaces; indent with one tab a level"}},
        {"Text: a\n  Flag: true\n  Number: 1\n  Count: 1\n",
         {"f:2: indented with spaces, and so are 2 following lines; indent with one tab a level"}},
        {"Maybe:\n    Name: x\nText: a\n", {"f:2: indented with spaces; indent with one tab a level"}},
        {"Maybe:\n\tName: x\n    Number: 1\n\tNumber: x\nText: a\n",
         {"f:3: indented with spaces; indent with one tab a level", "f:4: 'Number': invalid integer 'x'"}},
        {"Maybe:\n\t Name: x\nText: a\n", {"f:2: indented with tabs and spaces; indent with one tab a level"}},
        {"Text: a\n\tFlag: true\n\tNumber: 1\n", {"f:2: indented too deep, with 1 tab instead of 0"}},
        {"Maybe:\n\t\tName: x\n\t\t\tb: c\n\tNumber: 1\nText: a\n",
         {"f:2: indented too deep, with 2 tabs instead of 1; nothing above it can have contents at this level"}},
        {"Text: a\n \t \n\t\n",
         {"f:2: line consists of blanks only; make it completely empty",
          "f:3: line consists of blanks only; make it completely empty"}},
        {"Text: a\r\nFlag: true\r\n\r\n# x\r\n",
         {"f:1: line ends in CR, and so do 2 other lines; lines must end in LF alone, as Unix editors write them"}},
        {"# x\r\nText: a\nFlag: true\r",
         {"f:3: line ends in CR; lines must end in LF alone, as Unix editors write them"}},
        {"\xef\xbb\xbfText: a\n", {"f:1: the file starts with a byte order mark; save it as UTF-8 without one"}},
        {"Text: a\nFlag: yes\n", {"f:2: 'Flag': invalid value 'yes', it must be true or false"}},
        {"Text: a\nFlag: True\n", {"f:2: 'Flag': invalid value 'True', it must be true or false"}},
        {"Text: a\nFlag:\n", {"f:2: 'Flag': invalid value '', it must be true or false"}},
        {"Text: a\nFlag:  true\n",
         {"f:2: 'Flag': invalid value ' true', it must be true or false; a value has no blanks around it"}},
        {"Text: a\nNumber: 1x\n", {"f:2: 'Number': invalid integer '1x'"}},
        {"Text: a\nNumber: 0x1\n", {"f:2: 'Number': invalid integer '0x1'"}},
        {"Text: a\nNumber: +-1\n", {"f:2: 'Number': invalid integer '+-1'"}},
        {"Text: a\nNumber: 9223372036854775808\n",
         {"f:2: 'Number': number '9223372036854775808' does not fit in 64 bits"}},
        {"Text: a\nCount: -1\n", {"f:2: 'Count': invalid integer '-1'"}},
        {"Text: a\nRatio: 1,5\n", {"f:2: 'Ratio': invalid number '1,5'"}},
        {"Text: a\nTime: 12\n", {"f:2: 'Time': duration '12' lacks a unit: one of ns, us, ms, s, m, h"}},
        {"Text: a\nTime: 1d\n", {"f:2: 'Time': duration '1d' has an unknown unit: not one of ns, us, ms, s, m, h"}},
        {"Text: a\nBytes: Zm8\n", {"f:2: 'Bytes': invalid base64 'Zm8'"}},
        {"Text: a\nList: b\n\t- c\n",
         {"f:2: 'List' takes no value on its own line, but has 'b'; its items follow on lines of their own, as '- "
          "value', one tab deeper"}},
        {"Text: a\nList:\n- b\n",
         {"f:3: no colon in '- b' in the file; items of a list stand one tab deeper than its key"}},
        {"Text: a\nList:\n\tb\n\t-c\n\t- d\n",
         {"f:3: 'b' is not an item of 'List'; items of a list have the form '- value'",
          "f:4: no space after the dash in '-c'; items of a list have the form '- value'"}},
        {"Text: a\nStructs:\n\t- Name: x\n\t-\n\t\tNumber: 1\n\t-\n",
         {"f:3: item 1 of 'Structs' takes no value on its own line, but has 'Name: x'; its contents follow on lines of "
          "their own, one tab deeper",
          "f:4: missing required key 'Name' in item 2 of 'Structs'",
          "f:6: item 3 of 'Structs' has no contents; they follow on lines of their own, one tab deeper"}},
        {"Text: a\nMaybe: nil\n",
         {"f:2: 'Maybe' takes no value on its own line, but has 'nil'; its contents follow on lines of their own, one "
          "tab deeper"}},
        {"Text: a\nMaybe:\nLoose:\n",
         {"f:2: 'Maybe' has no contents; they follow on lines of their own, one tab deeper",
          "f:3: 'Loose' has no contents; they follow on lines of their own, one tab deeper"}},
        {"Text: a\nMaybe:\n\tNumber: 1\n", {"f:2: missing required key 'Name' in 'Maybe'"}},
        {"Text: a\nMaybe:\n\tNmae: 1\n",
         {"f:2: missing required key 'Name' in 'Maybe'", "f:3: unknown key 'Nmae' in 'Maybe'; did you mean 'Name'?"}},
        {"Text: a\nMaybe:\n\tName: x\n\tZzz: 1\n", {"f:4: unknown key 'Zzz' in 'Maybe'; known are Name, Number"}},
        {"Text: a\nTexts:\n\tk: v\n\tk: w\n\t::1: x\n\ta:b: c\n",
         {"f:4: key 'k' occurs twice in 'Texts'; the first is in line 3", "f:5: empty key in 'Texts'",
          "f:6: no space after the colon of 'a'; a key cannot contain a colon"}},
        {"Text: a\nInners:\n\tx: nil\n\t\tName: y\n\tz: Nil\n",
         {"f:4: indented too deep, with 2 tabs instead of 1; nothing above it can have contents at this level",
          "f:5: 'z' takes no value on its own line, but has 'Nil'; its contents follow on lines of their own, one tab "
          "deeper"}},
    };
    for (const auto& row : rows) {
        CAPTURE(row.text);
        CHECK(rendered(row.text) == row.problems);
        CHECK_FALSE(sconf::parse<Sample>(row.text).ok());
    }
}

TEST_CASE("sconf warns of blanks that belong to a value or key, and goes on", "[config]") {
    struct Row {
        std::string text, problem;
    };
    for (const auto& row : {
             Row{"Text:  a\n",
                 "f:1: warning: the value of 'Text' has a blank at its start or end, which belongs to it"},
             Row{"Text: a \n",
                 "f:1: warning: the value of 'Text' has a blank at its start or end, which belongs to it"},
             Row{"Text: a\nList:\n\t- b\t\n",
                 "f:3: warning: the value of item 1 of 'List' has a blank at its start or end, which belongs to it"},
             Row{"Text: a\nTexts:\n\tk : v\n", "f:3: warning: key 'k ' has a blank at its end, which belongs to it"},
         }) {
        CHECK(rendered(row.text) == std::vector{row.problem});
        CHECK(sconf::parse<Sample>(row.text).ok());
    }
}

TEST_CASE("sconf reports a bounded number of problems of a text that is something else", "[config]") {
    std::string text;
    for (int i = 0; i < 5000; ++i) text += "binary rubbish \x01\x02\n";
    const auto parsed = sconf::parse<Sample>(text);
    REQUIRE(parsed.problems.size() == sconf::max_problems + 1);
    CHECK(parsed.problems.back().message == "too many problems, 4001 more are not shown");
}

TEST_CASE("sconf messages show no control characters and no endless lines", "[config]") {
    const auto lines = rendered("Text: a\n\x1b[31m" + std::string(100'000, 'x') + "\n");
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].size() < 250);
    CHECK(lines[0].find('\x1b') == std::string::npos);
}
