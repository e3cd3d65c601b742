#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "junk/classifier.hpp"

namespace mox::junk {

// How well a filter would decide about mail that it has not seen: messages are dealt into folds, and each fold is
// judged by counts of the others. Keeps four bytes for each word of each message, and every word once.
class Evaluation {
public:
    // The words have their texts.
    void add(const WordSet& words, bool spam);
    [[nodiscard]] std::size_t size() const { return messages_.size(); }

    struct AtThreshold {
        double threshold = 0;
        std::int64_t false_positives = 0;  // ham above it
        std::int64_t false_negatives = 0;  // spam not above it
    };
    struct Telling {
        std::string word;
        std::int64_t decided = 0;  // messages for which it was among the words that decided
        double weight = 0;         // sum over these messages
    };
    struct Result {
        Counts messages;
        std::vector<AtThreshold> thresholds;
        std::vector<Telling> words;  // the ten heaviest
    };
    // Errc::usage unless there are 2 to 100 folds.
    [[nodiscard]] Result run(int folds, const Scoring& scoring, std::vector<double> thresholds) const;

private:
    struct Message {
        bool spam = false;
        std::vector<std::uint32_t> words;
    };
    std::unordered_map<std::string, std::uint32_t> indexes_;
    std::vector<const std::string*> words_;
    std::vector<Message> messages_;
};

}  // namespace mox::junk
