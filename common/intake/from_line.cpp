#include "intake/from_line.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "base/encoding.hpp"
#include "mime/date.hpp"

namespace mox::intake {

namespace {

using Words = std::vector<std::string_view>;

Words split_at_blanks(std::string_view text) {
    Words words;
    while (!text.empty()) {
        const auto end = std::min(text.find_first_of(" \t"), text.size());
        if (end > 0) words.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return words;
}

bool is_weekday(std::string_view word) {
    constexpr std::array<std::string_view, 7> names{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    return std::any_of(names.begin(), names.end(), [&](auto name) { return equal_ignoring_case(name, word); });
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// "15:04" or "15:04:05", the former completed.
std::optional<std::string> full_time(std::string_view word) {
    const auto colons = std::count(word.begin(), word.end(), ':');
    const auto others = std::count_if(word.begin(), word.end(), [](char c) { return !is_digit(c) && c != ':'; });
    if (others > 0 || colons < 1 || colons > 2) return std::nullopt;
    return std::string(word) + (colons == 1 ? ":00" : "");
}

bool is_year(std::string_view word) {
    return word.size() == 4 && std::all_of(word.begin(), word.end(), is_digit);
}

bool is_zone(std::string_view word) {
    if (word.size() == 5 && (word[0] == '+' || word[0] == '-'))
        return std::all_of(word.begin() + 1, word.end(), is_digit);
    return word.size() <= 5 && std::all_of(word.begin(), word.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

// "Mon Jan 2 15:04[:05] [zone] 2006 [zone] [remote from host]", of which `words` are all.
std::optional<Timestamp> parse_c_date(Words words) {
    if (words.size() >= 8 && words[words.size() - 3] == "remote" && words[words.size() - 2] == "from")
        words.resize(words.size() - 3);
    if (words.size() < 5 || words.size() > 6 || month_number(words[1]) == 0) return std::nullopt;
    const auto time = full_time(words[3]);
    if (!time) return std::nullopt;
    std::string_view zone, year = words[4];
    if (words.size() == 6) {
        const bool zone_first = is_year(words[5]);
        zone = words[zone_first ? 4 : 5];
        year = words[zone_first ? 5 : 4];
        if (!is_zone(zone)) return std::nullopt;
    }
    if (!is_year(year)) return std::nullopt;
    std::string text = std::string(words[0]) + ' ' + std::string(words[1]) + ' ';
    if (words[2].size() == 1) text += ' ';
    text += std::string(words[2]) + ' ' + *time + ' ';
    if (!zone.empty()) text += std::string(zone) + ' ';
    return mime::parse_mbox_date(text + std::string(year));
}

// "Mon, 2 Jan 2006 15:04:05 -0700": complete, so that no sentence is taken for it.
std::optional<Timestamp> parse_mail_date(const Words& words) {
    if (words.size() < 5 || words.size() > 7 || month_number(words[2]) == 0 || !is_year(words[3]) ||
        !full_time(words[4]))
        return std::nullopt;
    std::string text;
    for (const auto word : words) text += std::string(word) + ' ';
    text.pop_back();
    return mime::parse_date(text);
}

}  // namespace

std::optional<Timestamp> parse_from_line(std::string_view line) {
    constexpr std::string_view start = "From ";
    if (!line.starts_with(start) || line.size() > max_from_line_bytes) return std::nullopt;
    const Words words = split_at_blanks(trimmed(line.substr(start.size())));
    for (std::size_t i = 0; i + 5 <= words.size(); ++i) {
        const bool comma = words[i].size() == 4 && words[i].back() == ',';
        if (!is_weekday(words[i].substr(0, comma ? 3 : words[i].size()))) continue;
        const Words rest(words.begin() + static_cast<std::ptrdiff_t>(i), words.end());
        if (const auto date = comma ? parse_mail_date(rest) : parse_c_date(rest)) return date;
    }
    return std::nullopt;
}

}  // namespace mox::intake
