#include "base/clock.hpp"

#include <fmt/format.h>

#include <array>

#include "base/cursor.hpp"
#include "base/encoding.hpp"

namespace mox {

namespace {

constexpr std::array<std::string_view, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::array<std::string_view, 7> weekdays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::int64_t seconds_per_day = 86400;

// Days since 1970-01-01 of a day in the proleptic Gregorian calendar, counted in eras of 400 years from 1 March.
std::int64_t days_from_civil(std::int64_t year, int month, int day) {
    year -= month <= 2 ? 1 : 0;
    const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
    const std::int64_t year_of_era = year - era * 400;
    const std::int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    const std::int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

int days_in_month(std::int64_t year, int month) {
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    if (month == 2) return leap ? 29 : 28;
    return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

std::int64_t floor_divide(std::int64_t a, std::int64_t b) {
    return a / b - (a % b < 0 ? 1 : 0);
}

int expect_digits(Cursor& in, int count) {
    int value = 0;
    for (int i = 0; i < count; ++i) {
        const char c = in.peek();
        if (c < '0' || c > '9') in.fail("expected a digit");
        value = value * 10 + (c - '0');
        in.advance(1);
    }
    return value;
}

}  // namespace

Timestamp SystemClock::now() const {
    const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
    const auto nanoseconds = std::chrono::duration_cast<std::chrono::nanoseconds>(since_epoch).count();
    return {.seconds = floor_divide(nanoseconds, 1'000'000'000),
            .nanoseconds =
                static_cast<std::int32_t>(nanoseconds - floor_divide(nanoseconds, 1'000'000'000) * 1'000'000'000)};
}

std::optional<std::int64_t> to_unix_seconds(const CivilTime& time) {
    if (time.year < -9999 || time.year > 99999 || time.month < 1 || time.month > 12 || time.day < 1 ||
        time.day > days_in_month(time.year, time.month) || time.hour < 0 || time.hour > 23 || time.minute < 0 ||
        time.minute > 59 || time.second < 0 || time.second > 60)
        return std::nullopt;
    return days_from_civil(time.year, time.month, time.day) * seconds_per_day + time.hour * 3600 + time.minute * 60 +
           time.second;
}

CivilTime to_civil(std::int64_t unix_seconds) {
    const std::int64_t days = floor_divide(unix_seconds, seconds_per_day);
    const auto second_of_day = static_cast<int>(unix_seconds - days * seconds_per_day);
    const std::int64_t shifted = days + 719468;
    const std::int64_t era = floor_divide(shifted, 146097);
    const std::int64_t day_of_era = shifted - era * 146097;
    const std::int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    const std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const auto month_from_march = static_cast<int>((5 * day_of_year + 2) / 153);
    const int month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
    return {.year = year_of_era + era * 400 + (month <= 2 ? 1 : 0),
            .month = month,
            .day = static_cast<int>(day_of_year) - (153 * month_from_march + 2) / 5 + 1,
            .hour = second_of_day / 3600,
            .minute = second_of_day / 60 % 60,
            .second = second_of_day % 60};
}

int month_number(std::string_view three_letters) {
    for (std::size_t i = 0; i < months.size(); ++i)
        if (equal_ignoring_case(months[i], three_letters)) return static_cast<int>(i) + 1;
    return 0;
}

std::string_view month_name(int month) {
    return months.at(static_cast<std::size_t>(month - 1));
}

std::string_view weekday_name(std::int64_t unix_seconds) {
    const std::int64_t days = floor_divide(unix_seconds, seconds_per_day) + 4;  // 1970-01-01 was a Thursday
    return weekdays[static_cast<std::size_t>(days - floor_divide(days, 7) * 7)];
}

std::string to_rfc3339(const Timestamp& time) {
    const CivilTime t = to_civil(time.seconds);
    std::string text =
        fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", t.year, t.month, t.day, t.hour, t.minute, t.second);
    if (time.nanoseconds != 0) {
        text += fmt::format(".{:09}", time.nanoseconds);
        text.erase(text.find_last_not_of('0') + 1);
    }
    return text + "Z";
}

std::optional<Timestamp> from_rfc3339(std::string_view text) try {
    Cursor in(text);
    CivilTime civil;
    civil.year = expect_digits(in, 4);
    in.expect('-');
    civil.month = expect_digits(in, 2);
    in.expect('-');
    civil.day = expect_digits(in, 2);
    if (!in.take('T') && !in.take('t')) in.expect(' ');
    civil.hour = expect_digits(in, 2);
    in.expect(':');
    civil.minute = expect_digits(in, 2);
    in.expect(':');
    civil.second = expect_digits(in, 2);
    Timestamp result;
    if (in.take('.')) {
        std::int32_t unit = 100'000'000;
        const auto digits = in.take_while([](char c) { return c >= '0' && c <= '9'; });
        if (digits.empty() || digits.size() > 9) return std::nullopt;
        for (const char c : digits) {
            result.nanoseconds += (c - '0') * unit;
            unit /= 10;
        }
    }
    if (!in.take('Z') && !in.take('z')) {
        const int sign = in.take('-') ? -1 : (in.expect('+'), 1);
        const int hours = expect_digits(in, 2);
        in.expect(':');
        const int minutes = expect_digits(in, 2);
        if (hours > 23 || minutes > 59) return std::nullopt;
        result.offset_minutes = static_cast<std::int16_t>(sign * (hours * 60 + minutes));
    }
    in.expect_end();
    const auto seconds = to_unix_seconds(civil);
    if (!seconds) return std::nullopt;
    result.seconds = *seconds - result.offset_minutes * 60;
    return result;
} catch (const SyntaxError&) {
    return std::nullopt;
}

}  // namespace mox
