// Accuracy of the junk filter on labelled mail: 5-fold cross-validation, with bogofilter (Debian's package) on the same
// folds. Parameters of our method are chosen on the training folds alone.
//
//   junk_accuracy CORPUS SCRATCH      CORPUS has ham.maildir and spam.maildir; SCRATCH is an empty folder

#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>

#include "base/file.hpp"
#include "bench/junk_folds.hpp"
#include "junk/tokenizer.hpp"

using namespace mox;         // NOLINT
using namespace mox::bench;  // NOLINT

namespace {

constexpr double rates[] = {0.001, 0.002, 0.005};  // NOLINT

std::vector<junk::Scoring> candidates() {
    std::vector<junk::Scoring> all;
    for (const double prior : {0.1, 0.2, 0.4})
        for (const double messages : {0.02, 0.05, 0.1, 0.3})
            for (const int text : {4, 5, 6, 8})
                for (const int people : {1, 2}) {
                    junk::Scoring scoring;
                    scoring.prior = prior;
                    scoring.prior_messages = messages;
                    scoring.top_text = text;
                    scoring.top_people = people;
                    all.push_back(scoring);
                }
    return all;
}

std::vector<Scored> cross_validate(const Corpus& corpus, const junk::Scoring& scoring) {
    std::vector<Scored> scores;
    for (int fold = 0; fold < folds; ++fold) {
        const Counted counted(corpus, fold, fold);
        for (const auto& mail : corpus.mails)
            if (mail.fold == fold) scores.push_back({counted.score(mail, scoring), mail.spam});
    }
    return scores;
}

struct Chosen {
    std::vector<Scored> scores;
    // At thresholds that the training folds gave, for each rate: lost ham and caught spam.
    int lost[3] = {}, caught[3] = {};  // NOLINT
};

// For each fold the candidate that does best in a cross-validation inside the other four.
Chosen choose_and_validate(const Corpus& corpus) {
    const auto all = candidates();
    Chosen result;
    for (int fold = 0; fold < folds; ++fold) {
        std::vector<std::vector<Scored>> inside(all.size());
        for (int inner = 0; inner < folds; ++inner) {
            if (inner == fold) continue;
            const Counted counted(corpus, fold, inner);
            for (const auto& mail : corpus.mails)
                if (mail.fold == inner)
                    for (std::size_t i = 0; i < all.size(); ++i)
                        inside[i].push_back({counted.score(mail, all[i]), mail.spam});
        }
        std::size_t best = 0;
        double most = -1, zero = 0;
        for (std::size_t i = 0; i < all.size(); ++i) {
            double sum = 0, thresholds = 0;
            for (int lost = 1; lost <= 20; ++lost) {
                const auto [share, threshold] = caught_at(inside[i], 0.0005 * lost);
                sum += share;
                thresholds += threshold;
            }
            if (sum > most) most = sum, best = i, zero = thresholds / 20;
        }
        fmt::print("  fold {}: prior {} worth {} messages, {} words of text, {} of people\n", fold, all[best].prior,
                   all[best].prior_messages, all[best].top_text, all[best].top_people);
        const Counted counted(corpus, fold, fold);
        for (const auto& mail : corpus.mails) {
            if (mail.fold != fold) continue;
            const double score = counted.score(mail, all[best]);
            // Scales differ with the parameters: zero is where the training folds put their thresholds.
            result.scores.push_back({score - zero, mail.spam});
            for (int r = 0; r < 3; ++r)
                if (score > caught_at(inside[best], rates[r]).threshold) ++(mail.spam ? result.caught : result.lost)[r];
        }
    }
    return result;
}

std::vector<Scored> bogofilter(const Corpus& corpus, const std::filesystem::path& corpus_root,
                               const std::filesystem::path& scratch, bool without) {
    const auto folder = scratch / (without ? "bare" : "all");
    make_directories(folder);
    for (const auto& mail : corpus.mails) {
        const auto maildir = corpus_root / (mail.spam ? "spam.maildir" : "ham.maildir");
        const auto in_cur = maildir / "cur" / mail.name;
        const std::string contents = read_file(status_of(in_cur) ? in_cur : maildir / "new" / mail.name);
        std::ofstream(folder / ((mail.spam ? "s" : "h") + mail.name), std::ios::binary)
            << (without ? without_traces(contents) : contents);
    }
    std::vector<Scored> scores;
    for (int fold = 0; fold < folds; ++fold) {
        const auto words = scratch / "words", list = scratch / "list", out = scratch / "out";
        std::filesystem::remove_all(words);
        make_directories(words);
        const auto run = [&](const char* options, auto&& wanted) {
            std::ofstream files(list);
            for (const auto& mail : corpus.mails)
                if (wanted(mail)) files << (folder / ((mail.spam ? "s" : "h") + mail.name)).string() << '\n';
            files.close();
            const std::string command = fmt::format("bogofilter -C -d '{}' {} -b < '{}' > '{}'", words.string(),
                                                    options, list.string(), out.string());
            if (const int status = std::system(command.c_str()); status < 0 || status / 256 > 2)
                std::abort();  // NOLINT
        };
        run("-n", [&](const Mail& mail) { return mail.fold != fold && !mail.spam; });
        run("-s", [&](const Mail& mail) { return mail.fold != fold && mail.spam; });
        run("-TT", [&](const Mail& mail) { return mail.fold == fold; });
        std::ifstream lines(out);
        for (std::string line; std::getline(lines, line);) {
            const auto blank = line.rfind(' ');
            const std::string name = std::filesystem::path(line.substr(0, blank)).filename();
            scores.push_back({std::strtod(line.c_str() + blank, nullptr), name.starts_with('s')});
        }
    }
    return scores;
}

void print_row(const char* name, const std::vector<Scored>& scores) {
    std::string row = fmt::format("{:<34}", name);
    for (const double rate : rates) {
        const auto [low, high] = interval_of(scores, rate);
        row += fmt::format(" {:6.1f} % ({:.1f} to {:.1f})", 100 * caught_at(scores, rate).share, 100 * low, 100 * high);
    }
    fmt::print("{}\n", row);
}

// How far down to put the scale: at 0.95 this share of ham is lost and this share of spam caught.
void print_thresholds(const Corpus& corpus) {
    for (const double threshold : {0.5, 0.8, 0.9, 0.95, 0.99, 0.999}) {
        int lost = 0, ham = 0, caught = 0, spam = 0;
        for (int fold = 0; fold < folds; ++fold) {
            const Counted counted(corpus, fold, fold);
            for (const auto& mail : corpus.mails) {
                if (mail.fold != fold) continue;
                const bool above = counted.judge(mail, {}).probability > threshold;
                ++(mail.spam ? spam : ham);
                if (above) ++(mail.spam ? caught : lost);
            }
        }
        fmt::print("  threshold {}: {} of {} ham lost, {:.1f} % of spam caught\n", threshold, lost, ham,
                   100.0 * caught / spam);
    }
}

// Words that decide most often, to see what they recognise.
void print_words(const Corpus& corpus) {
    std::map<std::string, int> often;
    for (int fold = 0; fold < folds; ++fold) {
        const Counted counted(corpus, fold, fold);
        for (const auto& mail : corpus.mails)
            if (mail.fold == fold)
                for (const auto& word : counted.judge(mail, {}).words)
                    ++often[(word.weight > 0 ? "+" : "-") + word.word];
    }
    std::vector<std::pair<int, std::string>> sorted;
    for (const auto& [word, count] : often) sorted.emplace_back(count, word);
    std::sort(sorted.rbegin(), sorted.rend());
    for (std::size_t i = 0; i < std::min<std::size_t>(60, sorted.size()); ++i)
        fmt::print("  {} {}\n", sorted[i].first, sorted[i].second);
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) return 2;
    const std::filesystem::path root = argv[1], scratch = argv[2];
    const junk::Parameters own{.twograms = true, .tokenizer_version = junk::own_tokenizer};
    Corpus reference = read_corpus(root, {.tokenizer_version = junk::own_tokenizer}, false);
    choose_folds(reference);
    for (const bool without : {false, true}) {
        fmt::print("{}\n", without ? "Without what a collection leaves behind" : "All headers");
        Corpus corpus = read_corpus(root, own, without);
        Corpus classic = read_corpus(root, {}, without);
        for (std::size_t i = 0; i < corpus.mails.size(); ++i)
            classic.mails[i].fold = corpus.mails[i].fold = reference.mails[i].fold;
        const Chosen chosen = choose_and_validate(corpus);
        fmt::print("{:<34} {:^24} {:^24} {:^24}\n", "spam caught at ham lost", "0.1 %", "0.2 %", "0.5 %");
        print_row("own, defaults", cross_validate(corpus, {}));
        print_row("own, chosen on training folds", chosen.scores);
        print_row("compatible", cross_validate(classic, {.method = junk::Scoring::Method::classic}));
        print_row("bogofilter", bogofilter(corpus, root, scratch, without));
        for (int r = 0; r < 3; ++r)
            fmt::print("  threshold of the training folds for {} %: {} ham lost, {} spam caught\n", 100 * rates[r],
                       chosen.lost[r], chosen.caught[r]);
        print_thresholds(corpus);
        print_words(corpus);
    }
    return 0;
}
