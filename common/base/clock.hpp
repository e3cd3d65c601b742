#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mox {

// A moment with the UTC offset it was noted in, as message dates have it. Comparing ignores the offset.
struct Timestamp {
    std::int64_t seconds = 0;         // since 1970-01-01T00:00:00Z, without leap seconds; negative before
    std::int32_t nanoseconds = 0;     // 0 to 999,999,999
    std::int16_t offset_minutes = 0;  // east of UTC, at most 24 hours either way

    friend bool operator==(const Timestamp& a, const Timestamp& b) {
        return a.seconds == b.seconds && a.nanoseconds == b.nanoseconds;
    }
    friend auto operator<=>(const Timestamp& a, const Timestamp& b) {
        if (const auto order = a.seconds <=> b.seconds; order != 0) return order;
        return a.nanoseconds <=> b.nanoseconds;
    }
};

// Where time comes from, so that tests and generated data are exact. system_clock appears in clock.cpp only.
class Clock {
public:
    virtual ~Clock() = default;
    [[nodiscard]] virtual Timestamp now() const = 0;  // UTC
};

class SystemClock final : public Clock {
public:
    [[nodiscard]] Timestamp now() const override;
};

// A clock that stands still unless advanced.
class FixedClock final : public Clock {
public:
    explicit FixedClock(std::int64_t seconds) : now_{.seconds = seconds} {}
    [[nodiscard]] Timestamp now() const override { return now_; }
    void advance(std::chrono::seconds by) { now_.seconds += by.count(); }

private:
    Timestamp now_;
};

struct CivilTime {
    std::int64_t year = 1970;
    int month = 1, day = 1, hour = 0, minute = 0, second = 0;  // second may be 60 on input
};

// Proleptic Gregorian calendar, UTC. nullopt when a field is out of its range (31 April, hour 24).
[[nodiscard]] std::optional<std::int64_t> to_unix_seconds(const CivilTime& time);
[[nodiscard]] CivilTime to_civil(std::int64_t unix_seconds);
// 1 to 12 from "Jan" to "Dec" in any case, 0 for anything else. And the reverse; 0 is Sunday for weekdays.
[[nodiscard]] int month_number(std::string_view three_letters);
[[nodiscard]] std::string_view month_name(int month);
[[nodiscard]] std::string_view weekday_name(std::int64_t unix_seconds);

// RFC 3339 in UTC, "2026-11-22T03:00:00Z", with a fraction only where there is one.
[[nodiscard]] std::string to_rfc3339(const Timestamp& time);
// RFC 3339 with any offset; nullopt for anything else.
[[nodiscard]] std::optional<Timestamp> from_rfc3339(std::string_view text);

}  // namespace mox
