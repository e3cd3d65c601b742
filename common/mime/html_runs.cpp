#include "mime/html_runs.hpp"

#include <array>

namespace mox::mime {

namespace {

constexpr std::size_t shortest_run = 8;
// A sign is one character from each of these blocks: the run's number in base low_signs.
constexpr std::size_t low_first = 0xE000, low_signs = 0x1000, high_first = 0xF000, high_signs = 0x900;
constexpr std::size_t most_runs = low_signs * high_signs;
constexpr std::size_t sign_bytes = 6;

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_letter_or_digit(char c) {
    return is_letter(c) || (c >= '0' && c <= '9');
}

// Characters that mean nothing to a parser in text. What we take for text may be the inside of a tag, a comment or a
// script to the parser; so nothing that could end one of those is among them, or, see below, at the end of a run.
constexpr std::array<bool, 256> plain = [] {
    std::array<bool, 256> table{};
    for (std::size_t c = 0; c < 256; ++c)
        table[c] = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    for (const char c : std::string_view(" \n\r.,;:?!()+*%$#@_-")) table[static_cast<unsigned char>(c)] = true;
    return table;
}();

bool may_end_run(char c) {
    return !is_html_blank(c) && c != '-' && c != '!';
}

void append_sign(std::string& out, std::size_t character) {
    out += static_cast<char>(0xe0U | (character >> 12U));
    out += static_cast<char>(0x80U | ((character >> 6U) & 0x3fU));
    out += static_cast<char>(0x80U | (character & 0x3fU));
}

// The character of three bytes at `at`; 0 for others.
std::size_t sign_at(std::string_view text, std::size_t at) {
    if (at + 3 > text.size()) return 0;
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
    if ((byte(0) & 0xf0U) != 0xe0U || (byte(1) & 0xc0U) != 0x80U || (byte(2) & 0xc0U) != 0x80U) return 0;
    return std::size_t{byte(0) & 0x0fU} << 12U | std::size_t{byte(1) & 0x3fU} << 6U | std::size_t{byte(2) & 0x3fU};
}

// Line ends as a parser gives them.
void append_lines(std::string_view run, std::string& out) {
    for (std::size_t end; (end = run.find('\r')) != std::string_view::npos;) {
        out += run.substr(0, end);
        run.remove_prefix(end + 1);
        if (!run.starts_with('\n')) out += '\n';
    }
    out += run;
}

// Where what is there ends.
std::size_t skip_blanks(std::string_view html, std::size_t at) {
    while (at < html.size() && is_html_blank(html[at])) ++at;
    return at;
}
std::size_t skip_name(std::string_view html, std::size_t at) {
    while (at < html.size() && (is_letter_or_digit(html[at]) || html[at] == '-')) ++at;
    return at;
}
// Of an attribute's value after its "="; npos when a parser might see something else in it.
std::size_t skip_value(std::string_view html, std::size_t at) {
    if (at >= html.size()) return std::string_view::npos;
    if (html[at] == '"' || html[at] == '\'') {
        const char delimiters[] = {html[at], '<', '>', '\0'};
        const std::size_t end = html.find_first_of(delimiters, at + 1);
        return end == std::string_view::npos || html[end] != html[at] ? std::string_view::npos : end + 1;
    }
    const std::size_t start = at;
    while (at < html.size() && !is_html_blank(html[at]) && html[at] != '>') {
        if (std::string_view("\"'<=`").find(html[at]) != std::string_view::npos) return std::string_view::npos;
        ++at;
    }
    return at == start ? std::string_view::npos : at;
}

}  // namespace

bool is_html_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

std::size_t tag_end(std::string_view html, std::size_t at, std::size_t& attributes) {
    attributes = 0;
    char quote = 0;
    for (++at; at < html.size(); ++at) {
        const char c = html[at];
        if (quote != 0) {
            if (c == quote) quote = 0;
        } else if (c == '>') {
            return at + 1;
        } else if ((c == '"' || c == '\'') && html[at - 1] == '=') {
            quote = c;
        } else if (is_html_blank(c) || c == '/') {
            ++attributes;
        }
    }
    return at;
}

bool starts_tag(std::string_view html, std::size_t at) {
    if (html[at] != '<' || at + 1 >= html.size()) return false;
    const char c = html[at + 1];
    return is_letter(c) || c == '/' || c == '!' || c == '?';
}

std::string HtmlRuns::shorten(std::string_view html, bool (*keeps)(std::string_view attribute)) {
    shortened_.clear();
    shortened_.reserve(html.size());
    runs_.clear();
    for (std::size_t at = 0; at < html.size();)
        at = starts_tag(html, at) ? shorten_tag(html, at, keeps) : shorten_text(html, at);
    return std::move(shortened_);
}

// Returns the position after the tag.
std::size_t HtmlRuns::shorten_tag(std::string_view html, std::size_t start, bool (*keeps)(std::string_view attribute)) {
    const std::size_t before = shortened_.size();
    const auto as_it_is = [&] {
        shortened_.resize(before);
        std::size_t attributes = 0;
        const std::size_t end = tag_end(html, start, attributes);
        shortened_ += html.substr(start, end - start);
        return end;
    };
    if (!is_letter(html[start + 1])) return as_it_is();
    std::size_t at = skip_name(html, start + 1);
    shortened_ += html.substr(start, at - start);
    for (;;) {
        const std::size_t name = skip_blanks(html, at);
        if (name < html.size() && html[name] == '>') {
            shortened_ += '>';
            return name + 1;
        }
        if (name == at || name >= html.size() || !is_letter(html[name])) return as_it_is();
        at = skip_name(html, name);
        const std::string_view attribute = html.substr(name, at - name);
        const std::size_t equals = skip_blanks(html, at);
        if (equals < html.size() && html[equals] == '=') {
            at = skip_value(html, skip_blanks(html, equals + 1));
            if (at == std::string_view::npos) return as_it_is();
        } else if (equals >= html.size() || (equals == at && html[at] != '>')) {
            return as_it_is();
        }
        if (!keeps(attribute)) continue;
        shortened_ += ' ';
        shortened_ += html.substr(name, at - name);
    }
}

// One character, one character reference or one run. Returns the position after it.
std::size_t HtmlRuns::shorten_text(std::string_view html, std::size_t at) {
    const std::size_t start = at;
    if (html[at] == '&') {
        for (++at; at < html.size() && (is_letter_or_digit(html[at]) || html[at] == '#');) ++at;
    } else if (!is_letter_or_digit(html[at]) || runs_.size() == most_runs) {
        ++at;
    } else {
        while (at < html.size() && plain[static_cast<unsigned char>(html[at])]) ++at;
        while (!may_end_run(html[at - 1])) --at;
        if (at - start >= shortest_run) {
            append_sign(shortened_, low_first + runs_.size() % low_signs);
            append_sign(shortened_, high_first + runs_.size() / low_signs);
            runs_.push_back(html.substr(start, at - start));
            return at;
        }
    }
    shortened_ += html.substr(start, at - start);
    return at;
}

void HtmlRuns::restore(std::string_view parsed, std::string& out) {
    for (;;) {
        // First bytes of the signs; hardly anything else starts so.
        const std::size_t at = parsed.find('\xee');
        if (at == std::string_view::npos) break;
        out += parsed.substr(0, at);
        parsed.remove_prefix(at);
        const std::size_t low = sign_at(parsed, 0), high = sign_at(parsed, 3);
        const bool is_sign =
            low >= low_first && low < low_first + low_signs && high >= high_first && high < high_first + high_signs;
        const std::size_t run = is_sign ? (high - high_first) * low_signs + (low - low_first) : 0;
        if (is_sign && run < runs_.size() && !runs_[run].empty()) {
            append_lines(runs_[run], out);
            runs_[run] = {};
            parsed.remove_prefix(sign_bytes);
        } else {
            out += parsed[0];
            parsed.remove_prefix(1);
        }
    }
    out += parsed;
}

}  // namespace mox::mime
