#include "mime/parameters.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/encoding.hpp"
#include "mime/charset.hpp"
#include "mime/header.hpp"
#include "mime/lenient.hpp"
#include "mime/mimetic.hpp"

namespace mox::mime {

namespace {

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    const char lower = ascii_lower(c);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

std::string percent_decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const int high = text[i] == '%' && i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
        const int low = high >= 0 ? hex_digit(text[i + 2]) : -1;
        if (low >= 0) i += 2;
        out += low >= 0 ? static_cast<char>(high * 16 + low) : text[i];
    }
    return out;
}

// A parameter, or a piece of one, as written: name*section*=value (RFC 2231).
struct Piece {
    std::string name;  // lower case, without section and "*"
    std::optional<unsigned> section;
    bool extended;  // charset and percent escapes
    std::string value;
};

// "name", "name*", "name*3", "name*3*".
Piece piece_named(std::string_view written) {
    Piece piece{ascii_lower(written), std::nullopt, false, {}};
    std::string_view name = piece.name;
    const bool extended = name.ends_with('*');
    if (extended) name.remove_suffix(1);
    const auto star = name.find('*');
    std::optional<unsigned> section;
    if (star != std::string_view::npos) {
        const auto digits = name.substr(star + 1);
        if (digits.empty() || digits.size() > 3 || digits.find_first_not_of("0123456789") != std::string_view::npos)
            return piece;  // something else: kept as written
        unsigned number = 0;
        for (const char c : digits) number = number * 10 + static_cast<unsigned>(c - '0');
        section = number;
        name = name.substr(0, star);
    }
    if (name.empty()) return piece;
    piece = {std::string(name), section, extended, {}};
    return piece;
}

// Our reading: of anything.
class LenientReader {
public:
    explicit LenientReader(std::string_view text) : text_(text) {}

    library::SplitField read() {
        out_.value = read_value();
        while (!at_end() && out_.parameters.size() < max_parameters * 10) read_parameter();
        if (!at_end()) well_formed_ = false;
        return std::move(out_);
    }
    // After read().
    [[nodiscard]] bool well_formed() const { return well_formed_; }

private:
    [[nodiscard]] bool at_end() const { return position_ >= text_.size(); }
    [[nodiscard]] char peek() const { return at_end() ? '\0' : text_[position_]; }

    void skip_blanks() {
        while (!at_end() && (is_blank(peek()) || peek() == '('))
            position_ = peek() == '(' ? comment_end(text_, position_) : position_ + 1;
    }

    std::string read_value() {
        std::string value;
        for (;;) {
            skip_blanks();
            const std::size_t start = position_;
            while (!at_end() && !is_blank(peek()) && peek() != ';' && peek() != '(') ++position_;
            const auto word = text_.substr(start, position_ - start);
            if (word.empty()) return value;
            if (!value.empty() && !value.ends_with('/') && !word.starts_with('/')) {  // "text/plain charset=x"
                well_formed_ = false;
                position_ = start;
                return value;
            }
            value += word;
        }
    }

    void read_parameter() {
        while (!at_end() && (is_blank(peek()) || peek() == ';' || peek() == '(')) {
            if (peek() == ';') ++position_;
            skip_blanks();
        }
        if (at_end()) return;
        const std::size_t start = position_;
        while (!at_end() && !is_blank(peek()) && std::string_view("=;(").find(peek()) == std::string_view::npos)
            ++position_;
        const auto name = text_.substr(start, position_ - start);
        skip_blanks();
        if (peek() != '=') {
            well_formed_ = false;
            return;
        }
        ++position_;
        skip_blanks();
        std::string value = peek() == '"' ? read_quoted() : read_token();
        if (name.empty()) {
            well_formed_ = false;
        } else {
            out_.parameters.emplace_back(name, std::move(value));
        }
    }

    std::string read_quoted() {
        std::string value;
        for (++position_; !at_end(); ++position_) {
            if (peek() == '"') {
                ++position_;
                return value;
            }
            // Only quotes and backslashes are ever escaped on purpose; others stand in paths: "C:\\a.txt".
            const char next = position_ + 1 < text_.size() ? text_[position_ + 1] : '\0';
            if (peek() == '\\' && (next == '"' || next == '\\')) ++position_;
            value += peek();
        }
        well_formed_ = false;
        return value;
    }

    // Up to ";". Blanks inside are no token, but people mean them: name=my file.txt
    std::string read_token() {
        std::string value;
        bool blanks = false;
        while (!at_end() && peek() != ';') {
            if (is_blank(peek()) || (peek() == '(' && blanks)) {
                skip_blanks();
                blanks = true;
                continue;
            }
            if (blanks && !value.empty()) {
                well_formed_ = false;
                value += ' ';
            }
            blanks = false;
            value += text_[position_++];
        }
        return value;
    }

    std::string_view text_;
    std::size_t position_ = 0;
    library::SplitField out_;
    bool well_formed_ = true;
};

// Puts the pieces of parameters together and decodes them.
class Assembler {
public:
    explicit Assembler(ParameterisedField& out) : out_(out) {}

