#pragma once

#include <string>
#include <string_view>

#include "junk/tokenizer.hpp"
#include "mime/message.hpp"

// Inside the layer: what both tokenizers share.

namespace mox::junk {

class Tokenizer::Reader {
public:
    virtual ~Reader() = default;
    virtual void read(std::string_view message, WordSet& words) = 0;
};

// Text of a part in UTF-8, transfer encoding removed. `budget` is lowered by its bytes; nothing is left out but what
// goes beyond it.
[[nodiscard]] std::string text_of(std::string_view message, const mime::Part& part, std::size_t& budget);

// Remembers the words before, for sequences of two and three.
class Grams {
public:
    explicit Grams(const Parameters& parameters) : parameters_(parameters) {}
    // What follows has nothing to do with what came before. Shorter sequences than `min_bytes` are no words.
    void restart(std::size_t min_bytes = 1) {
        min_bytes_ = min_bytes;
        before_.clear();
        nearest_.clear();
    }
    void add(WordSet& words, std::string_view prefix, std::string_view word);

private:
    void put(WordSet& words, std::string_view prefix, std::string_view sequence) const {
        if (sequence.size() >= min_bytes_) words.add(prefix, sequence);
    }

    const Parameters parameters_;
    std::size_t min_bytes_ = 1;
    std::string before_, nearest_, joined_;
};

}  // namespace mox::junk
