#include "intake/maildir_name.hpp"

#include <algorithm>
#include <charconv>

#include "base/encoding.hpp"

namespace mox::intake {

namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// Where ":2,", ";2," or "!2," starts.
std::size_t find_information(std::string_view name) {
    for (std::size_t i = 0; i + 3 <= name.size(); ++i)
        if ((name[i] == ':' || name[i] == ';' || name[i] == '!') && name[i + 1] == '2' && name[i + 2] == ',') return i;
    return std::string_view::npos;
}

std::optional<std::int64_t> delivery_time(std::string_view base) {
    const auto first_dot = base.find('.');
    if (first_dot != 9 && first_dot != 10) return std::nullopt;
    if (base[0] == '0' || base.find('.', first_dot + 1) == std::string_view::npos) return std::nullopt;
    std::int64_t seconds = 0;
    const auto end = base.data() + first_dot;
    const auto parsed = std::from_chars(base.data(), end, seconds);
    if (parsed.ec != std::errc() || parsed.ptr != end || seconds <= 0) return std::nullopt;
    return seconds;
}

// The number that a name starts with, as digits without leading zeros, so that its length does not matter.
std::optional<std::string_view> leading_number(std::string_view name) {
    std::size_t digits = 0;
    while (digits < name.size() && is_digit(name[digits])) ++digits;
    if (digits == 0) return std::nullopt;
    const auto zeros = std::min(name.find_first_not_of('0'), digits);
    return name.substr(zeros, digits - zeros);
}

}  // namespace

MaildirName parse_maildir_name(std::string_view name) {
    MaildirName result{.base = name};
    if (const auto at = find_information(name); at != std::string_view::npos) {
        result.base = name.substr(0, at);
        result.letters = name.substr(at + 3);
        result.letters = result.letters.substr(0, result.letters.find(','));
    }
    result.time = delivery_time(result.base);
    return result;
}

bool maildir_order(std::string_view a, std::string_view b) {
    const auto number_a = leading_number(a), number_b = leading_number(b);
    if (number_a.has_value() != number_b.has_value()) return number_a.has_value();
    if (number_a && *number_a != *number_b) {
        if (number_a->size() != number_b->size()) return number_a->size() < number_b->size();
        return *number_a < *number_b;
    }
    return a < b;
}

std::int64_t maildir_rank(std::string_view name, bool in_cur) {
    constexpr std::int64_t most = (std::int64_t{1} << 34U) - 1;
    const auto digits = leading_number(name);
    std::int64_t number = digits ? 0 : most;
    if (digits &&
        std::from_chars(digits->data(), digits->data() + digits->size(), number).ec == std::errc::result_out_of_range)
        number = most - 1;
    const auto rest = name.substr(std::min(name.find_first_not_of("0123456789"), name.size()));
    std::int64_t rank = (in_cur ? most + 1 : 0) + std::min(number, digits ? most - 1 : most);
    for (std::size_t i = 0; i < 3; ++i) rank = rank * 256 + (i < rest.size() ? static_cast<unsigned char>(rest[i]) : 0);
    return rank;
}

MaildirKeywords parse_dovecot_keywords(std::string_view text, std::vector<std::string>& problems) {
    MaildirKeywords result;
    for (std::size_t number = 1; !text.empty(); ++number) {
        const auto end = std::min(text.find('\n'), text.size());
        const std::string_view line = trimmed(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        const auto problem = [&](const std::string& what) { problems.push_back(std::to_string(number) + ": " + what); };
        if (line.empty()) continue;

        unsigned index = 0;
        const auto parsed = std::from_chars(line.data(), line.data() + line.size(), index);
        const auto rest = line.substr(static_cast<std::size_t>(parsed.ptr - line.data()));
        if (parsed.ec != std::errc() || index > 25 || (!rest.empty() && rest[0] != ' ' && rest[0] != '\t')) {
            problem("expected a number from 0 to 25 and a keyword, not " + quote(line.substr(0, 100)));
        } else if (const auto name = trimmed(rest); name.empty()) {
            problem("keyword " + std::to_string(index) + " has no name");
        } else if (!result.names[index].empty()) {
            problem("keyword " + std::to_string(index) + " is there twice");
        } else {
            result.names[index] = name;
            if (const auto reason = model::keyword_problem(name); !reason.empty() && !model::flag_from_name(name))
                problem("keyword " + quote(name.substr(0, 100)) + " is not valid: " + std::string(reason));
        }
    }
    return result;
}

std::string add_maildir_letters(model::FlagsAndKeywords& to, std::string_view letters,
                                const MaildirKeywords& keywords) {
    std::string unknown;
    const auto add = [&](model::Flag flag) { to.flags = to.flags.with(flag); };
    for (std::size_t i = 0; i < letters.size(); ++i) {
        const char letter = letters[i];
        if (letters.find(letter) < i) continue;
        const bool is_keyword = letter >= 'a' && letter <= 'z';
        const auto index = static_cast<std::size_t>(is_keyword ? letter - 'a' : 0);
        if (letter == 'R') {
            add(model::Flag::answered);
        } else if (letter == 'S') {
            add(model::Flag::seen);
        } else if (letter == 'T') {
            add(model::Flag::deleted);
        } else if (letter == 'D') {
            add(model::Flag::draft);
        } else if (letter == 'F') {
            add(model::Flag::flagged);
        } else if (is_keyword && !keywords.names[index].empty()) {
            model::add_foreign_name(to, keywords.names[index]);
        } else if (letter != 'P') {
            unknown += letter;
        }
    }
    return unknown;
}

}  // namespace mox::intake
