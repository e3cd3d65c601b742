#include <algorithm>
#include <array>
#include <utility>

#include "base/encoding.hpp"
#include "junk/own_reader.hpp"
#include "mime/unicode.hpp"

namespace mox::junk {

namespace {

// Longer words say no more than that they are long.
constexpr std::size_t longest_word = 36;
constexpr std::size_t max_links = 500;
constexpr std::size_t max_host_bytes = 100;

// Signs that may stand inside a word.
constexpr bool joins(char32_t c) {
    return c == '\'' || c == '-' || c == '_' || c == '.' || c == ',';
}

mime::CharacterKind kind_of(char32_t c) {
    if (c >= 0x80) return mime::kind_of(c);
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) return mime::CharacterKind::letter;
    return c >= '0' && c <= '9' ? mime::CharacterKind::digit : mime::CharacterKind::other;
}

// Signs that end a word, whatever stands around them.
constexpr std::array<bool, 256> ends_word = [] {
    std::array<bool, 256> table{};
    for (std::size_t c = 0; c < 0x80; ++c)
        table[c] = !((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'));
    for (const char c : std::string_view("'-_.,$%!:")) table[static_cast<unsigned char>(c)] = false;
    return table;
}();

bool ends_url(char c) {
    return static_cast<unsigned char>(c) <= ' ' || c == '<' || c == '>' || c == '"' || c == '\'' || c == ')' ||
           c == ']' || c == '}';
}

bool is_address_of_numbers(std::string_view host) {
    return !host.empty() && host.find_first_not_of("0123456789.") == std::string_view::npos;
}

}  // namespace

void Tokenizer::OwnReader::read_text(std::string_view text, std::string_view prefix) {
    forget_word();
    last_ideograph_.clear();
    while (!text.empty()) {
        if (const std::size_t words = read_plain_words(text, prefix); words > 0) {
            text.remove_prefix(words);
            continue;
        }
        if (const std::size_t letters = read_ascii_letters(text); letters > 0) {
            text.remove_prefix(letters);
            continue;
        }
        const auto [character, length] = mime::first_character(text);
        if (character == ':' || character == '.') {
            if (const std::size_t used = read_link(text); used > 0) {
                forget_word();
                text.remove_prefix(used);
                continue;
            }
        }
        const mime::CharacterKind kind = kind_of(character);
        if (kind == mime::CharacterKind::ideographic) {
            end_word(prefix);
            add_ideograph(prefix, text.substr(0, length));
        } else if (kind != mime::CharacterKind::invisible) {
            last_ideograph_.clear();
            if (kind == mime::CharacterKind::other)
                read_sign(character, prefix);
            else
                read_letter(character, kind == mime::CharacterKind::digit, prefix);
        }
        text.remove_prefix(length);
    }
    end_word(prefix);
}

// Most of all text: words of ASCII letters with nothing around them that needs a thought. Returns how much of `text`
// they are.
std::size_t Tokenizer::OwnReader::read_plain_words(std::string_view text, std::string_view prefix) {
    if (!word_.empty() || joint_ != 0) return 0;
    std::array<char, longest_word + 1> word;  // NOLINT(cppcoreguidelines-pro-type-member-init): written below
    std::size_t done = 0;
    for (std::size_t at = 0; at < text.size();) {
        if (ends_word[static_cast<unsigned char>(text[at])]) {
            done = ++at;
            continue;
        }
        std::size_t size = 0, capitals = 0;
        for (; at < text.size() && size < word.size(); ++at, ++size) {
            const char lower = static_cast<char>(text[at] | 0x20);
            if (lower < 'a' || lower > 'z') break;
            capitals += text[at] != lower;
            word[size] = lower;
        }
        if (size == 0 || size > longest_word || at == text.size()) break;
        const std::string_view found(word.data(), size);
        if ((text[at] == '.' || text[at] == ',') && found != "www") ++at;  // "end. Start", but neither "a.b" nor "1,5"
        if (at == text.size() || !ends_word[static_cast<unsigned char>(text[at])]) break;
        if (size > 1) grams_.add(*words_, prefix, found);
        if (size >= 3 && capitals == size) add("caps:", found);
        done = ++at;
    }
    if (done > 0) last_ideograph_.clear();
    return done;
}

// read_letter() for each letter at the start of `text`. Returns how many there are; 0 also when there
// is more to think about.
std::size_t Tokenizer::OwnReader::read_ascii_letters(std::string_view text) {
    if (joint_ != 0) return 0;
    const std::size_t before = word_.size();
    std::size_t count = 0;
    for (; count < text.size(); ++count) {
        const char lower = static_cast<char>(text[count] | 0x20);
        if (lower < 'a' || lower > 'z') break;
        capitals_ += text[count] != lower;
    }
    if (count == 0) return 0;
    last_ideograph_.clear();
    word_.append(text.substr(0, count));
    for (std::size_t i = before; i < word_.size(); ++i) word_[i] = static_cast<char>(word_[i] | 0x20);
    letters_ += count;
    return count;
}

void Tokenizer::OwnReader::read_letter(char32_t character, bool digit, std::string_view prefix) {
    if (joint_ != 0) {
        // "don't", "e-mail", "3,50" and "1.2.3" are one word; "end.Start" and "this,that" are two.
        if ((joint_ == '.' || joint_ == ',') && !(digit && digits_ > 0))
            end_word(prefix);
        else
            word_ += std::exchange(joint_, 0);
    }
    if (digit) {
        ++digits_;
        word_ += '0';  // of numbers only the shape
        return;
    }
    const char32_t lower = character < 0x80 ? static_cast<char32_t>(ascii_lower(static_cast<char>(character)))
                                            : mime::lower_case(character);
    ++letters_;
    if (lower != character) ++capitals_;
    mime::append_character(word_, lower);
}

void Tokenizer::OwnReader::read_sign(char32_t character, std::string_view prefix) {
    if (joins(character) && !word_.empty() && joint_ == 0) {
        joint_ = static_cast<char>(character);
        return;
    }
    // "$100", "$$$"; "50%", "free!".
    if (character == '$' && joint_ == 0 && letters_ + digits_ == 0) {
        if (word_.size() < 4) word_ += '$';
        return;
    }
    if ((character == '%' || character == '!') && joint_ == 0 && !word_.empty()) word_ += static_cast<char>(character);
    end_word(prefix);
    if (character == '$') word_ = '$';
}

void Tokenizer::OwnReader::forget_word() {
    word_.clear();
    letters_ = capitals_ = digits_ = 0;
    joint_ = 0;
}

void Tokenizer::OwnReader::end_word(std::string_view prefix) {
    if (word_.size() > longest_word) {
        add("shape:", word_.size() > 60 ? "very long word" : "long word");
    } else if (word_.size() > 1) {
        grams_.add(*words_, prefix, word_);
        if (letters_ >= 3 && capitals_ == letters_) add("caps:", word_);
    }
    forget_word();
}

// Scripts without blanks: each character and each pair.
void Tokenizer::OwnReader::add_ideograph(std::string_view prefix, std::string_view character) {
    add(prefix, character);
    if (!last_ideograph_.empty()) add(prefix, last_ideograph_ + std::string(character));
    last_ideograph_ = character;
}

// `text` starts with the ":" of "http://…", or with the "." of "www.…". Returns how much of it belongs to the link; 0
// when it is none.
std::size_t Tokenizer::OwnReader::read_link(std::string_view text) {
    if (joint_ != 0) return 0;
    const bool scheme = text.starts_with("://") && (word_ == "http" || word_ == "https" || word_ == "ftp");
    const bool mail = word_ == "mailto" && text.starts_with(":");
    if (!scheme && !mail && !(text.starts_with('.') && word_ == "www")) return 0;
    std::size_t end = 0;
    while (end < text.size() && !ends_url(text[end])) ++end;
    read_url((scheme ? "http"
              : mail ? "mailto"
                     : "www") +
             std::string(text.substr(0, std::min<std::size_t>(end, 2'000))));
    return end;
}

void Tokenizer::OwnReader::read_url(std::string_view url) {
    if (++links_ > max_links) return;
    if (const auto scheme = url.find("://"); scheme != std::string_view::npos && scheme < 10) {
        url.remove_prefix(scheme + 3);
    } else if (url.substr(0, 7) == "mailto:") {
        add("url:", "mailto");
        read_address(url.substr(7, url.find_first_of("?&", 7) - 7), "url:");
        return;
    } else if (!url.starts_with("www.")) {
        add("url:", url.starts_with("cid:") ? "inline" : "relative");
        return;
    }
    const std::size_t host_end = std::min(url.find_first_of("/?#"), url.size());
    std::string_view host = url.substr(0, host_end);
    if (const auto at = host.rfind('@'); at != std::string_view::npos) {
        add("url:", "user@");
        host.remove_prefix(at + 1);
    }
    if (const auto colon = host.find(':'); colon != std::string_view::npos) {
        add("url:", "port");
        host = host.substr(0, colon);
    }
    if (host.find('%') != std::string_view::npos) add("url:", "escaped host");
    read_host(host, "url:");
    read_path(url.substr(host_end));
}

void Tokenizer::OwnReader::read_path(std::string_view path) {
    if (path.find('?') != std::string_view::npos) add("url:", "query");
    if (path.size() > 100) add("url:", "long");
    std::string piece;
    bool has_letter = false;
    for (std::size_t i = 0; i <= path.size(); ++i) {
        const char c = i < path.size() ? ascii_lower(path[i]) : '/';
        const bool letter = c >= 'a' && c <= 'z';
        if (letter || (c >= '0' && c <= '9')) {
            piece += letter ? c : '0';
            has_letter = has_letter || letter;
            continue;
        }
        if (piece.size() > 1 && piece.size() <= 24 && has_letter) add("path:", piece);
        if (piece.size() > 24) add("url:", "long piece");
        piece.clear();
        has_letter = false;
    }
}

// The host and each domain above it: "a.b.example", "b.example", "example".
void Tokenizer::OwnReader::read_host(std::string_view host, std::string_view prefix) {
    while (host.ends_with('.')) host.remove_suffix(1);
    if (host.empty() || host.size() > max_host_bytes) return;
    if (is_address_of_numbers(host)) {
        add(prefix, "numbers");
        const auto last = host.rfind('.');
        if (last != std::string_view::npos) add(prefix, host.substr(0, last));
        return;
    }
    const std::string lower = ascii_lower(host);
    std::string_view name = lower;
    for (int i = 0; i < 5; ++i) {
        add(prefix, name);
        const auto dot = name.find('.');
        if (dot == std::string_view::npos) return;
        name.remove_prefix(dot + 1);
    }
}

}  // namespace mox::junk
