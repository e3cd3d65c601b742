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

// Words and sequences of two and three, by their keys: texts are put together only for who keeps them.
class Grams {
public:
    explicit Grams(const Parameters& parameters) : parameters_(parameters) {}
    // What follows has nothing to do with what came before. Shorter sequences than `min_bytes` are no words.
    void restart(std::size_t min_bytes = 1) {
        min_bytes_ = min_bytes;
        before_.size = 0;
        nearest_.size = 0;
    }
    // Neither has blanks.
    void add(WordSet& words, std::string_view prefix, std::string_view word);

private:
    struct Word {
        std::size_t size = 0;  // 0: none
        std::string text;      // only for who keeps texts
        WordKey key{};         // of the text
        WordKey leading{};     // of prefix and text
    };
    [[nodiscard]] bool fits(std::size_t prefix_bytes, std::size_t bytes) const {
        return bytes >= min_bytes_ && prefix_bytes + bytes <= max_word_bytes;
    }

    const Parameters parameters_;
    std::size_t min_bytes_ = 1;
    Word before_, nearest_;
    std::string prefixed_, rest_;
};

}  // namespace mox::junk
