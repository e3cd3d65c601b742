#include "junk/classifier.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace mox::junk {

namespace {

// Where the sum of weights of the own method is undecided: below 0, because most of what tells ham from junk is in the
// ham. A message of few telling words, or a filter of few messages, says too little to be held against anybody: there
// it is nearer to 0. `own_scale`: how much it takes to be e times as sure. docs/junk.md has what comes of it.
constexpr double own_centre = -17, own_scale = 2;
constexpr double few_words = 8, few_messages = 100;

double own_centre_for(std::size_t words, const Counts& totals) {
    const auto messages = static_cast<double>(std::min(totals.ham, totals.spam));
    return own_centre * std::min(1.0, static_cast<double>(words) / few_words) * messages / (messages + few_messages);
}

double of_weight(double weight) {
    return 1 / (1 + std::exp(-weight));
}

double share(std::int64_t count, std::int64_t total) {
    return total <= 0 ? 0 : std::min(1.0, static_cast<double>(count) / static_cast<double>(total));
}

struct Weighed {
    double weight = 0;
    const CountedWord* word = nullptr;
};

// The heaviest first; a longer word says more; then by name, so that the order never matters.
bool heavier(const Weighed& a, const Weighed& b) {
    const double x = std::abs(a.weight), y = std::abs(b.weight);
    if (x != y) return x > y;
    const std::string_view u = a.word->word, v = b.word->word;
    return u.size() != v.size() ? u.size() > v.size() : u < v;
}

// Appends the `count` heaviest for junk and as many for ham.
void take_heaviest(std::vector<Weighed>& words, std::int64_t count, std::vector<Weighed>& chosen) {
    std::sort(words.begin(), words.end(), heavier);
    std::int64_t junk = 0, ham = 0;
    for (const auto& word : words)
        if ((word.weight > 0 ? junk : ham)++ < count) chosen.push_back(word);
}

Verdict verdict_of(std::vector<Weighed>& chosen, double centre, double scale) {
    Verdict verdict;
    if (chosen.empty()) return verdict;
    std::sort(chosen.begin(), chosen.end(), heavier);
    double sum = 0;
    for (const auto& [weight, word] : chosen) {
        sum += weight;
        verdict.words.push_back({std::string(word->word), word->counts, weight});
    }
    verdict.score = (sum - centre) / scale;
    verdict.probability = of_weight(verdict.score);
    return verdict;
}

// NaN: unknown.
double probability_of(const Counts& counts, const Counts& totals) {
    const double spam = share(counts.spam, totals.spam), ham = share(counts.ham, totals.ham);
    return spam / (spam + ham);
}

Verdict judge_classic(std::span<const CountedWord> words, const Counts& totals, const Scoring& scoring) {
    std::vector<Weighed> weighed, chosen;
    for (const auto& word : words) {
        double p = probability_of(word.counts, totals);
        if (std::isnan(p)) continue;
        p = std::clamp(p, scoring.max_power, 1 - scoring.max_power);
        const std::int64_t seen = word.counts.ham + word.counts.spam;
        if (seen <= scoring.rare_words) p += static_cast<double>(1 + scoring.rare_words - seen) * (0.5 - p) / 10;
        if (std::abs(0.5 - p) < scoring.ignore_words || p == 0.5 || p <= 0 || p >= 1) continue;
        weighed.push_back({std::log(p) - std::log1p(-p), &word});
    }
    take_heaviest(weighed, scoring.top_words, chosen);
    return verdict_of(chosen, 0, 1);
}

enum Group : std::uint8_t { text, people, form, links };
constexpr std::size_t groups = 4;

Group group_of(std::string_view word) {
    constexpr std::array<std::pair<std::string_view, Group>, 13> prefixes{{{"subject:", text},
                                                                           {"hidden:", text},
                                                                           {"caps:", text},
                                                                           {"shape:", text},
                                                                           {"from", people},
                                                                           {"reply", people},
                                                                           {"to", people},
                                                                           {"mailer:", people},
                                                                           {"header:", form},
                                                                           {"part:", form},
                                                                           {"name:", form},
                                                                           {"url:", links},
                                                                           {"path:", links}}};
    const auto end = word.find_first_of(":@");
    if (end == std::string_view::npos) return text;
    for (const auto& [prefix, group] : prefixes)
        if (word.starts_with(prefix) && (prefix.ends_with(':') || prefix.size() == end)) return group;
    return text;
}

Verdict judge_own(std::span<const CountedWord> words, const Counts& totals, const Scoring& scoring) {
    std::array<std::vector<Weighed>, groups> weighed;
    for (const auto& word : words) {
        const double p = probability_of(word.counts, totals);
        if (std::isnan(p)) continue;
        const auto seen = static_cast<double>(word.counts.ham + word.counts.spam);
        const double f = (scoring.prior_messages * scoring.prior + seen * p) / (scoring.prior_messages + seen);
        if (std::abs(0.5 - f) < scoring.ignore) continue;
        weighed[group_of(word.word)].push_back({std::log(f) - std::log1p(-f), &word});
    }
    std::vector<Weighed> chosen;
    take_heaviest(weighed[text], scoring.top_text, chosen);
    take_heaviest(weighed[people], scoring.top_people, chosen);
    take_heaviest(weighed[form], scoring.top_form, chosen);
    take_heaviest(weighed[links], scoring.top_links, chosen);
    return verdict_of(chosen, own_centre_for(chosen.size(), totals), own_scale);
}

}  // namespace

Verdict judge(std::span<const CountedWord> words, const Counts& totals, const Scoring& scoring) {
    // Without messages of both kinds every known word is of one kind.
    if (scoring.method == Scoring::Method::classic) return judge_classic(words, totals, scoring);
    if (totals.ham <= 0 || totals.spam <= 0) return {};
    return judge_own(words, totals, scoring);
}

Verdict classify(FilterDb& filter, const WordSet& words, const Scoring& scoring) {
    const db::ReadTransaction unchanged(filter.database());
    std::vector<CountedWord> counted;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const Counts counts = filter.look_up(words.keys()[i]);
        if (counts != Counts{}) counted.push_back({words.text(i), counts});
    }
    return judge(counted, filter.totals(), scoring);
}

}  // namespace mox::junk
