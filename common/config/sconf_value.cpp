#include "config/sconf_value.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>

#include "base/encoding.hpp"

namespace mox::config::sconf {

namespace {

constexpr bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
constexpr bool is_hex_digit(char c) {
    return is_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'f');
}

template <class Number>
std::string read_integer(std::string_view text, Number& value) {
    const std::string_view given = text;
    if constexpr (std::is_signed_v<Number>) {
        if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
    }
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc::result_out_of_range && end == text.data() + text.size())
        return "number " + quote(given) + " does not fit in 64 bits";
    if (error != std::errc() || end != text.data() + text.size()) return "invalid integer " + quote(given);
    value = number;
    return {};
}

// ---- durations ----

struct Unit {
    std::string_view name;
    std::uint64_t nanoseconds;
};
constexpr std::array units{
    Unit{"ns", 1},
    Unit{"us", 1'000},
    Unit{"\xc2\xb5s", 1'000},  // micro sign
    Unit{"\xce\xbcs", 1'000},  // Greek mu
    Unit{"ms", 1'000'000},
    Unit{"s", 1'000'000'000},
    Unit{"m", 60'000'000'000},
    Unit{"h", 3'600'000'000'000},
};
constexpr std::uint64_t largest_magnitude = 1ULL << 63U;  // of the most negative duration

const Unit* take_unit(std::string_view& text) {
    std::size_t length = 0;
    while (length < text.size() && text[length] != '.' && !is_digit(text[length])) ++length;
    const std::string_view name = text.substr(0, length);
    for (const auto& unit : units) {
        if (unit.name != name) continue;
        text.remove_prefix(length);
        return &unit;
    }
    return nullptr;
}

struct Decimal {
    std::uint64_t whole = 0, fraction = 0;
    double scale = 1;  // the value is whole + fraction / scale
    bool any_digit = false, too_large = false;
};

Decimal take_decimal(std::string_view& text) {
    Decimal number;
    for (; !text.empty() && is_digit(text.front()); text.remove_prefix(1)) {
        const auto digit = static_cast<std::uint64_t>(text.front() - '0');
        if (number.whole > (largest_magnitude - digit) / 10)
            number.too_large = true;
        else
            number.whole = number.whole * 10 + digit;
        number.any_digit = true;
    }
    if (!text.starts_with('.')) return number;
    text.remove_prefix(1);
    for (; !text.empty() && is_digit(text.front()); text.remove_prefix(1)) {
        number.any_digit = true;
        if (number.fraction > (largest_magnitude - 9) / 10) continue;  // further digits are below a nanosecond
        number.fraction = number.fraction * 10 + static_cast<std::uint64_t>(text.front() - '0');
        number.scale *= 10;
    }
    return number;
}

// `value` in units of `unit`, without zeros at the end: 1500 in 1000 is "1.5".
std::string decimal_text(std::uint64_t value, std::uint64_t unit) {
    std::string text = std::to_string(value / unit);
    std::string fraction = std::to_string(unit + value % unit).substr(1);
    fraction.erase(fraction.find_last_not_of('0') + 1);
    return fraction.empty() ? text : text + "." + fraction;
}

// ---- floating point ----

// "_" only between two digits, or between the prefix 0x and a digit.
bool underscores_are_right(std::string_view text, bool hexadecimal) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '_') continue;
        const auto digit = [&](char c) { return hexadecimal ? is_hex_digit(c) : is_digit(c); };
        const bool before = i > 0 && (digit(text[i - 1]) || (hexadecimal && i == 2 && ascii_lower(text[1]) == 'x'));
        if (!before || i + 1 == text.size() || !digit(text[i + 1])) return false;
    }
    return true;
}

std::size_t count_digits(std::string_view& text, bool hexadecimal) {
    std::size_t count = 0;
    for (; count < text.size() && (hexadecimal ? is_hex_digit(text[count]) : is_digit(text[count])); ++count) {
    }
    text.remove_prefix(count);
    return count;
}

// digits [. digits] [exponent], at least one digit; a hexadecimal number must have an exponent.
bool is_number(std::string_view text, bool hexadecimal) {
    std::size_t digits = count_digits(text, hexadecimal);
    if (text.starts_with('.')) {
        text.remove_prefix(1);
        digits += count_digits(text, hexadecimal);
    }
    if (digits == 0) return false;
    if (text.empty()) return !hexadecimal;
    if (ascii_lower(text.front()) != (hexadecimal ? 'p' : 'e')) return false;
    text.remove_prefix(1);
    if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
    return count_digits(text, false) > 0 && text.empty();
}

// Whether a number that does not fit is too large rather than too small, by the place of its first digit that counts.
bool is_too_large(std::string_view text, bool hexadecimal) {
    const auto exponent_at = text.find_first_of(hexadecimal ? "pP" : "eE");
    const std::string_view mantissa = text.substr(0, exponent_at);
    const auto first = mantissa.find_first_not_of("0.");
    if (first == std::string_view::npos) return false;
    const auto point = std::min(mantissa.find('.'), mantissa.size());
    long double place = static_cast<long double>(point) - static_cast<long double>(first);
    if (hexadecimal) place *= 4;
    if (exponent_at != std::string_view::npos) {
        std::string_view digits = text.substr(exponent_at + 1);
        const bool negative = digits.starts_with('-');
        if (negative || digits.starts_with('+')) digits.remove_prefix(1);
        long double exponent = 0;
        for (const char c : digits) exponent = std::min(exponent * 10 + (c - '0'), 1e15L);
        place += negative ? -exponent : exponent;
    }
    return place > 0;
}

}  // namespace

std::string read_duration(std::string_view text, Duration& value) {
    const std::string given = "duration " + quote(text);
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) text.remove_prefix(1);
    if (text.empty()) return "invalid " + given;
    std::uint64_t total = 0;
    while (!text.empty() && text != "0") {
        const Decimal number = take_decimal(text);
        if (!number.any_digit) return "invalid " + given;
        if (text.empty()) return given + " lacks a unit: one of ns, us, ms, s, m, h";
        const Unit* unit = take_unit(text);
        if (unit == nullptr) return given + " has an unknown unit: not one of ns, us, ms, s, m, h";
        if (number.too_large || number.whole > largest_magnitude / unit->nanoseconds) return given + " is too long";
        const std::uint64_t part = number.whole * unit->nanoseconds +
                                   static_cast<std::uint64_t>(static_cast<double>(number.fraction) *
                                                              (static_cast<double>(unit->nanoseconds) / number.scale));
        if (part > largest_magnitude || total > largest_magnitude - part) return given + " is too long";
        total += part;
        if (text == "0") return given + " lacks a unit: one of ns, us, ms, s, m, h";
    }
    if (!negative && total == largest_magnitude) return given + " is too long";
    value = Duration(static_cast<std::int64_t>(negative ? 0 - total : total));
    return {};
}

