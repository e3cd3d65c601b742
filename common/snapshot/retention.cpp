#include "snapshot/retention.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

#include "base/clock.hpp"

namespace mox::snapshot {

namespace {

constexpr std::int64_t day_seconds = 86'400;

// Days since 1970-01-01, also before.
std::int64_t day_number(std::int64_t unix_seconds) {
    return unix_seconds / day_seconds - (unix_seconds % day_seconds < 0 ? 1 : 0);
}

// One rule that keeps the newest snapshot of each period, as long as it has periods left.
struct PeriodRule {
    std::string_view name;
    std::int64_t left;
    std::string (*period_of)(std::int64_t);
    std::set<std::string> seen = {};

    // Empty when the rule does not keep it.
    std::string reason(std::int64_t unix_seconds) {
        std::string period = period_of(unix_seconds);
        if (left <= 0 || !seen.insert(period).second) return {};
        --left;
        return fmt::format("{} {}", name, period);
    }
};

class Rules {
public:
    explicit Rules(const Retention& retention)
        : last_(retention.last),
          periods_{PeriodRule{"day", retention.daily, day_of}, PeriodRule{"week", retention.weekly, iso_week_of},
                   PeriodRule{"month", retention.monthly, month_of}} {}

    RetentionVerdict judge(const RetentionCandidate& candidate) {
        if (candidate.has_problems) return judge_problems(candidate);
        ++good_;
        std::string reason;
        if (good_ <= last_) reason = fmt::format("last {} of {}", good_, last_);
        for (auto& rule : periods_)
            if (const auto text = rule.reason(candidate.started); !text.empty())
                reason += (reason.empty() ? "" : ", ") + text;
        if (!reason.empty()) return {candidate.name, true, reason};
        if (good_ == 1) return {candidate.name, true, "the newest one without problems"};
        return {candidate.name, false, "no rule keeps it"};
    }

private:
    [[nodiscard]] RetentionVerdict judge_problems(const RetentionCandidate& candidate) const {
        const std::int64_t needed = std::max<std::int64_t>(last_, 1);
        if (good_ >= needed) return {candidate.name, false, fmt::format("has problems, and {} newer have none", good_)};
        return {candidate.name, true, fmt::format("has problems, and only {} of {} newer have none", good_, needed)};
    }

    const std::int64_t last_;
    std::array<PeriodRule, 3> periods_;
    std::int64_t good_ = 0;
};

}  // namespace

std::string day_of(std::int64_t unix_seconds) {
    const CivilTime time = to_civil(unix_seconds);
    return fmt::format("{:04}-{:02}-{:02}", time.year, time.month, time.day);
}

std::string iso_week_of(std::int64_t unix_seconds) {
    const std::int64_t day = day_number(unix_seconds);
    const std::int64_t weekday = ((day + 3) % 7 + 7) % 7;  // 0 is Monday; 1970-01-01 was a Thursday
    const std::int64_t thursday = day - weekday + 3;
    const std::int64_t year = to_civil(thursday * day_seconds).year;
    const std::int64_t first = day_number(to_unix_seconds({.year = year, .month = 1, .day = 1}).value());
    return fmt::format("{:04}-W{:02}", year, (thursday - first) / 7 + 1);
}

std::string month_of(std::int64_t unix_seconds) {
    return day_of(unix_seconds).substr(0, 7);
}

std::vector<RetentionVerdict> apply_retention(const Retention& retention, std::vector<RetentionCandidate> candidates) {
    std::ranges::sort(candidates, std::ranges::greater(), &RetentionCandidate::name);
    Rules rules(retention);
    std::vector<RetentionVerdict> verdicts;
    verdicts.reserve(candidates.size());
    for (const auto& candidate : candidates) verdicts.push_back(rules.judge(candidate));
    return verdicts;
}

}  // namespace mox::snapshot
