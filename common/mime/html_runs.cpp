#include "mime/html_runs.hpp"

#include <algorithm>
#include <array>

#include "base/encoding.hpp"

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

// Of the value of an attribute in quotes: what means the same to a parser wherever it takes it to be.
constexpr std::array<bool, 256> stands_for_itself = [] {
    std::array<bool, 256> table{};
    for (std::size_t c = ' '; c < 0x7f; ++c) table[c] = true;
    for (const char c : std::string_view("&\"'`<>")) table[static_cast<unsigned char>(c)] = false;
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
        const char quote = html[at];
        for (++at; at < html.size() && html[at] != quote; ++at)
            if (html[at] == '<' || html[at] == '>') return std::string_view::npos;
        return at >= html.size() ? std::string_view::npos : at + 1;
    }
    const std::size_t start = at;
    while (at < html.size() && !is_html_blank(html[at]) && html[at] != '>') {
        const char c = html[at++];
        if (c == '"' || c == '\'' || c == '<' || c == '=' || c == '`') return std::string_view::npos;
    }
    return at == start ? std::string_view::npos : at;
}

// Index into plain_names; its size for others.
std::size_t plain_element(std::string_view name) {
    const auto same = [&](std::string_view plain_name) { return equal_ignoring_case(name, plain_name); };
    return static_cast<std::size_t>(std::find_if(HtmlRuns::plain_names.begin(), HtmlRuns::plain_names.end(), same) -
                                    HtmlRuns::plain_names.begin());
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

std::string HtmlRuns::shorten(std::string_view html, UseOf use_of) {
    shortened_.clear();
    shortened_.reserve(html.size());
    runs_.clear();
    reference_end_ = 0;
    for (auto& open : open_) open.clear();
    for (std::size_t at = 0; at < html.size();)
        at = starts_tag(html, at) ? shorten_tag(html, at, use_of) : shorten_text(html, at);
    return std::move(shortened_);
}

// These return the position after the tag.
std::size_t HtmlRuns::copy_tag(std::string_view html, std::size_t start) {
    std::size_t attributes = 0;
    const std::size_t end = tag_end(html, start, attributes);
    shortened_ += html.substr(start, end - start);
    return end;
}

std::size_t HtmlRuns::shorten_tag(std::string_view html, std::size_t start, UseOf use_of) {
    if (html[start + 1] == '/') return shorten_end_tag(html, start);
    if (!is_letter(html[start + 1])) return copy_tag(html, start);
    const std::size_t before = shortened_.size(), runs_before = runs_.size();
    std::size_t at = skip_name(html, start + 1);
    const std::string_view element = html.substr(start, at - start);
    const std::size_t plain_one = plain_element(element.substr(1));
    const auto as_it_is = [&] {
        shortened_.resize(before);
        runs_.resize(runs_before);
        if (plain_one < plain_names.size()) open_[plain_one].push_back(Copied::yes);
        return copy_tag(html, start);
    };
    shortened_ += element;
    for (;;) {
        const std::size_t name = skip_blanks(html, at);
        if (name < html.size() && html[name] == '>') {
            const bool is_bare = shortened_.size() == before + element.size();
            const bool is_plain = plain_one < plain_names.size();
            const bool left_out = is_bare && is_plain && !ends_open(before);
            if (is_plain) open_[plain_one].push_back(left_out ? Copied::no : Copied::yes);
            if (left_out)
                shortened_.resize(before);
            else if (is_bare && equal_ignoring_case(element, "<br"))
                shortened_.replace(before, std::string::npos, " ");
            else
                shortened_ += '>';
            return name + 1;
        }
        if (name == at || name >= html.size() || !is_letter(html[name])) return as_it_is();
        at = skip_name(html, name);
        const std::string_view attribute = html.substr(name, at - name);
        const std::size_t equals = skip_blanks(html, at);
        std::string_view value;
        if (equals < html.size() && html[equals] == '=') {
            const std::size_t begin = skip_blanks(html, equals + 1);
            at = skip_value(html, begin);
            if (at == std::string_view::npos) return as_it_is();
            value = html.substr(begin, at - begin);
        } else if (equals >= html.size() || (equals == at && html[at] != '>')) {
            return as_it_is();
        }
        append_attribute(attribute, value, use_of(attribute));
    }
}

// The first `size` bytes end with what could be the beginning of a tag, the end of a comment, or a reference, depending
// on what comes next.
bool HtmlRuns::ends_open(std::size_t size) const {
    if (size == 0) return false;
    const char last = shortened_[size - 1];
    return last == '<' || last == '-' || last == '!' || size == reference_end_;
}

// Goes where the tag went that it ends.
std::size_t HtmlRuns::shorten_end_tag(std::string_view html, std::size_t start) {
    const std::size_t name_end = skip_name(html, start + 2), end = skip_blanks(html, name_end);
    const std::size_t plain_one = plain_element(html.substr(start + 2, name_end - start - 2));
    if (end < html.size() && html[end] == '>' && plain_one < plain_names.size() && !open_[plain_one].empty()) {
        const Copied copied = open_[plain_one].back();
        open_[plain_one].pop_back();
        if (copied == Copied::no && !ends_open(shortened_.size())) return end + 1;
    }
    return copy_tag(html, start);
}

// `value` with its quotes; empty: there is none.
void HtmlRuns::append_attribute(std::string_view name, std::string_view value, Use use) {
    if (use == Use::none) return;
    shortened_ += ' ';
    shortened_ += name;
    if (value.empty()) return;
    shortened_ += '=';
    const bool in_quotes = value[0] == '"' || value[0] == '\'';
    if (use != Use::text || !in_quotes) {
        shortened_ += value;
        return;
    }
    for (std::size_t at = 0; at < value.size();) {
        const std::size_t start = at;
        if (value[at] == '&') {
            // With what follows the reference, which decides whether it is one.
            for (++at; at < value.size() && (is_letter_or_digit(value[at]) || value[at] == '#');) ++at;
            at = std::min(at + 1, value.size());
        } else if (!stands_for_itself[static_cast<unsigned char>(value[at])]) {
            ++at;
        } else {
            while (stands_for_itself[static_cast<unsigned char>(value[at])]) ++at;  // the quote does not
            if (at - start >= shortest_run && runs_.size() < most_runs) {
                append_sign_of(value.substr(start, at - start));
                continue;
            }
        }
        shortened_ += value.substr(start, at - start);
    }
}

void HtmlRuns::append_sign_of(std::string_view run) {
    append_sign(shortened_, low_first + runs_.size() % low_signs);
    append_sign(shortened_, high_first + runs_.size() / low_signs);
    runs_.push_back(run);
}

// One character, one character reference, several blanks or one run. Returns the position after it.
std::size_t HtmlRuns::shorten_text(std::string_view html, std::size_t at) {
    const std::size_t start = at;
    if (is_html_blank(html[at])) {
        at = skip_blanks(html, at);
        shortened_ += html.substr(start, at - start).find('\n') == std::string_view::npos ? ' ' : '\n';
        return at;
    }
    if (html[at] == '&') {
        for (++at; at < html.size() && (is_letter_or_digit(html[at]) || html[at] == '#');) ++at;
        reference_end_ = shortened_.size() + (at - start);
    } else if (!is_letter_or_digit(html[at]) || runs_.size() == most_runs) {
        ++at;
    } else {
        while (at < html.size() && plain[static_cast<unsigned char>(html[at])]) ++at;
        while (!may_end_run(html[at - 1])) --at;
        if (at - start >= shortest_run) {
            append_sign_of(html.substr(start, at - start));
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
