#include "tools/export/criteria.hpp"

#include <algorithm>

#include "base/clock.hpp"
#include "base/encoding.hpp"
#include "base/error.hpp"
#include "mime/charset.hpp"

namespace mox::exporting {

namespace {

struct Moment {
    std::int64_t seconds;
    bool is_day;
};

Moment parse_moment(std::string_view option, std::string_view text) {
    const bool is_day = text.size() == 10;
    const auto time = from_rfc3339(is_day ? std::string(text) + "T00:00:00Z" : std::string(text));
    if (!time)
        throw Error(Errc::usage, std::string(option) + ": " + quote(text) + " is no date",
                    "write a day in UTC such as 2024-03-01, or a time such as 2024-03-01T12:00:00+01:00");
    return {time->seconds, is_day};
}

}  // namespace

std::int64_t parse_since(std::string_view text) {
    return parse_moment("--since", text).seconds;
}

std::int64_t parse_until(std::string_view text) {
    constexpr std::int64_t seconds_per_day = 86400;
    const Moment moment = parse_moment("--until", text);
    return moment.seconds + (moment.is_day ? seconds_per_day : 1);
}

void add_name(Criteria& to, std::string_view name) {
    auto flag = model::flag_from_imap_name(name);
    if (!flag) flag = model::flag_from_imap_name('\\' + std::string(name));
    if (flag) {
        to.flags = to.flags.with(*flag);
        return;
    }
    if (const auto problem = model::keyword_problem(name); !problem.empty())
        throw Error(Errc::usage, quote(name) + " is no flag and no keyword: " + std::string(problem));
    to.keywords = model::merged(to.keywords, model::normalised({std::string(name)}));
}

std::string folded(std::string_view text) {
    return mime::lower_case(mime::nfc(text));
}

bool matches_header(const Criteria& criteria, const mime::Envelope& envelope) {
    const auto is_wanted = [&](const mime::Address& address) {
        return folded(address.name + " <" + mime::to_addr_spec(address) + ">").find(criteria.from) != std::string::npos;
    };
    if (!criteria.from.empty() && std::none_of(envelope.from.begin(), envelope.from.end(), is_wanted)) return false;
    return criteria.subject.empty() || folded(envelope.subject).find(criteria.subject) != std::string::npos;
}

}  // namespace mox::exporting
