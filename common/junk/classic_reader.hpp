#pragma once

#include <string>
#include <string_view>

#include "junk/reading.hpp"

namespace mox::junk {

// The words of the original mox: From, To, Cc, Bcc, Reply-To, Subject, Sender, Return-Path as they are written, and all
// texts. Departures are listed in docs/junk.md.
class Tokenizer::ClassicReader : public Tokenizer::Reader {
public:
    explicit ClassicReader(const Parameters& parameters) : grams_(parameters) {}
    void read(std::string_view message, WordSet& words) override;

private:
    void read_header(std::string_view header);
    void read_part(std::string_view message, const mime::Part& part);
    void read_text(std::string_view text, std::string_view prefix);
    void end_word(std::string_view prefix);

    WordSet* words_ = nullptr;
    Grams grams_;
    std::size_t budget_ = 0;
    std::string word_;
};

}  // namespace mox::junk
