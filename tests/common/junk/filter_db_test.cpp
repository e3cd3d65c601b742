#include "junk/filter_db.hpp"

#include <catch2/catch.hpp>

#include "support/database_checks.hpp"
#include "support/temp_dir.hpp"

using namespace mox;
using namespace mox::junk;

namespace {

FilterDb make(const test::TempDir& dir, const Parameters& parameters = {}) {
    return {dir / "junkfilter.db", {.access = db::Access::create}, parameters};
}

}  // namespace

TEST_CASE("counts, totals, bloom bits and the training log's position change together", "[junk]") {
    const test::TempDir dir;
    FilterDb filter = make(dir);
    CHECK(filter.totals() == Counts{});
    CHECK(
        filter.apply({.messages = {.ham = 1, .spam = 2},
                      .words = {{word_key("deal"), {.ham = 0, .spam = 2}}, {word_key("hello"), {.ham = 1, .spam = 1}}},
                      .bloom_bits = {0, 7, 8191, 8192, 33554431, 7},
                      .applied_log = 17}) == 0);
    CHECK(filter.totals() == Counts{.ham = 1, .spam = 2});
    CHECK(filter.look_up("deal") == Counts{.ham = 0, .spam = 2});
    CHECK(filter.look_up("unknown") == Counts{});
    CHECK(filter.look_up("hello") == Counts{.ham = 1, .spam = 1});
    CHECK(filter.word_count() == 2);
    CHECK(filter.applied_log() == 17);
    const std::vector<std::uint32_t> asked{0, 1, 7, 8191, 8192, 33554431, 33554430, 100000};
    CHECK(filter.bloom_bits(asked) == std::vector<bool>{true, false, true, true, true, true, false, false});
    CHECK(test::problems_of(filter.database()).empty());
}

TEST_CASE("bits of the bloom filter lie where the original has them", "[junk]") {
    const test::TempDir dir;
    FilterDb filter = make(dir);
    filter.apply({.bloom_bits = {0, 15, 8192 * 3 + 9}});
    CHECK(filter.database().value<std::string>("SELECT hex(substr(bits, 1, 3)) FROM bloom WHERE piece = 0") ==
          "800100");
    CHECK(filter.database().value<std::string>("SELECT hex(substr(bits, 1, 3)) FROM bloom WHERE piece = 3") ==
          "004000");
    filter.apply({.bloom_bits = {1}});
    CHECK(filter.database().value<std::string>("SELECT hex(substr(bits, 1, 3)) FROM bloom WHERE piece = 0") ==
          "C00100");
    CHECK(test::problems_of(filter.database()).empty());
}

TEST_CASE("untraining takes away what training added, and never more", "[junk]") {
    const test::TempDir dir;
    FilterDb filter = make(dir);
    filter.apply({.messages = {.ham = 2},
                  .words = {{word_key("a"), {.ham = 2}}, {word_key("b"), {.ham = 1}}},
                  .applied_log = 4});
    CHECK(filter.apply(
              {.messages = {.ham = -1}, .words = {{word_key("a"), {.ham = -1}}, {word_key("b"), {.ham = -1}}}}) == 0);
    CHECK(filter.word_count() == 1);
    CHECK(filter.look_up("a") == Counts{.ham = 1, .spam = 0});
    CHECK(filter.applied_log() == 4);
    CHECK(filter.apply({.messages = {.ham = -5},
                        .words = {{word_key("a"), {.ham = -2, .spam = 3}}, {word_key("c"), {.spam = -1}}}}) == 3);
    CHECK(filter.totals() == Counts{});
    CHECK(filter.look_up("a") == Counts{.ham = 0, .spam = 3});
    CHECK(filter.word_count() == 1);
    CHECK(test::problems_of(filter.database()).empty());
}

