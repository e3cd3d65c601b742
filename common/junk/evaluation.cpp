#include "junk/evaluation.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "base/error.hpp"
#include "base/interrupt.hpp"

namespace mox::junk {

void Evaluation::add(const WordSet& words, bool spam) {
    Message message{.spam = spam, .words = {}};
    message.words.reserve(words.size());
    for (std::size_t i = 0; i < words.size(); ++i) {
        const auto [at, is_new] = indexes_.emplace(words.text(i), static_cast<std::uint32_t>(words_.size()));
        if (is_new) words_.push_back(&at->first);
        message.words.push_back(at->second);
    }
    messages_.push_back(std::move(message));
}

Evaluation::Result Evaluation::run(int folds, const Scoring& scoring, std::vector<double> thresholds) const {
    if (folds < 2 || folds > 100) throw Error(Errc::usage, "there must be 2 to 100 folds");
    Result result;
    for (const double threshold : thresholds) result.thresholds.push_back({.threshold = threshold});
    std::map<std::string, Telling> telling;
    const auto step = static_cast<std::size_t>(folds);
    std::vector<Counts> counts;
    for (std::size_t fold = 0; fold < step; ++fold) {
        counts.assign(words_.size(), {});
        Counts totals;
        for (std::size_t i = 0; i < messages_.size(); ++i) {
            if (i % step == fold) continue;
            const Message& message = messages_[i];
            ++(message.spam ? totals.spam : totals.ham);
            for (const auto word : message.words) ++(message.spam ? counts[word].spam : counts[word].ham);
        }
        for (std::size_t i = fold; i < messages_.size(); i += step) {
            check_interrupt();
            const Message& message = messages_[i];
            std::vector<CountedWord> words;
            for (const auto word : message.words)
                if (counts[word] != Counts{}) words.push_back({*words_[word], counts[word]});
            const Verdict verdict = judge(words, totals, scoring);
            ++(message.spam ? result.messages.spam : result.messages.ham);
            for (auto& at : result.thresholds)
                if ((verdict.probability > at.threshold) != message.spam)
                    ++(message.spam ? at.false_negatives : at.false_positives);
            for (const auto& word : verdict.words) {
                Telling& entry = telling[word.word];
                ++entry.decided;
                entry.weight += word.weight;
            }
        }
    }
    for (auto& [word, entry] : telling) {
        entry.word = word;
        result.words.push_back(std::move(entry));
    }
    std::stable_sort(result.words.begin(), result.words.end(),
                     [](const Telling& a, const Telling& b) { return std::abs(a.weight) > std::abs(b.weight); });
    if (result.words.size() > 10) result.words.resize(10);
    return result;
}

}  // namespace mox::junk