std::string duration_text(Duration value) {
    if (value.count() == 0) return "0s";
    const std::string sign = value.count() < 0 ? "-" : "";
    const auto bits = static_cast<std::uint64_t>(value.count());
    const std::uint64_t total = value.count() < 0 ? 0 - bits : bits;
    if (total < 1'000) return sign + std::to_string(total) + "ns";
    if (total < 1'000'000) return sign + decimal_text(total, 1'000) + "\xc2\xb5s";
    if (total < 1'000'000'000) return sign + decimal_text(total, 1'000'000) + "ms";
    const std::uint64_t minutes = total / 60'000'000'000;
    std::string text = decimal_text(total % 60'000'000'000, 1'000'000'000) + "s";
    if (minutes > 0) text.insert(0, std::to_string(minutes % 60) + "m");
    if (minutes >= 60) text.insert(0, std::to_string(minutes / 60) + "h");
    return sign + text;
}

std::string read_float(std::string_view text, double& value) {
    const std::string_view given = text;
    const auto invalid = [&] { return "invalid number " + quote(given); };
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) text.remove_prefix(1);
    double number = 0;
    if (equal_ignoring_case(text, "inf") || equal_ignoring_case(text, "infinity")) {
        number = std::numeric_limits<double>::infinity();
    } else if (equal_ignoring_case(given, "nan")) {
        number = std::numeric_limits<double>::quiet_NaN();
    } else {
        const bool hexadecimal = text.size() > 2 && text[0] == '0' && ascii_lower(text[1]) == 'x';
        if (!underscores_are_right(text, hexadecimal)) return invalid();
        std::string digits(text.substr(hexadecimal ? 2 : 0));
        std::erase(digits, '_');
        if (!is_number(digits, hexadecimal)) return invalid();
        const auto format = hexadecimal ? std::chars_format::hex : std::chars_format::general;
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number, format);
        if (error == std::errc::result_out_of_range) {
            if (is_too_large(digits, hexadecimal)) return "number " + quote(given) + " is too large";
            number = 0;
        } else if (error != std::errc() || end != digits.data() + digits.size()) {
            return invalid();
        }
    }
    value = negative ? -number : number;
    return {};
}

std::string float_text(double value) {
    if (std::isnan(value)) return "NaN";
    if (std::isinf(value)) return value < 0 ? "-Inf" : "+Inf";
    std::array<char, 64> buffer{};
    const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);  // shortest that is exact
    return {buffer.data(), result.ptr};
}

std::string read_scalar(Kind kind, std::string_view text, void* value) {
    switch (kind) {
        case Kind::string:
            *static_cast<std::string*>(value) = text;
            return {};
        case Kind::boolean:
            if (text != "true" && text != "false") return "invalid value " + quote(text) + ", it must be true or false";
            *static_cast<bool*>(value) = text == "true";
            return {};
        case Kind::integer:
            return read_integer(text, *static_cast<std::int64_t*>(value));
        case Kind::unsigned_integer:
            return read_integer(text, *static_cast<std::uint64_t*>(value));
        case Kind::floating:
            return read_float(text, *static_cast<double*>(value));
        case Kind::duration:
            return read_duration(text, *static_cast<Duration*>(value));
        case Kind::bytes: {
            auto decoded = from_base64(text);
            if (!decoded) return "invalid base64 " + quote(text);
            static_cast<Bytes*>(value)->data = std::move(*decoded);
            return {};
        }
        default:
            return "not a scalar";
    }
}

std::string scalar_text(Kind kind, const void* value) {
    switch (kind) {
        case Kind::string:
            return *static_cast<const std::string*>(value);
        case Kind::boolean:
            return *static_cast<const bool*>(value) ? "true" : "false";
        case Kind::integer:
            return std::to_string(*static_cast<const std::int64_t*>(value));
        case Kind::unsigned_integer:
            return std::to_string(*static_cast<const std::uint64_t*>(value));
        case Kind::floating:
            return float_text(*static_cast<const double*>(value));
        case Kind::duration:
            return duration_text(*static_cast<const Duration*>(value));
        case Kind::bytes:
            return to_base64(as_bytes(static_cast<const Bytes*>(value)->data));
        default:
            return {};
    }
}

}  // namespace mox::config::sconf