TEST_CASE("a change that is not possible changes nothing", "[junk]") {
    const test::TempDir dir;
    FilterDb filter = make(dir, {.bloom_width = 10});
    CHECK(test::error_of([&] {
              filter.apply({.words = {{word_key("a"), {.ham = 1}}}, .bloom_bits = {1024}});
          }) == Errc::usage);
    CHECK(filter.word_count() == 0);
    CHECK(filter.totals() == Counts{});
    for (const Parameters& bad :
         {Parameters{.bloom_width = 9}, Parameters{.bloom_width = 33, .bloom_hashes = 2}, Parameters{.bloom_hashes = 0},
          Parameters{.bloom_hashes = 11}, Parameters{.tokenizer_version = 0}}) {
        CHECK(test::error_of([&] { filter.replace(bad, {}); }) == Errc::usage);
        CHECK(test::error_of([&] { FilterDb(dir / "other.db", {.access = db::Access::create}, bad); }) == Errc::usage);
    }
    CHECK(filter.parameters().bloom_width == 10);
}

TEST_CASE("a filter keeps the parameters it was made with until it is replaced", "[junk]") {
    const test::TempDir dir;
    const Parameters first{.onegrams = false, .twograms = true, .tokenizer_version = 3};
    {
        FilterDb filter = make(dir, first);
        filter.apply(
            {.messages = {.spam = 1}, .words = {{word_key("old"), {.spam = 1}}}, .bloom_bits = {5}, .applied_log = 9});
    }
    FilterDb filter = make(dir, {});
    CHECK(filter.parameters() == first);
    filter.replace({}, {.messages = {.ham = 1}, .words = {{word_key("new"), {.ham = 1}}}});
    CHECK(filter.parameters() == Parameters{});
    CHECK(filter.totals() == Counts{.ham = 1, .spam = 0});
    CHECK(filter.look_up("old") == Counts{});
    CHECK(filter.bloom_bits(std::vector<std::uint32_t>{5}) == std::vector<bool>{false});
    CHECK(filter.applied_log() == 9);
    std::vector<WordKey> words;
    filter.for_each_word([&](WordKey word, Counts) { words.push_back(word); });
    CHECK(words == std::vector{word_key("new")});
    CHECK(test::problems_of(filter.database()).empty());
}

TEST_CASE("the junk filter's schema opens twice, seals every row and refuses a newer version", "[junk]") {
    const test::TempDir dir;
    FilterDb filter = make(dir);
    CHECK(test::tables_without_seal(filter.database()).empty());
    CHECK(test::schema_trouble(dir / "other.db", filter_schema()).empty());
    CHECK(test::error_of([&] { FilterDb(dir / "missing.db", {.access = db::Access::read_only}); }) == Errc::not_found);
    FilterDb reader(dir / "junkfilter.db", {.access = db::Access::read_only});
    CHECK(test::error_of([&] { reader.apply({.messages = {.ham = 1}}); }).has_value());
}

TEST_CASE("a filter of version 1, which has words as texts, keeps its counts", "[junk]") {
    const test::TempDir dir;
    const auto path = dir / "junkfilter.db";
    {
        db::Schema first = filter_schema();
        first.steps = first.steps.first(1);
        auto old = db::open(path, first, {.access = db::Access::create});
        old.exec("UPDATE filter SET tokenizer_version = 2, twograms = 1, ham_messages = 3, spam_messages = 2");
        for (const char* word : {"deal", "best deal", "subject:best deal", "caf\xc3\xa9"})
            old.run("INSERT INTO word (word, ham, spam) VALUES (?, 2, 1)", word);
    }
    FilterDb filter(path, {.access = db::Access::read_write});
    CHECK(filter.totals() == Counts{.ham = 3, .spam = 2});
    CHECK(filter.word_count() == 4);
    for (const char* word : {"deal", "best deal", "subject:best deal", "caf\xc3\xa9"})
        CHECK(filter.look_up(word) == Counts{.ham = 2, .spam = 1});
    CHECK(db::schema_difference(filter.database(), filter_schema(), 2).empty());
    CHECK(test::problems_of(filter.database()).empty());
}
