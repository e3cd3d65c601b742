#include "mime/address.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/encoding.hpp"
#include "mime/header.hpp"
#include "mime/lenient.hpp"
#include "mime/mimetic.hpp"

namespace mox::mime {

namespace {

bool is_blank(char c) {
    return c == ' ' || c == '\t';
}
bool is_special(char c) {
    return std::string_view("()<>,;:@\"").find(c) != std::string_view::npos;
}

// RFC 5322 section 3.2.3, with all of UTF-8.
bool is_atext(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           static_cast<unsigned char>(c) >= 0x80 ||
           std::string_view("!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos;
}

struct Word {
    std::string text;
    bool space_before;
};

class Parser {
public:
    explicit Parser(std::string_view value) : text_(plain_value(value)) {}

    AddressList parse() {
        while (position_ < text_.size() && result_.addresses.size() < max_addresses) step();
        if (position_ < text_.size()) malformed();
        finish_element();
        if (in_group_) {
            malformed();
            end_group();
        }
        return std::move(result_);
    }

private:
    [[nodiscard]] bool at_end() const { return position_ >= text_.size(); }
    [[nodiscard]] char peek() const { return at_end() ? '\0' : text_[position_]; }
    void malformed() { result_.well_formed = false; }

    void step() {
        switch (peek()) {
            case ' ':
            case '\t':
                ++position_;
                space_ = true;
                break;
            case '(':
                read_comment();
                break;
            case ',':
                ++position_;
                finish_element();
                break;
            case ';':
                read_group_end();
                break;
            case ':':
                read_group_start();
                break;
            case '<':
                read_angle();
                break;
            case '@':
                read_at();
                break;
            case '>':
            case ')':
                ++position_;
                malformed();
                break;
            default:
                read_word(words_);
        }
    }

    // One quoted string or atom; dots are part of an atom.
    void read_word(std::vector<Word>& words) {
        Word word{{}, std::exchange(space_, false)};
        if (peek() == '"') {
            word.text = read_quoted();
        } else {
            const std::size_t start = position_;
            const std::size_t encoded = encoded_word_size();
            if (encoded > 0) {
                position_ += encoded;
            } else {
                while (!at_end() && !is_blank(peek()) && !is_special(peek())) ++position_;
            }
            word.text = text_.substr(start, position_ - start);
        }
        words.push_back(std::move(word));
    }

    // Encoded words with commas and the like inside, which many programs write, are kept together.
    [[nodiscard]] std::size_t encoded_word_size() const {
        const std::string_view rest = std::string_view(text_).substr(position_);
        if (!rest.starts_with("=?")) return 0;
        const auto charset_end = rest.find_first_of("? \t", 2);
        if (charset_end == std::string_view::npos || charset_end + 2 >= rest.size()) return 0;
        if (rest[charset_end] != '?' || rest[charset_end + 2] != '?') return 0;
        const auto end = rest.find_first_of("? \t", charset_end + 3);
        return end != std::string_view::npos && rest.substr(end).starts_with("?=") ? end + 2 : 0;
    }

    std::string read_quoted() {
        std::string out;
        for (++position_; !at_end(); ++position_) {
            const char c = peek();
            if (c == '"') {
                ++position_;
                return out;
            }
            if (c == '\\' && position_ + 1 < text_.size()) ++position_;
            out += peek();
        }
        malformed();  // never closed
        return out;
    }

    void read_comment() {
        std::string out;
        std::size_t depth = 0;
        for (; !at_end(); ++position_) {
            char c = peek();
            if (c == '\\' && position_ + 1 < text_.size()) {
                c = text_[++position_];
            } else if (c == '(') {
                if (depth++ == 0) continue;
            } else if (c == ')' && --depth == 0) {
                ++position_;
                space_ = true;
                comment_ = std::move(out);
                return;
            }
            out += c;
        }
        malformed();  // never closed
        comment_ = std::move(out);
    }

    void skip_blanks_and_comments() {
        for (;;) {
            if (is_blank(peek()) && !at_end()) {
                ++position_;
                space_ = true;
            } else if (peek() == '(') {
                read_comment();
            } else {
                return;
            }
        }
    }

    // Words from `first` on as a localpart: blanks around dots vanish, others are an error that is kept readable.
    std::string localpart(const std::vector<Word>& words, std::size_t first) {
        std::string out;
        for (std::size_t i = first; i < words.size(); ++i) {
            const bool dotted = out.ends_with('.') || words[i].text.starts_with('.');
            if (i > first && words[i].space_before && !dotted) {
                malformed();
                out += ' ';
            }
            out += words[i].text;
        }
        return out;
    }

    static std::string phrase(const std::vector<Word>& words, std::size_t count) {
        std::string out;
        for (std::size_t i = 0; i < count; ++i) {
            if (i > 0 && words[i].space_before) out += ' ';
            out += words[i].text;
        }
        return decode_words(out);
    }

    // After "@".
    std::string read_domain() {
        std::string out;
        skip_blanks_and_comments();
        if (peek() == '[') {
            while (!at_end() && peek() != ']' && peek() != '>') out += text_[position_++];
            if (peek() != ']') {
                malformed();
                return out;
            }
            ++position_;
            return out + ']';
        }
        for (;;) {
            while (!at_end() && !is_blank(peek()) && !is_special(peek())) out += text_[position_++];
            const std::size_t before = position_;
            skip_blanks_and_comments();
            if (position_ == before || at_end() || (peek() != '.' && !out.ends_with('.')) || is_special(peek())) break;
        }
        if (out.empty()) malformed();
        return out;
    }

    // "user@host" without angle brackets. Words before it that do not belong to it become the name.
    void read_at() {
        ++position_;
        if (has_address_ || words_.empty()) {
            malformed();
            (void)read_domain();
            return;
        }
        std::size_t first = words_.size() - 1;
        while (first > 0 && (!words_[first].space_before || words_[first].text.starts_with('.') ||
                             words_[first - 1].text.ends_with('.')))
            --first;
        if (first > 0) malformed();
        current_.localpart = localpart(words_, first);
        current_.name = phrase(words_, first);
        words_.clear();
        current_.host = read_domain();
        has_address_ = true;
    }

    // "<user@host>", also "<@route,@route:user@host>".
    void read_angle() {
        ++position_;
        if (has_address_) {  // "a@b <c@d>": what is in brackets counts, the rest is the name
            malformed();
            words_.insert(words_.begin(), Word{to_addr_spec(current_), false});
        }
        current_ = {};
        current_.name = phrase(words_, words_.size());
        words_.clear();
        read_route();
        std::vector<Word> words;
        space_ = false;
        for (skip_blanks_and_comments(); !at_end() && std::string_view("@>,;<").find(peek()) == std::string_view::npos;
             skip_blanks_and_comments()) {
            if (peek() == ':' || peek() == ')') {
                malformed();
                words.push_back({std::string(1, text_[position_++]), false});
            } else {
                read_word(words);
            }
        }
        current_.localpart = localpart(words, 0);
        if (peek() == '@') {
            ++position_;
            current_.host = read_domain();
        }
        if (peek() != '>') malformed();
        while (!at_end() && peek() != '>' && peek() != ',' && peek() != ';') ++position_;
        if (peek() == '>') ++position_;
        has_address_ = true;
    }

    void read_route() {
        skip_blanks_and_comments();
        if (peek() != '@') return;
        const auto end = text_.find_first_of(":>", position_);
        if (end == std::string::npos || text_[end] != ':') return malformed();
        current_.route = text_.substr(position_, end - position_);
        std::erase_if(current_.route, [](char c) { return c <= ' '; });
        position_ = end + 1;
    }

    void read_group_start() {
        ++position_;
        if (in_group_ || has_address_ || words_.empty()) return malformed();
        result_.addresses.push_back({.kind = AddressKind::group_start, .name = phrase(words_, words_.size())});
        words_.clear();
        comment_.clear();
        in_group_ = true;
    }

    void read_group_end() {
        ++position_;
        finish_element();
        if (in_group_) {
            end_group();
        } else {
            malformed();
        }
    }

    void end_group() {
        result_.addresses.push_back({.kind = AddressKind::group_end});
        in_group_ = false;
    }

    void finish_element() {
        if (!has_address_ && !words_.empty()) {  // a word without "@": a local user, perhaps
            malformed();
            current_ = {};
            current_.localpart = decode_words(localpart(words_, 0));
            has_address_ = true;
        } else if (!words_.empty()) {
            malformed();
        }
        if (has_address_) {
            if (current_.localpart.empty() || current_.host.empty()) malformed();
            if (current_.name.empty()) current_.name = std::string(trimmed(decode_words(comment_)));
            const bool empty = current_.localpart.empty() && current_.host.empty() && current_.name.empty();
            if (!empty) result_.addresses.push_back(std::move(current_));
        }
        current_ = {};
        has_address_ = space_ = false;
        words_.clear();
        comment_.clear();
    }

    const std::string text_;
    std::size_t position_ = 0;
    AddressList result_;
    bool in_group_ = false;
    // The element being read.
    std::vector<Word> words_;
    std::string comment_;
    Address current_;
    bool has_address_ = false;
    bool space_ = false;
};

bool is_dot_atom(std::string_view text) {
    return !text.empty() && text.find("=?") == std::string_view::npos &&
           std::all_of(text.begin(), text.end(), [](char c) { return c == '.' || is_atext(c); });
}

// The display name that a label in quotes, or made of words without specials, stands for; nothing for others.
std::optional<std::string> display_name(std::string_view label) {
    if (label.size() >= 2 && label.front() == '"' && label.back() == '"') {
        const auto content = label.substr(1, label.size() - 2);
        if (content.find_first_of("\"\\") != std::string_view::npos) return std::nullopt;
        return decode_words(content);
    }
    if (std::any_of(label.begin(), label.end(), is_special)) return std::nullopt;
    std::string words(label);
    std::replace(words.begin(), words.end(), '\t', ' ');
    const auto both_blank = [](char a, char b) { return a == ' ' && b == ' '; };
    words.erase(std::unique(words.begin(), words.end(), both_blank), words.end());
    return decode_words(words);
}

// Whether a word with "=?" in it also has characters that separate pieces of addresses: one may be inside an encoded
// word, which mimetic does not know.
bool has_special_in_encoded_word(std::string_view text) {
    for (auto at = text.find("=?"); at != std::string_view::npos;) {
        const auto end = std::min(text.find_first_of(" \t", at), text.size());
        if (std::any_of(text.begin() + at, text.begin() + end, is_special)) return true;
        at = text.find("=?", end);
    }
    return false;
}

bool is_control(char c) {
    return (static_cast<unsigned char>(c) < 32 && c != '\t') || c == 127;
}

// mimetic's reading, where it is right: "name <a@b>" and "a@b" without comments, groups, escapes, literals, control
// characters and encoded words that are not set apart by blanks.
std::optional<AddressList> split(const std::string& text) {
    if (text.find_first_of("()[]\\:;") != std::string::npos) return std::nullopt;
    if (std::any_of(text.begin(), text.end(), is_control) || has_special_in_encoded_word(text)) return std::nullopt;
    const auto mailboxes = library::split_addresses(text);
    if (!mailboxes) return std::nullopt;
    // All in angle brackets or none: mimetic also takes "name a@b" for a name and an address.
    const auto brackets = static_cast<std::size_t>(std::count(text.begin(), text.end(), '<'));
    if (brackets != 0 && brackets != mailboxes->size()) return std::nullopt;
    AddressList list;
    for (const auto& [label, localpart, domain] : *mailboxes) {
        if (brackets == 0 && !label.empty()) return std::nullopt;
        if (!is_dot_atom(localpart) || !is_dot_atom(domain)) return std::nullopt;
        auto name = display_name(trimmed(label));
        if (!name) return std::nullopt;
        list.addresses.push_back({.name = std::move(*name), .localpart = localpart, .host = domain});
    }
    return list;
}

}  // namespace

AddressList parse_addresses(std::string_view value) {
    if (auto list = split(plain_value(value))) return std::move(*list);
    return parse_addresses_leniently(value);
}

AddressList parse_addresses_leniently(std::string_view value) {
    return Parser(value).parse();
}

std::string quoted_localpart(std::string_view localpart) {
    const bool dot_atom =
        !localpart.empty() && localpart.front() != '.' && localpart.back() != '.' &&
        localpart.find("..") == std::string_view::npos && localpart.find("=?") == std::string_view::npos &&
        std::all_of(localpart.begin(), localpart.end(), [](char c) { return c == '.' || is_atext(c); });
    if (dot_atom) return std::string(localpart);
    std::string out = "\"";
    for (const char c : localpart) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + '"';
}

std::string to_addr_spec(const Address& address) {
    std::string out = quoted_localpart(address.localpart);
    if (!address.host.empty()) out += "@" + address.host;
    return out;
}

}  // namespace mox::mime
