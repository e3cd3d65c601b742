#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "junk/filter_db.hpp"
#include "junk/word_set.hpp"

// Messages to words. Nothing here throws for contents, and time and memory are bounded by the limits below.

namespace mox::junk {

// Of a longer message only this much is looked at,
inline constexpr std::size_t max_message_bytes = 4U << 20U;
// and of its texts, transfer encodings removed and all parts together, only this much.
inline constexpr std::size_t max_text_bytes = 1U << 20U;

// Values of Parameters::tokenizer_version.
inline constexpr int classic_tokenizer = 1;  // the words of the original mox, without its faults (docs/junk.md)
inline constexpr int own_tokenizer = 2;

// What a filter is made with when the configuration asks for no sequences of words.
inline constexpr Parameters own_parameters{.twograms = true, .tokenizer_version = own_tokenizer};

// One object reads many messages, one after the other; not from two threads at a time.
class Tokenizer {
public:
    // Errc::usage for an unknown tokenizer version.
    explicit Tokenizer(const Parameters& parameters, Texts texts = Texts::forget);
    ~Tokenizer();
    Tokenizer(Tokenizer&&) noexcept;

    // The words of a message, or of its first max_message_bytes. Valid until the next call. Empty: there is nothing in
    // it that could be trained.
    [[nodiscard]] const WordSet& read(std::string_view message);

private:
    class Reader;
    class ClassicReader;
    class OwnReader;
    WordSet words_;
    std::unique_ptr<Reader> reader_;
};

}  // namespace mox::junk
