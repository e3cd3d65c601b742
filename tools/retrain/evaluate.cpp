#include "tools/retrain/evaluate.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/file.hpp"
#include "base/parallel.hpp"
#include "cli/progress.hpp"
#include "junk/evaluation.hpp"
#include "junk/tokenizer.hpp"

namespace mox::retrain {

namespace {

// Keeps memory bounded; enough for any share that the table shows.
constexpr std::size_t most_messages = 20'000;

std::string percent(std::int64_t part, std::int64_t whole) {
    return fmt::format("{:.2f} %", whole == 0 ? 0.0 : 100.0 * static_cast<double>(part) / static_cast<double>(whole));
}

std::vector<double> thresholds_around(double configured) {
    std::vector<double> thresholds{0.5, 0.8, 0.9, 0.95, 0.99, 0.999, configured};
    std::sort(thresholds.begin(), thresholds.end());
    thresholds.erase(std::unique(thresholds.begin(), thresholds.end()), thresholds.end());
    return thresholds;
}

}  // namespace

Totals evaluate(store::Account& account, const Settings& settings, const Options& options, cli::Reporter& out) {
    junk::Evaluation evaluation;
    std::int64_t unread = 0, left_out = 0;
    {
        cli::Progress progress(out, {.label = "reading", .unit = "messages"});
        store::for_each_trainable(
            account,
            {.parameters = settings.parameters,
             .jobs = options.jobs == 0 ? default_jobs() : options.jobs,
             .progress = [&](std::uint64_t messages, std::uint64_t bytes) { progress.add(messages, bytes); }},
            junk::Texts::keep, [&](const store::TrainedMessage& message, const junk::WordSet& words) {
                if (words.empty())
                    ++unread;
                else if (evaluation.size() >= most_messages)
                    ++left_out;
                else if (message.junk != message.ham)
                    evaluation.add(words, message.junk);
            });
    }
    const auto result = evaluation.run(options.folds, settings.scoring, thresholds_around(settings.threshold));
    if (result.messages.ham < options.folds || result.messages.spam < options.folds)
        throw Error(Errc::failed, fmt::format("account {}: {} ham and {} junk messages are too few to evaluate",
                                              quote(account.name()), result.messages.ham, result.messages.spam));
    if (left_out > 0)
        out.warning(fmt::format("{} messages beyond the first {} were left out", left_out, most_messages));
    for (const auto& at : result.thresholds)
        out.result(cli::Record("threshold",
                               "threshold {shown:plain}: {false_positives} of {ham} ham lost ({ham_lost:plain}),"
                               " {false_negatives} of {junk} junk let through ({junk_passed:plain}){mark:plain}")
                       .set("account", account.name())
                       .set("threshold", cli::Value(at.threshold))
                       .set("shown", fmt::format("{}", at.threshold))
                       .set("false_positives", at.false_positives)
                       .set("false_negatives", at.false_negatives)
                       .set("ham", result.messages.ham)
                       .set("junk", result.messages.spam)
                       .set("ham_lost", percent(at.false_positives, result.messages.ham))
                       .set("junk_passed", percent(at.false_negatives, result.messages.spam))
                       .set("mark", at.threshold == settings.threshold ? " (configured)" : ""));
    for (const auto& word : result.words)
        out.result(cli::Record("word", "{word} decided {decided} times, weight {weight}")
                       .set("account", account.name())
                       .set("word", word.word)
                       .set("decided", word.decided)
                       .set("weight", cli::Value(word.weight)));
    return {.accounts = 1, .junk = result.messages.spam, .ham = result.messages.ham, .words = 0, .unread = unread};
}

Totals explain(store::Account& account, const Settings& settings, const Options& options, cli::Reporter& out) {
    junk::FilterDb filter(account.layout().junk_filter_db(account.name()), {.access = db::Access::read_only});
    junk::Tokenizer tokenizer(filter.parameters(), junk::Texts::keep);
    std::string head = read_file(options.explain, std::size_t{256} << 20U);
    const auto& words = tokenizer.read(head);
    if (filter.parameters() != settings.parameters)
        out.warning(fmt::format("the filter was made with other parameters than are configured: run 'mox-retrain {}'",
                                escaped(account.name())));
    junk::Scoring scoring = settings.scoring;
    scoring.method = filter.parameters().tokenizer_version == junk::classic_tokenizer ? junk::Scoring::Method::classic
                                                                                      : junk::Scoring::Method::own;
    const auto verdict = junk::classify(filter, words, scoring);
    for (const auto& word : verdict.words)
        out.result(cli::Record("word", "{weight}  {word}: in {junk} junk and {ham} ham")
                       .set("word", word.word)
                       .set("junk", word.counts.spam)
                       .set("ham", word.counts.ham)
                       .set("weight", cli::Value(word.weight)));
    out.result(
        cli::Record("verdict", "probability of junk {shown:plain}, {words:word|words} in the message: {is:plain}")
            .set("account", account.name())
            .set("probability", cli::Value(verdict.probability))
            .set("shown", fmt::format("{:.4f}", verdict.probability))
            .set("words", static_cast<std::int64_t>(words.size()))
            .set("threshold", cli::Value(settings.threshold))
            .set("is", verdict.probability > settings.threshold ? "junk" : "no junk"));
    return {.accounts = 1, .junk = 0, .ham = 0, .words = static_cast<std::int64_t>(words.size()), .unread = 0};
}

}  // namespace mox::retrain
