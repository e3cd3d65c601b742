#include "server/imap/writer.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

#include "base/encoding.hpp"
#include "mime/header.hpp"

namespace mox::imap {

namespace {

// Longer ones are literals: clients and proxies have buffers for lines.
constexpr std::size_t max_quoted_bytes = 4096;

// Eight bytes at a time; exact as a test for any of them ("Bit Twiddling Hacks", determine if a word has a byte …).
constexpr std::uint64_t every = 0x0101'0101'0101'0101, high_bits = every * 0x80;
constexpr std::uint64_t bytes_below(std::uint64_t word, std::uint64_t limit) {
    return (word - every * limit) & ~word & high_bits;
}
constexpr std::uint64_t bytes_equal(std::uint64_t word, unsigned char byte) {
    return bytes_below(word ^ every * byte, 1);
}

// Printable ASCII without quotes and backslashes, as most texts are: it can be quoted as it is.
bool is_plain(std::string_view value) {
    if (value.empty()) return true;
    std::uint64_t others = 0;
    const auto look_at = [&](std::uint64_t word) {
        others |= (word & high_bits) | bytes_below(word, 0x20) | bytes_equal(word, 0x7f) | bytes_equal(word, '"') |
                  bytes_equal(word, '\\');
    };
    std::uint64_t word = every * ' ';
    if (value.size() < sizeof word) {
        std::memcpy(&word, value.data(), value.size());
        look_at(word);
    } else {
        for (std::size_t at = 0; at + sizeof word <= value.size(); at += sizeof word) {
            std::memcpy(&word, value.data() + at, sizeof word);
            look_at(word);
        }
        std::memcpy(&word, value.data() + value.size() - sizeof word, sizeof word);  // the end once more
        look_at(word);
    }
    return others == 0;
}

// Appends it with quotes.
void append_quoted(std::string& out, std::string_view plain) {
    constexpr std::size_t at_once = 254;
    std::array<char, at_once + 2> quoted;
    if (plain.size() > at_once) {
        ((out += '"') += plain) += '"';
        return;
    }
    quoted[0] = '"';
    std::ranges::copy(plain, quoted.begin() + 1);
    quoted[plain.size() + 1] = '"';
    out.append(quoted.data(), plain.size() + 2);
}

enum class Form { quoted, escaped, literal };

// How a string can be written.
Form form_of(std::string_view value, Texts texts) {
    if (value.size() > max_quoted_bytes) return Form::literal;
    if (is_plain(value)) return Form::quoted;
    bool ascii = true, escapes = false;
    for (const char c : value) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7f) return Form::literal;
        ascii = ascii && byte < 0x80;
        escapes = escapes || c == '"' || c == '\\';
    }
    if (!ascii && (texts == Texts::ascii || !is_utf8(value))) return Form::literal;
    return escapes ? Form::escaped : Form::quoted;
}

bool is_ascii(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

constexpr bool is_letter_or_digit(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

// RFC 2231 section 4: attribute-char, or a percent sign and two digits.
std::string extended_value(std::string_view utf8) {
    static constexpr std::string_view digits = "0123456789ABCDEF";
    std::string out = "utf-8''";
    for (const char c : utf8) {
        const auto byte = static_cast<unsigned char>(c);
        if (is_letter_or_digit(c) || c == '-' || c == '.' || c == '_')
            out += c;
        else
            (out += '%').append({digits[byte >> 4U], digits[byte & 15U]});
    }
    return out;
}

bool is_atom_char(char c) {
    return c > ' ' && c < '\x7f' && std::string_view("(){%*\"\\").find(c) == std::string_view::npos;
}

}  // namespace

void Writer::write_number(std::uint64_t value) {
    std::array<char, 20> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    out_.append(digits.data(), end);
}

void Writer::string(std::string_view value) {
    switch (form_of(value, texts_)) {
        case Form::quoted:
            append_quoted(out_, value);
            break;
        case Form::escaped:
            out_ += '"';
            for (const char c : value) {
                if (c == '"' || c == '\\') out_ += '\\';
                out_ += c;
            }
            out_ += '"';
            break;
        case Form::literal:
            out_ += '{';
            write_number(value.size());
            (out_ += "}\r\n") += value;
            break;
    }
}

void Writer::upper_string(std::string_view value) {
    const auto start = out_.size();
    string(value);
    for (auto at = start; at < out_.size(); ++at)
        if (out_[at] >= 'a' && out_[at] <= 'z') out_[at] = static_cast<char>(out_[at] - 32);
}

void Writer::nstring(std::string_view value) {
    if (value.empty())
        out_ += "NIL";
    else
        string(value);
}

void Writer::text(std::string_view utf8) {
    if (texts_ == Texts::utf8 || (is_ascii(utf8) && utf8.find("=?") == std::string_view::npos))
        string(utf8);
    else
        string(mime::encode_words(utf8));
}

void Writer::ntext(std::string_view utf8) {
    if (utf8.empty())
        out_ += "NIL";
    else
        text(utf8);
}

void Writer::astring(std::string_view value) {
    if (value.empty() || !std::ranges::all_of(value, is_atom_char))
        string(value);
    else
        out_ += value;
}

void Writer::parameters(const mime::ParametersView& list) {
    if (list.empty()) return raw("NIL");
    char before = '(';
    for (const auto& parameter : list) {
        raw(std::exchange(before, ' '));
        if (texts_ == Texts::utf8 || is_ascii(parameter.value)) {
            upper_string(parameter.name);
            raw(' ');
            string(parameter.value);
        } else {
            upper_string(std::string(parameter.name) + '*');
            raw(' ');
            string(extended_value(parameter.value));
        }
    }
    raw(')');
}

}  // namespace mox::imap
