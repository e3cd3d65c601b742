#include "junk/tokenizer.hpp"

#include <fmt/format.h>

#include "base/error.hpp"
#include "junk/classic_reader.hpp"
#include "junk/own_reader.hpp"
#include "junk/reading.hpp"
#include "mime/charset.hpp"

namespace mox::junk {

std::string text_of(std::string_view message, const mime::Part& part, std::size_t& budget) {
    std::string_view body = message.substr(part.body_offset, part.body_size());
    std::string bytes;
    if (part.encoding == mime::TransferEncoding::base64 || part.encoding == mime::TransferEncoding::quoted_printable) {
        mime::TransferDecoder decoder(part.encoding);
        decoder.feed(body.substr(0, budget * 4), bytes);
        decoder.finish(bytes);
        body = bytes;
    }
    body = body.substr(0, budget);
    budget -= body.size();
    const std::string* const charset = mime::find_parameter(part.parameters, "charset");
    return mime::to_utf8(body, charset == nullptr ? std::string_view() : std::string_view(*charset));
}

void Grams::add(WordSet& words, std::string_view prefix, std::string_view word) {
    const WordKey key = single_word_key(word);
    WordKey leading = key;
    if (!prefix.empty()) {
        prefixed_.assign(prefix).append(word);
        leading = single_word_key(prefixed_);
    }
    if (parameters_.onegrams && fits(prefix.size(), word.size())) words.add(leading, prefix, word, {});
    if (!parameters_.twograms && !parameters_.threegrams) return;
    if (nearest_.size > 0) {
        std::size_t size = nearest_.size + 1 + word.size();
        if (words.keeps_texts()) rest_.assign(" ").append(word);
        if (parameters_.twograms && fits(prefix.size(), size))
            words.add(joined(nearest_.leading, key), prefix, nearest_.text, rest_);
        size += before_.size + 1;
        if (parameters_.threegrams && before_.size > 0 && fits(prefix.size(), size)) {
            if (words.keeps_texts()) rest_.assign(" ").append(nearest_.text).append(" ").append(word);
            words.add(joined(joined(before_.leading, nearest_.key), key), prefix, before_.text, rest_);
        }
    }
    std::swap(before_, nearest_);
    if (words.keeps_texts()) nearest_.text = word;
    nearest_.size = word.size();
    nearest_.key = key;
    nearest_.leading = leading;
}

Tokenizer::Tokenizer(const Parameters& parameters, Texts texts) : words_(texts) {
    if (parameters.tokenizer_version == classic_tokenizer)
        reader_ = std::make_unique<ClassicReader>(parameters);
    else if (parameters.tokenizer_version == own_tokenizer)
        reader_ = std::make_unique<OwnReader>(parameters);
    else
        throw Error(Errc::usage,
                    fmt::format("junk filter: unknown tokenizer version {}", parameters.tokenizer_version));
}

Tokenizer::~Tokenizer() = default;
Tokenizer::Tokenizer(Tokenizer&&) noexcept = default;

const WordSet& Tokenizer::read(std::string_view message) {
    words_.clear();
    reader_->read(message.substr(0, max_message_bytes), words_);
    return words_;
}

}  // namespace mox::junk
