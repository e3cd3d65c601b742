#include "junk/word_counter.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <random>

#include "base/file.hpp"
#include "junk/word_set.hpp"
#include "support/temp_dir.hpp"

using namespace mox;
using namespace mox::junk;

TEST_CASE("a word's key depends on its text alone, and a sequence's on its words in order", "[junk]") {
    // Stored, so they may never change.
    CHECK(word_key("deal") == WordKey{0xfffb6569e8432bbc});
    CHECK(word_key("subject:best deal") == WordKey{0x2818e8ec039f763b});
    CHECK(joined(word_key("best"), word_key("deal")) == word_key("best deal"));
    CHECK(joined(joined(word_key("a"), word_key("b")), word_key("c")) == word_key("a b c"));
    CHECK(word_key("a b") != word_key("b a"));
    CHECK(word_key("a ") != word_key("a"));
    CHECK(word_key(" a") != word_key("a"));
}

TEST_CASE("keys of many words and pairs are all different", "[junk]") {
    std::vector<WordKey> keys;
    for (int i = 0; i < 300; ++i) {
        keys.push_back(word_key(std::to_string(i)));
        for (int k = 0; k < 300; ++k) keys.push_back(word_key(std::to_string(i) + ' ' + std::to_string(k)));
    }
    std::sort(keys.begin(), keys.end());
    CHECK(std::adjacent_find(keys.begin(), keys.end()) == keys.end());
}

TEST_CASE("a set has each word once, with or without its text", "[junk]") {
    WordSet with(Texts::keep), without;
    for (WordSet* const set : {&with, &without}) {
        for (int round = 0; round < 3; ++round) {
            set->clear();
            CHECK(set->empty());
            for (int i = 0; i < (round == 1 ? 5000 : 40); ++i) {
                set->add("p:", std::to_string(i));
                set->add("", "p:" + std::to_string(i));
            }
            set->add("", "");
            set->add("p:", std::string(max_word_bytes, 'x'));
            CHECK(set->size() == (round == 1 ? 5000U : 40U));
            CHECK(set->keys()[7] == word_key("p:7"));
        }
    }
    CHECK(with.keys() == without.keys());
    CHECK(with.text(39) == "p:39");
    for (std::size_t i = 0; i < max_words + 10; ++i) without.add("", std::to_string(i) + "x");
    CHECK(without.size() == max_words);
}

// Whatever the memory, and whoever counted what.
TEST_CASE("counters add up to what one map would have, in the order of a database", "[junk]") {
    const test::TempDir dir;
    for (const std::size_t memory : {std::size_t{1}, std::size_t{400'000}, std::size_t{96} << 20U}) {
        WordCounter first(dir.path(), memory), second(dir.path(), memory), idle(dir.path(), memory);
        std::map<std::int64_t, Counts> expected;
        std::mt19937_64 random(7);
        for (int message = 0; message < 400; ++message) {
            std::vector<WordKey> words;
            for (int i = 0; i < 200; ++i) words.push_back(WordKey{random() % 40'000 * 0x9e3779b97f4a7c15});
            std::sort(words.begin(), words.end());
            words.erase(std::unique(words.begin(), words.end()), words.end());
            const bool spam = random() % 3 == 0;
            for (const auto word : words) {
                Counts& counts = expected[stored(word)];
                ++(spam ? counts.spam : counts.ham);
            }
            (message % 2 == 0 ? first : second).add(words, spam);
        }
        WordCounter* const counters[] = {&first, &second, &idle};
        for (auto* const counter : counters) counter->finish();
        std::vector<std::pair<std::int64_t, Counts>> found;
        WordCounter::merge(counters,
                           [&](WordKey word, const Counts& counts) { found.emplace_back(stored(word), counts); });
        CHECK(found == std::vector<std::pair<std::int64_t, Counts>>(expected.begin(), expected.end()));
        CHECK(list_directory(dir.path()).empty());
    }
}
