#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "junk/filter_db.hpp"
#include "junk/word_set.hpp"

// From the counts of a message's words to the probability that it is junk.

namespace mox::junk {

// How counts become a probability. A tokenizer's words want its method.
struct Scoring {
    enum class Method : std::uint8_t {
        classic,  // the original mox: the most telling words, independent of each other
        own,      // the most telling words of each group; docs/junk.md
    };
    Method method = Method::own;
    // Of `classic`, as in the configuration.
    double max_power = 0.01;      // probabilities stay between this and 1 minus this
    std::int64_t top_words = 10;  // of each kind
    double ignore_words = 0.1;    // words closer to 0.5 say nothing
    std::int64_t rare_words = 1;  // words seen at most so often count less
    // Of `own`.
    double prior = 0.1;                                             // what an unknown word would be,
    double prior_messages = 0.05;                                   // and how many messages that is worth
    double ignore = 0.1;                                            // words closer to 0.5 say nothing
    int top_text = 5, top_people = 1, top_form = 1, top_links = 2;  // words of each group, for junk and for ham
};

struct CountedWord {
    std::string_view word;
    Counts counts;
};

// A word that decided. `weight` is the natural logarithm of its odds: above 0 for junk.
struct DecidingWord {
    std::string word;
    Counts counts;
    double weight = 0;
};

struct Verdict {
    double probability = 0.5;         // that it is junk; 0.5 when nothing is known
    double score = 0;                 // what the probability was made from: orders verdicts that round to the same
    std::vector<DecidingWord> words;  // the heaviest first
};

// Words without counts say nothing. The same words, in any order, give the same verdict.
[[nodiscard]] Verdict judge(std::span<const CountedWord> words, const Counts& totals, const Scoring& scoring);

// One message, whose words have their texts, against the last committed state of a filter.
[[nodiscard]] Verdict classify(FilterDb& filter, const WordSet& words, const Scoring& scoring);

}  // namespace mox::junk
