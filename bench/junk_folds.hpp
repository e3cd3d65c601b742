#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "junk/classifier.hpp"

// Cross-validation of the junk filter on labelled mail, without files and databases.

namespace mox::bench {

inline constexpr int folds = 5;

struct Mail {
    std::string name;  // of its file
    bool spam = false;
    int fold = 0;
    std::vector<std::uint32_t> words;  // indexes into Corpus::words
};

struct Corpus {
    std::vector<std::string> words;
    std::vector<Mail> mails;
};

// ham.maildir and spam.maildir below `root`, in the order of their names, tokenised.
[[nodiscard]] Corpus read_corpus(const std::filesystem::path& root, const junk::Parameters& parameters,
                                 bool without_traces);
// The message without the fields that a collection leaves behind: Received, Delivered-To, Return-Path, List-*, X-*,
// Date, Message-ID.
[[nodiscard]] std::string without_traces(std::string_view message);
// Near duplicates (six of ten words in common, or through others) share a fold.
void choose_folds(Corpus& corpus);

// Counts of all mails outside of two folds.
class Counted {
public:
    Counted(const Corpus& corpus, int fold, int other_fold);
    [[nodiscard]] double score(const Mail& mail, const junk::Scoring& scoring) const;  // of the verdict
    [[nodiscard]] junk::Verdict judge(const Mail& mail, const junk::Scoring& scoring) const;

private:
    const Corpus& corpus_;
    std::vector<junk::Counts> counts_;
    junk::Counts totals_;
};

struct Scored {
    double score = 0;  // higher: more likely spam
    bool spam = false;
};
// Share of spam above the threshold that loses at most `rate` of the ham; and the threshold.
struct Caught {
    double share = 0, threshold = 0;
};
[[nodiscard]] Caught caught_at(std::vector<Scored> mails, double rate);
// Bounds of the middle 95 % of caught_at() over 400 samples drawn from `mails`.
struct Interval {
    double low = 0, high = 0;
};
[[nodiscard]] Interval interval_of(const std::vector<Scored>& mails, double rate);

}  // namespace mox::bench
