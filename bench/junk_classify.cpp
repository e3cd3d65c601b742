// Classifies a message with a filter of many words: opens the filter, takes the message apart, looks its words up and
// judges, as at a delivery. Prints the time of that in milliseconds, the median of 21 messages.
//
//   junk_classify FILTER WORDS      FILTER is made, with WORDS words

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <vector>

#include "junk/classifier.hpp"
#include "junk/filter_db.hpp"
#include "junk/tokenizer.hpp"

using namespace mox;  // NOLINT

namespace {

std::string word(std::size_t number) {
    // Spread over the alphabet, as real words are.
    const std::size_t mixed = number * 2'654'435'761U % 4'294'967'296U;
    std::string text;
    for (std::size_t rest = mixed; rest > 0; rest /= 26) text += static_cast<char>('a' + rest % 26);
    return text;
}

// About 300 words of which two thirds are known.
std::string message(std::size_t seed, std::size_t words) {
    std::string text = "From: Ann <ann@example.org>\r\nTo: bob@example.net\r\nSubject: " + word(seed) + "\r\n\r\n";
    for (std::size_t i = 0; i < 300; ++i) text += word((seed * 7'919 + i * 104'729) % (words + words / 2)) + ' ';
    return text + "\r\n";
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) return 2;
    const std::filesystem::path path = argv[1];
    const std::size_t words = std::strtoul(argv[2], nullptr, 10);
    const junk::Parameters own = junk::own_parameters;
    {
        std::vector<std::int64_t> all;
        for (std::size_t i = 0; i < words; ++i) all.push_back(stored(junk::word_key(word(i))));
        std::sort(all.begin(), all.end());
        all.erase(std::unique(all.begin(), all.end()), all.end());
        junk::FilterDb filter(path, {.access = db::Access::create}, own);
        filter.replace(own, {.messages = {.ham = 20'000, .spam = 10'000}}, [&](const junk::FilterDb::PutWord& put) {
            std::int64_t i = 0;
            for (const auto key : all)
                put(junk::WordKey{static_cast<std::uint64_t>(key)}, {.ham = ++i % 50, .spam = i % 7});
        });
    }
    std::vector<double> times;
    double sum = 0;
    for (std::size_t i = 0; i < 21; ++i) {
        const std::string contents = message(i, words);
        const auto started = std::chrono::steady_clock::now();
        junk::FilterDb filter(path, {.access = db::Access::read_only});
        junk::Tokenizer tokenizer(filter.parameters(), junk::Texts::keep);
        sum += junk::classify(filter, tokenizer.read(contents), {}).probability;
        times.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - started).count());
    }
    std::sort(times.begin(), times.end());
    fmt::print("{} words, mean probability {:.3f}: {:.3f}\n", words, sum / 21, times[times.size() / 2]);
    return 0;
}
