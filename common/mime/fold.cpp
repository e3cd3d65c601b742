#include "mime/fold.hpp"

#include <cstdint>
#include <cstring>

#include "mime/unicode.hpp"

namespace mox::mime {

namespace {

// Length of the ASCII at the start of `text`.
std::size_t ascii_length(std::string_view text) {
    std::size_t at = 0;
    for (; at + 8 <= text.size(); at += 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, text.data() + at, 8);
        if ((word & 0x8080808080808080U) != 0) break;
    }
    while (at < text.size() && static_cast<unsigned char>(text[at]) < 0x80) ++at;
    return at;
}

}  // namespace

void append_folded(std::string& out, std::string_view utf8) {
    while (!utf8.empty()) {
        const auto ascii = ascii_length(utf8);
        const auto start = out.size();
        out.append(utf8, 0, ascii);
        for (char* c = out.data() + start; c != out.data() + out.size(); ++c) {
            const auto byte = static_cast<unsigned char>(*c);
            *c = static_cast<char>(byte + (static_cast<unsigned char>(byte - 'A') < 26 ? 32 : 0));
        }
        utf8.remove_prefix(ascii);
        while (!utf8.empty() && static_cast<unsigned char>(utf8.front()) >= 0x80) {
            const auto character = first_character(utf8);
            append_character(out, fold_case(character.value));
            utf8.remove_prefix(character.length);
        }
    }
}

std::string folded(std::string_view utf8) {
    std::string out;
    append_folded(out, utf8);
    return out;
}

bool contains_folded(std::string_view text, std::string_view folded_text, std::string& buffer) {
    buffer.clear();
    append_folded(buffer, text);
    return buffer.find(folded_text) != std::string::npos;
}

}  // namespace mox::mime
