#include "server/imap/search_answer.hpp"

#include <algorithm>

#include "server/imap/writer.hpp"

namespace mox::imap {

namespace {

using Matches = std::vector<SearchRun::Match>;

std::uint32_t number_of(const SearchAnswer& answer, const Selected& view, std::uint32_t position) {
    return answer.uids ? number(view.uid(position)) : position + 1;
}

std::uint64_t highest_modseq(const Matches& matches) {
    std::int64_t highest = 0;
    for (const auto& match : matches) highest = std::max(highest, match.modseq);
    return static_cast<std::uint64_t>(highest);
}

// Those that the answer gives, when it does not stand for all.
Matches told(const ReturnOptions& returns, const Matches& matches) {
    const bool some = (returns.min || returns.max || returns.page) && !returns.all && !returns.count;
    if (!some || matches.empty()) return matches;
    Matches out;
    if (returns.page) {
        const auto places = returns.page->of(matches.size());
        out.assign(matches.begin() + static_cast<std::ptrdiff_t>(places.begin),
                   matches.begin() + static_cast<std::ptrdiff_t>(places.end));
    }
    if (returns.min) out.push_back(matches.front());
    if (returns.max) out.push_back(matches.back());
    return out;
}

}  // namespace

void write_classic(std::string& out, const SearchAnswer& answer, const Selected& view, const Matches& matches,
                   std::string_view name) {
    Writer to(out, Texts::ascii);
    to.raw("* ");
    to.raw(name);
    for (const auto& match : matches) {
        to.raw(' ');
        to.number(number_of(answer, view, match.position));
    }
    if (answer.with_modseq && !matches.empty()) {
        to.raw(" (MODSEQ ");
        to.number(highest_modseq(matches));
        to.raw(')');
    }
    to.raw("\r\n");
}

void write_extended(std::string& out, const SearchAnswer& answer, const ReturnOptions& returns, const Selected& view,
                    const Matches& matches) {
    if (returns == ReturnOptions{.save = true}) return;
    Writer to(out, Texts::ascii);
    to.raw("* ESEARCH (TAG ");
    to.string(answer.tag);
    to.raw(answer.uids ? ") UID" : ")");
    const auto write_set = [&](const IndexRange& places) {
        RangeCollector numbers;
        for (std::size_t i = places.begin; i < places.end; ++i)
            numbers.add(number_of(answer, view, matches[i].position));
        to.raw(compact_set(numbers.ranges()));
    };
    if (returns.min && !matches.empty()) {
        to.raw(" MIN ");
        to.number(number_of(answer, view, matches.front().position));
    }
    if (returns.max && !matches.empty()) {
        to.raw(" MAX ");
        to.number(number_of(answer, view, matches.back().position));
    }
    if (returns.count) {
        to.raw(" COUNT ");
        to.number(matches.size());
    }
    if (returns.all && !matches.empty()) {
        to.raw(" ALL ");
        write_set({0, matches.size()});
    }
    if (returns.page) {
        to.raw(" PARTIAL (");
        to.raw(to_string(*returns.page));
        to.raw(' ');
        const auto places = returns.page->of(matches.size());
        if (places.begin == places.end)
            to.raw("NIL");
        else
            write_set(places);
        to.raw(')');
    }
    if (const auto given = told(returns, matches); answer.with_modseq && !given.empty()) {
        to.raw(" MODSEQ ");
        to.number(highest_modseq(given));
    }
    to.raw("\r\n");
}

NumberRanges saved_result(const ReturnOptions& returns, const Selected& view, const Matches& matches) {
    std::vector<std::uint32_t> uids;
    for (const auto& match : told(returns, matches)) uids.push_back(number(view.uid(match.position)));
    std::ranges::sort(uids);
    uids.erase(std::unique(uids.begin(), uids.end()), uids.end());
    RangeCollector collected;
    for (const auto uid : uids) collected.add(uid);
    return collected.ranges();
}

}  // namespace mox::imap
