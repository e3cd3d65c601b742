#include "server/imap/sequence_set.hpp"

#include <catch2/catch.hpp>

#include "base/random.hpp"
#include "server/imap/refusal.hpp"
#include "server/imap/selected.hpp"

using namespace mox;
using namespace mox::imap;

namespace {

Selected view_of(std::initializer_list<std::uint32_t> uids) {
    Selected view;
    for (const auto uid : uids) view.append(store::Uid{uid}, store::MessageId{uid * 10});
    return view;
}

}  // namespace

TEST_CASE("sequence sets are read and resolved", "[imap]") {
    struct Row {
        std::string text;
        std::uint32_t largest;
        std::string resolved;
    };
    const auto row = GENERATE(values<Row>({
        {"1", 10, "1"},
        {"1:3", 10, "1:3"},
        {"3:1", 10, "1:3"},
        {"*", 10, "10"},
        {"5:*", 10, "5:10"},
        {"*:5", 10, "5:10"},
        {"12:*", 10, "10:12"},
        {"1,2,3,5,4", 10, "1:5"},
        {"1:5,3:8,20", 10, "1:8,20"},
        {"4294967295,4294967294", 10, "4294967294:4294967295"},
        {"1:4294967295,7", 10, "1:4294967295"},
        {"$", 10, ""},
        {"$,4", 10, "4"},
    }));
    CAPTURE(row.text);
    const SequenceSet set = parse_sequence_set(row.text);
    CHECK(compact_set(resolved(set, row.largest)) == row.resolved);
    CHECK(parse_sequence_set(to_string(set)) == set);
    CHECK(set.saved == (row.text.find('$') != std::string::npos));
}

TEST_CASE("what is no sequence set is refused", "[imap]") {
    const auto text = GENERATE(values<std::string>({"", "0", "0:1", "1:0", "1,", ",1", "1:", ":1", "1::2", "a", "-1",
                                                    "4294967296", "1 ", "1:2:3", "$$", "**", "1:$"}));
    CAPTURE(text);
    CHECK_THROWS_AS(parse_sequence_set(text), SyntaxError);
}

TEST_CASE("a set of a million ranges is handled in no time", "[imap]") {
    std::string text;
    for (int i = 1'000'000; i > 0; --i) text += std::to_string(i * 3) + ":" + std::to_string(i * 3 + 1) + ",";
    text += "*";
    const SequenceSet set = parse_sequence_set(text);
    CHECK(set.ranges.size() == 1'000'001);
    CHECK(resolved(set, 4'000'000).size() == 1'000'001);
    CHECK(view_of({1, 2, 3, 4}).by_uid(set) == IndexRanges{{2, 4}});
}

TEST_CASE("numbers and UIDs find their messages", "[imap]") {
    const Selected view = view_of({2, 3, 7, 9});
    CHECK(view.by_number(parse_sequence_set("1:2,4")) == IndexRanges{{0, 2}, {3, 4}});
    CHECK(view.by_number(parse_sequence_set("5:*")) == IndexRanges{{3, 4}});
    CHECK_THROWS_AS(view.by_number(parse_sequence_set("5")), Refusal);
    CHECK_THROWS_AS(view.by_number(parse_sequence_set("1:5")), Refusal);
    CHECK_THROWS_AS(Selected().by_number(parse_sequence_set("1")), Refusal);
    CHECK_THROWS_AS(Selected().by_number(parse_sequence_set("*")), Refusal);
    CHECK(Selected().by_uid(parse_sequence_set("1:*")).empty());
    CHECK(view.by_uid(parse_sequence_set("1:3,8,*")) == IndexRanges{{0, 2}, {3, 4}});
    CHECK(view.by_uid(parse_sequence_set("4:6,100")).empty());
    CHECK(view.by_uid(parse_sequence_set("100:*")) == IndexRanges{{3, 4}});
    CHECK(view.find(store::Uid{7}) == 2U);
    CHECK(!view.find(store::Uid{8}));
    CHECK(view.message(2) == store::MessageId{70});
    const auto ranges = view.uid_ranges({{0, 2}, {3, 4}});
    REQUIRE(ranges.size() == 2);
    CHECK(number(ranges[0].first) == 2);
    CHECK(number(ranges[0].last) == 3);
    CHECK(compact_set(view.uid_numbers({{0, 4}})) == "2:3,7,9");
}

TEST_CASE("expunged messages get the numbers that they have at that moment", "[imap]") {
    Selected view = view_of({2, 3, 7, 9});
    std::vector<std::uint32_t> known;
    CHECK(view.remove({1, 3, 7, 8}, known) == std::vector<std::uint32_t>{2, 2});
    CHECK(known == std::vector<std::uint32_t>{3, 7});
    CHECK(view.size() == 2);
    CHECK(view.uid(1) == store::Uid{9});
    CHECK(view.message(1) == store::MessageId{90});
}

TEST_CASE("a saved result stands for what is left of it", "[imap]") {
    Selected view = view_of({2, 3, 7, 9});
    view.saved = {{3, 3}, {7, 7}};
    CHECK(view.by_number(parse_sequence_set("$")) == IndexRanges{{1, 3}});
    CHECK(view.by_uid(parse_sequence_set("$")) == IndexRanges{{1, 3}});
    CHECK(view.by_number(parse_sequence_set("4,$")) == IndexRanges{{1, 4}});
    std::vector<std::uint32_t> known;
    (void)view.remove({3}, known);
    CHECK(view.by_number(parse_sequence_set("$")) == IndexRanges{{1, 2}});
    view.saved = {};
    CHECK(view.by_number(parse_sequence_set("$")).empty());
}

TEST_CASE("compact sets say the same as their numbers", "[imap]") {
    SeededRandom random(1);
    for (int round = 0; round < 200; ++round) {
        std::vector<std::uint32_t> numbers;
        for (std::uint32_t n = 1; n < 60; ++n)
            if (random.below(3) > 0) numbers.push_back(n);
        if (numbers.empty()) continue;
        std::vector<std::uint32_t> read;
        for (const auto& range : resolved(parse_sequence_set(compact_set(numbers)), 0))
            for (auto n = range.first; n <= range.last; ++n) read.push_back(n);
        CHECK(read == numbers);
    }
}
