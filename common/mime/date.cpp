#include "mime/date.hpp"

#include <fmt/format.h>

#include <array>
#include <cstdlib>

#include "base/cursor.hpp"
#include "base/encoding.hpp"

namespace mox::mime {

namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_letter(char c) {
    return ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z';
}

struct Zone {
    std::string_view name;
    int minutes;
};
// RFC 5322 section 4.3, and the few others that are common in mail and mean one thing only.
constexpr std::array<Zone, 17> zones = {{{"UT", 0},
                                         {"GMT", 0},
                                         {"UTC", 0},
                                         {"Z", 0},
                                         {"EST", -5 * 60},
                                         {"EDT", -4 * 60},
                                         {"CST", -6 * 60},
                                         {"CDT", -5 * 60},
                                         {"MST", -7 * 60},
                                         {"MDT", -6 * 60},
                                         {"PST", -8 * 60},
                                         {"PDT", -7 * 60},
                                         {"CET", 60},
                                         {"CEST", 120},
                                         {"EET", 120},
                                         {"EEST", 180},
                                         {"JST", 540}}};

// Parses dates; every function says whether it found what it looks for.
class DateReader {
public:
    explicit DateReader(std::string_view text) : in_(text) {}

    // Blanks, line ends of folding, and comments, nested to any depth without recursion.
    void skip_blanks() {
        std::size_t depth = 0;
        for (; !in_.at_end(); in_.advance(1)) {
            const char c = in_.peek();
            if (c == '(') {
                ++depth;
            } else if (depth > 0) {
                if (c == '\\') in_.advance(1);
                if (c == ')') --depth;
            } else if (c != ' ' && c != '\t' && c != '\r' && c != '\n') {
                return;
            }
        }
    }
    std::string_view word() {
        skip_blanks();
        return in_.take_while(is_letter);
    }
    // `digits` is how many there were.
    bool number(int& value, std::size_t most_digits, std::size_t* digits = nullptr) {
        skip_blanks();
        const std::string_view text = in_.take_while(is_digit);
        if (text.empty() || text.size() > most_digits) return false;
        value = 0;
        for (const char c : text) value = value * 10 + (c - '0');
        if (digits != nullptr) *digits = text.size();
        return true;
    }
    bool month() {
        const auto text = word();
        civil_.month = month_number(text.substr(0, 3));
        return civil_.month != 0 && text.size() >= 3;
    }
    bool day() { return number(civil_.day, 2); }
    // RFC 5322 section 4.3: 0 to 49 are 2000 to 2049, other years of two or three digits count from 1900.
    bool year() {
        int value = 0;
        std::size_t digits = 0;
        if (!number(value, 4, &digits) || digits < 2) return false;
        if (digits == 2) value += value < 50 ? 2000 : 1900;
        if (digits == 3) value += 1900;
        civil_.year = value;
        return true;
    }
    bool time() {
        if (!number(civil_.hour, 2) || !colon() || !number(civil_.minute, 2)) return false;
        skip_blanks();
        if (in_.peek() != ':') return true;
        in_.advance(1);
        return number(civil_.second, 2);
    }
    bool numeric_zone() {
        skip_blanks();
        bool west = in_.peek() == '-';
        if (!west && in_.peek() != '+') return false;
        in_.advance(1);
        if (!west) west = in_.take('-');  // "+-0500" is what some programs write
        const std::string_view text = in_.take_while(is_digit);
        if (text.size() != 4) return false;
        const int hours = (text[0] - '0') * 10 + (text[1] - '0');
        const int minutes = (text[2] - '0') * 10 + (text[3] - '0');
        if (hours > 23 || minutes > 59) return false;
        offset_ = (hours * 60 + minutes) * (west ? -1 : 1);
        return true;
    }
    void named_zone() {
        const auto name = word();
        for (const auto& zone : zones)
            if (equal_ignoring_case(zone.name, name)) offset_ = zone.minutes;
    }
    char next() {
        skip_blanks();
        return in_.peek();
    }
    bool take(char c) { return next() == c && in_.take(c); }
    bool colon() { return take(':'); }
    bool at_end() {
        skip_blanks();
        return in_.at_end();
    }

