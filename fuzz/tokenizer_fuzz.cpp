// Words of a message, by both tokenizers: never a throw, never more than the limits, each once, and the same again.

#include <cstdint>
#include <string_view>

#include "base/encoding.hpp"
#include "junk/tokenizer.hpp"
#include "require.hpp"

using mox::fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace mox::junk;
    const std::string_view message(reinterpret_cast<const char*>(data), size);
    for (const int version : {classic_tokenizer, own_tokenizer}) {
        const Parameters parameters{.twograms = true, .threegrams = true, .tokenizer_version = version};
        Tokenizer tokenizer(parameters, Texts::keep), keys_only(parameters);
        const WordSet set = tokenizer.read(message);
        const auto words = set.sorted();
        require(words.size() <= max_words);
        for (std::size_t i = 0; i < words.size(); ++i) {
            require(!words[i].empty() && words[i].size() <= max_word_bytes && mox::is_utf8(words[i]));
            require(i == 0 || words[i - 1] < words[i]);
        }
        for (std::size_t i = 0; i < set.size(); ++i) require(word_key(set.text(i)) == set.keys()[i]);
        require(tokenizer.read(message).sorted() == words);
        require(keys_only.read(message).keys() == set.keys());
    }
    return 0;
}
