#include "bench/junk_folds.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <unordered_map>

#include "base/encoding.hpp"
#include "base/file.hpp"
#include "junk/tokenizer.hpp"

namespace mox::bench {

namespace {

bool is_trace(std::string_view name) {
    const std::string lower = ascii_lower(trimmed(name));
    return lower == "received" || lower == "delivered-to" || lower == "return-path" || lower.starts_with("list-") ||
           lower.starts_with("x-") || lower == "date" || lower == "message-id";
}

std::vector<std::filesystem::path> messages_of(const std::filesystem::path& maildir) {
    std::vector<std::filesystem::path> files;
    for (const char* folder : {"cur", "new"})
        for (const auto& entry : list_directory(maildir / folder)) files.push_back(maildir / folder / entry.name);
    return files;
}

// Jaccard index of sorted lists of at least 0.6.
bool nearly_equal(const std::vector<std::uint32_t>& a, const std::vector<std::uint32_t>& b) {
    const auto small = static_cast<double>(std::min(a.size(), b.size()));
    const auto large = static_cast<double>(std::max(a.size(), b.size()));
    if (small < 0.6 * large) return false;
    double common = 0;
    for (auto x = a.begin(), y = b.begin(); x != a.end() && y != b.end();) {
        if (*x == *y)
            ++common, ++x, ++y;
        else if (*x < *y)
            ++x;
        else
            ++y;
    }
    return common >= 0.6 * (small + large - common);
}

}  // namespace

std::string without_traces(std::string_view message) {
    std::string result;
    bool keep = true;
    while (!message.empty()) {
        const std::size_t end = std::min(message.find('\n'), message.size() - 1) + 1;
        const std::string_view line = message.substr(0, end);
        if (trimmed(line).empty()) break;
        if (line[0] != ' ' && line[0] != '\t') keep = !is_trace(line.substr(0, line.find(':')));
        if (keep) result += line;
        message.remove_prefix(end);
    }
    return result.append(message);
}

Corpus read_corpus(const std::filesystem::path& root, const junk::Parameters& parameters, bool without) {
    Corpus corpus;
    std::unordered_map<std::string, std::uint32_t> indexes;
    junk::Tokenizer tokenizer(parameters, junk::Texts::keep);
    for (const bool spam : {false, true}) {
        for (const auto& file : messages_of(root / (spam ? "spam.maildir" : "ham.maildir"))) {
            std::string contents = read_file(file);
            if (without) contents = without_traces(contents);
            Mail mail{.name = file.filename(), .spam = spam, .fold = 0, .words = {}};
            const junk::WordSet& words = tokenizer.read(contents);
            for (std::size_t i = 0; i < words.size(); ++i) {
                const auto next = static_cast<std::uint32_t>(corpus.words.size());
                const auto [at, is_new] = indexes.emplace(words.text(i), next);
                if (is_new) corpus.words.emplace_back(words.text(i));
                mail.words.push_back(at->second);
            }
            std::sort(mail.words.begin(), mail.words.end());
            corpus.mails.push_back(std::move(mail));
        }
    }
    return corpus;
}

void choose_folds(Corpus& corpus) {
    std::vector<std::size_t> leader(corpus.mails.size());
    std::iota(leader.begin(), leader.end(), std::size_t{0});
    const auto find = [&](std::size_t i) {
        while (leader[i] != i) i = leader[i] = leader[leader[i]];
        return i;
    };
    for (std::size_t i = 0; i < corpus.mails.size(); ++i)
        for (std::size_t j = i + 1; j < corpus.mails.size(); ++j)
            if (nearly_equal(corpus.mails[i].words, corpus.mails[j].words)) leader[find(i)] = find(j);
    std::vector<int> fold(corpus.mails.size());
    std::mt19937 random(5);  // NOLINT: the same folds every time
    for (auto& f : fold) f = static_cast<int>(random() % folds);
    for (std::size_t i = 0; i < corpus.mails.size(); ++i) corpus.mails[i].fold = fold[find(i)];
}

Counted::Counted(const Corpus& corpus, int fold, int other_fold) : corpus_(corpus), counts_(corpus.words.size()) {
    for (const auto& mail : corpus.mails) {
        if (mail.fold == fold || mail.fold == other_fold) continue;
        ++(mail.spam ? totals_.spam : totals_.ham);
        for (const auto word : mail.words) ++(mail.spam ? counts_[word].spam : counts_[word].ham);
    }
}

junk::Verdict Counted::judge(const Mail& mail, const junk::Scoring& scoring) const {
    std::vector<junk::CountedWord> words;
    for (const auto word : mail.words)
        if (counts_[word] != junk::Counts{}) words.push_back({corpus_.words[word], counts_[word]});
    return junk::judge(words, totals_, scoring);
}

double Counted::score(const Mail& mail, const junk::Scoring& scoring) const {
    return judge(mail, scoring).score;
}

Caught caught_at(std::vector<Scored> mails, double rate) {
    std::sort(mails.begin(), mails.end(), [](const Scored& a, const Scored& b) {
        return a.score != b.score ? a.score > b.score : a.spam < b.spam;  // ties count against the filter
    });
    const auto all_spam =
        static_cast<double>(std::count_if(mails.begin(), mails.end(), [](auto& m) { return m.spam; }));
    const double may_lose = std::floor(rate * (static_cast<double>(mails.size()) - all_spam) + 1e-9);
    double lost = 0, caught = 0;
    for (const auto& mail : mails) {
        if (!mail.spam && ++lost > may_lose) return {.share = caught / all_spam, .threshold = mail.score};
        if (mail.spam) ++caught;
    }
    return {.share = 1, .threshold = -1e9};
}

Interval interval_of(const std::vector<Scored>& mails, double rate) {
    std::mt19937 random(1);  // NOLINT: the same figures every time
    std::vector<double> shares;
    for (int i = 0; i < 400; ++i) {
        std::vector<Scored> sample;
        for (std::size_t k = 0; k < mails.size(); ++k) sample.push_back(mails[random() % mails.size()]);
        shares.push_back(caught_at(std::move(sample), rate).share);
    }
    std::sort(shares.begin(), shares.end());
    return {.low = shares[10], .high = shares[389]};
}

}  // namespace mox::bench