    [[nodiscard]] std::optional<Timestamp> result() const {
        const auto seconds = to_unix_seconds(civil_);
        if (!seconds) return std::nullopt;
        return Timestamp{.seconds = *seconds - offset_ * 60, .offset_minutes = static_cast<std::int16_t>(offset_)};
    }

private:
    Cursor in_;
    CivilTime civil_;
    int offset_ = 0;
};

struct Local {
    CivilTime time;
    int offset_hours, offset_minutes;
    char sign;
};

Local local(const Timestamp& time) {
    const int minutes = std::abs(int{time.offset_minutes});
    return {to_civil(time.seconds + time.offset_minutes * 60), minutes / 60, minutes % 60,
            time.offset_minutes < 0 ? '-' : '+'};
}

}  // namespace

std::optional<Timestamp> parse_date(std::string_view text) {
    DateReader in(text);
    const bool has_weekday = is_letter(in.next());
    if (has_weekday) {
        (void)in.word();
        (void)in.take('.');
        (void)in.take(',');
    }
    if (!in.day()) return std::nullopt;
    (void)in.take('-');  // "02-Jan-2006", as old programs have it
    if (!in.month()) return std::nullopt;
    (void)in.take('-');
    if (!in.year() || !in.time()) return std::nullopt;
    const char zone = in.next();
    if (zone == '+' || zone == '-') {
        if (!in.numeric_zone()) return std::nullopt;
    } else if (is_letter(zone)) {
        in.named_zone();
    }
    return in.result();
}

std::optional<Timestamp> parse_mbox_date(std::string_view text) {
    DateReader in(text);
    if (in.word().size() != 3 || !in.month() || !in.day() || !in.time()) return std::nullopt;
    const char zone = in.next();
    if (zone == '+' || zone == '-') {
        if (!in.numeric_zone()) return std::nullopt;
    } else if (is_letter(zone)) {
        in.named_zone();
    }
    if (!in.year() || !in.at_end()) return std::nullopt;
    return in.result();
}

std::string format_date(const Timestamp& time) {
    const auto [t, hours, minutes, sign] = local(time);
    return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} {}{:02}{:02}",
                       weekday_name(time.seconds + time.offset_minutes * 60), t.day, month_name(t.month), t.year,
                       t.hour, t.minute, t.second, sign, hours, minutes);
}

std::string format_mbox_date(const Timestamp& time) {
    const CivilTime t = to_civil(time.seconds);
    return fmt::format("{} {} {:2} {:02}:{:02}:{:02} {:04}", weekday_name(time.seconds), month_name(t.month), t.day,
                       t.hour, t.minute, t.second, t.year);
}

std::string format_internal_date(const Timestamp& time) {
    const auto [t, hours, minutes, sign] = local(time);
    return fmt::format("{:2}-{}-{:04} {:02}:{:02}:{:02} {}{:02}{:02}", t.day, month_name(t.month), t.year, t.hour,
                       t.minute, t.second, sign, hours, minutes);
}

std::optional<Timestamp> parse_internal_date(std::string_view text) {
    // Fixed form: DD-Mon-YYYY HH:MM:SS +ZZZZ
    if (text.size() != 26 || text[2] != '-' || text[6] != '-' || text[11] != ' ' || text[14] != ':' ||
        text[17] != ':' || text[20] != ' ' || (text[0] != ' ' && !is_digit(text[0])))
        return std::nullopt;
    for (const unsigned i : {1U, 7U, 8U, 9U, 10U, 12U, 13U, 15U, 16U, 18U, 19U, 22U, 23U, 24U, 25U})
        if (!is_digit(text[i])) return std::nullopt;
    DateReader in(text);
    if (!in.day() || !in.take('-') || !in.month() || !in.take('-') || !in.year() || !in.time() || !in.numeric_zone())
        return std::nullopt;
    return in.result();
}

}  // namespace mox::mime
