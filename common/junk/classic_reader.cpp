#include "junk/classic_reader.hpp"

#include <algorithm>
#include <array>

#include "base/encoding.hpp"
#include "mime/charset.hpp"
#include "mime/header.hpp"
#include "mime/html_text.hpp"
#include "mime/scanner.hpp"
#include "mime/unicode.hpp"

namespace mox::junk {

namespace {

constexpr std::array<std::string_view, 8> headers{"From",     "To",      "Cc",     "Bcc",
                                                  "Reply-To", "Subject", "Sender", "Return-Path"};

bool is_ascii_digit(char c) {
    return c >= '0' && c <= '9';
}

// Six or more characters in a row that no word of a language has: consonants and the digits 2 to 9.
bool looks_random(std::string_view word) {
    int run = 0;
    for (const char c : word) {
        if (static_cast<unsigned char>(c) >= 0x80) return false;
        const bool counts = (c >= 'a' && c <= 'z' && std::string_view("aeiou").find(c) == std::string_view::npos) ||
                            (c >= '2' && c <= '9');
        run = counts ? run + 1 : 0;
        if (run >= 6) break;
    }
    return run >= 6 &&
           std::all_of(word.begin(), word.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool looks_numeric(std::string_view word) {
    if (word.starts_with("0x")) word.remove_prefix(2);
    const auto digits = std::count_if(word.begin(), word.end(), is_ascii_digit);
    const bool others = std::any_of(word.begin(), word.end(), [](char c) {
        return !is_ascii_digit(c) && (ascii_lower(c) < 'a' || ascii_lower(c) > 'f');
    });
    return digits >= 4 || (!others && digits >= 3);
}

bool all_digits(std::string_view word) {
    while (!word.empty()) {
        const auto c = mime::first_character(word);
        if (!mime::is_digit(c.value)) return false;
        word.remove_prefix(c.length);
    }
    return true;
}

}  // namespace

void Tokenizer::ClassicReader::read(std::string_view message, WordSet& words) {
    words_ = &words;
    budget_ = max_text_bytes;
    const mime::Part root = mime::scan_parts(message);
    read_header(message.substr(0, root.body_offset));
    read_part(message, root);
}

void Tokenizer::ClassicReader::read_header(std::string_view header) {
    mime::FieldReader fields(header.substr(0, mime::max_header_bytes));
    for (std::size_t count = 0; count < mime::max_header_fields; ++count) {
        const auto field = fields.next();
        if (!field) return;
        for (const std::string_view name : headers) {
            if (!equal_ignoring_case(field->name, name)) continue;
            grams_.restart(4);
            read_text(mime::guess_utf8(mime::unfold(field->value)), std::string(name) + ':');
        }
    }
}

void Tokenizer::ClassicReader::read_part(std::string_view message, const mime::Part& part) {
    for (const auto& child : part.children) read_part(message, child);  // as deep as mime::max_depth
    if (!part.children.empty() || part.type != "text" || budget_ == 0) return;
    const std::string text = text_of(message, part, budget_);
    grams_.restart();
    read_text(part.subtype == "html" ? mime::read_html(text).text : text, "");
}

void Tokenizer::ClassicReader::read_text(std::string_view text, std::string_view prefix) {
    word_.clear();
    while (!text.empty()) {
        const auto [character, length] = mime::first_character(text);
        text.remove_prefix(length);
        const bool apostrophe = character == '\'';
        const bool letter = mime::is_letter(character);
        const bool follows = apostrophe && !text.empty() && mime::is_letter(mime::first_character(text).value);
        if (!letter && !mime::is_digit(character) && !(apostrophe && (word_.empty() || !follows)))
            end_word(prefix);
        else
            mime::append_character(word_, mime::lower_case(character));
    }
    end_word(prefix);
}

void Tokenizer::ClassicReader::end_word(std::string_view prefix) {
    std::string_view word = word_;
    if (word.size() > 2) {
        while (word.starts_with('\'')) word.remove_prefix(1);
        while (word.ends_with('\'')) word.remove_suffix(1);
        if (word.size() > 2 && word.size() <= max_word_bytes && !all_digits(word) && !looks_random(word) &&
            !looks_numeric(word))
            grams_.add(*words_, prefix, word);
    }
    word_.clear();
}

}  // namespace mox::junk