    void run(const library::SplitField& raw) {
        out_.value = without_controls(ascii_lower(guess_utf8(raw.value)));
        for (const auto& [name, value] : raw.parameters) {
            Piece piece = piece_named(guess_utf8(name));
            piece.value = value;
            if (piece.name == "boundary" && !piece.extended && !piece.section) set_boundary(value);
            pieces_.push_back(std::move(piece));
        }
        for (const auto& piece : pieces_) {
            if (find_parameter(out_.parameters, piece.name) != nullptr) continue;
            if (out_.parameters.size() == max_parameters) {
                out_.well_formed = false;
                return;
            }
            add(piece);
        }
    }

private:
    static std::string without_controls(std::string text) {
        for (char& c : text)
            if (c == '\0' || c == '\r' || c == '\n') c = ' ';
        return text;
    }

    void set_boundary(std::string_view value) {
        if (out_.boundary.empty()) out_.boundary = value.substr(0, value.find_last_not_of(" \t") + 1);
    }

    // The parameter that `first` belongs to: all pieces of its name, in order of their numbers.
    void add(const Piece& first) {
        const auto plain = [&](const Piece& piece) { return piece.name == first.name && !piece.section; };
        const auto whole = std::find_if(pieces_.begin(), pieces_.end(), [&](const Piece& piece) {
            return plain(piece) && piece.extended;  // preferred to a fallback of the same name
        });
        if (whole != pieces_.end()) return finish(first.name, whole->value, Form::extended);
        if (!first.section) return finish(first.name, first.value, Form::plain);
        std::string value;
        bool extended = false;
        std::string charset;
        unsigned wanted = 0;
        for (auto piece = find_section(first.name, 0); piece != nullptr; piece = find_section(first.name, ++wanted)) {
            if (!piece->extended) {
                value += extended ? to_utf8(piece->value, charset) : guess_utf8(piece->value);
                continue;
            }
            std::string_view text = piece->value;
            if (wanted == 0) charset = take_charset(text);
            extended = true;
            bytes_ += percent_decoded(text);
            const auto* next = find_section(first.name, wanted + 1);
            if (next != nullptr && next->extended) continue;  // a character may span pieces
            value += to_utf8(bytes_, charset);
            bytes_.clear();
        }
        if (wanted == 0) out_.well_formed = false;
        finish(first.name, value, Form::decoded);
    }

    const Piece* find_section(std::string_view name, unsigned number) const {
        const auto found = std::find_if(pieces_.begin(), pieces_.end(), [&](const Piece& piece) {
            return piece.section == number && piece.name == name;
        });
        return found == pieces_.end() ? nullptr : &*found;
    }

    // "charset'language'" at the start of an extended value.
    static std::string take_charset(std::string_view& text) {
        const auto first = text.find('\'');
        const auto second = first == std::string_view::npos ? first : text.find('\'', first + 1);
        if (second == std::string_view::npos) return {};
        std::string charset(text.substr(0, first));
        text.remove_prefix(second + 1);
        return charset;
    }

    enum class Form { plain, extended, decoded };
    void finish(const std::string& name, std::string_view raw, Form form) {
        std::string value;
        if (form == Form::extended) {
            const std::string charset = take_charset(raw);
            value = to_utf8(percent_decoded(raw), charset);
        } else if (form == Form::plain && (name == "name" || name == "filename")) {
            value = decode_words(raw);
        } else {
            value = guess_utf8(raw);
        }
        value = without_controls(std::move(value));
        if (name == "boundary") set_boundary(value);
        std::string clean = name;
        std::replace(clean.begin(), clean.end(), '\0', ' ');
        out_.parameters.push_back({std::move(clean), std::move(value)});
    }

    ParameterisedField& out_;
    std::vector<Piece> pieces_;
    std::string bytes_;
};

// "text/plain", "text/plain; charset=utf-8": most of all mail, in which there is nothing to get wrong. Our own reader
// takes them, since scanning is a hot path.
bool is_trivial(std::string_view text) {
    const auto is_simple = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("/-._+").find(c) != std::string_view::npos;
    };
    const auto separator = text.find("; ");
    if (separator != std::string_view::npos) {
        const auto parameter = text.substr(separator + 2);
        const auto equals = parameter.find('=');
        if (equals == std::string_view::npos || equals == 0) return false;
        if (!std::all_of(parameter.begin(), parameter.begin() + static_cast<std::ptrdiff_t>(equals), is_simple) ||
            !std::all_of(parameter.begin() + static_cast<std::ptrdiff_t>(equals) + 1, parameter.end(), is_simple))
            return false;
    }
    const auto value = text.substr(0, separator);
    return std::all_of(value.begin(), value.end(), is_simple);
}

}  // namespace

ParameterisedField parse_parameterised(std::string_view value) {
    if (is_trivial(trimmed(value))) return parse_parameterised_leniently(value);
    const auto split = library::split_field(unfold(value));
    if (!split) return parse_parameterised_leniently(value);
    ParameterisedField out;
    Assembler(out).run(*split);
    return out;
}

ParameterisedField parse_parameterised_leniently(std::string_view value) {
    ParameterisedField out;
    const std::string text = unfold(value);
    LenientReader reader(text);
    const auto split = reader.read();
    out.well_formed = reader.well_formed();
    Assembler(out).run(split);
    return out;
}

const std::string* find_parameter(const std::vector<Parameter>& parameters, std::string_view name) {
    for (const auto& parameter : parameters)
        if (parameter.name == name) return &parameter.value;
    return nullptr;
}

}  // namespace mox::mime
