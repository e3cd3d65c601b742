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

// MIN or MAX without anything that tells all.
bool only_ends(const ReturnOptions& returns) {
    return (returns.min || returns.max) && !returns.all && !returns.count;
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
    if (returns.save && !returns.min && !returns.max && !returns.all && !returns.count) return;
    Writer to(out, Texts::ascii);
    to.raw("* ESEARCH (TAG ");
    to.string(answer.tag);
    to.raw(answer.uids ? ") UID" : ")");
    const auto [lowest, highest] = std::ranges::minmax_element(matches, {}, &SearchRun::Match::position);
    if (returns.min && !matches.empty()) {
        to.raw(" MIN ");
        to.number(number_of(answer, view, lowest->position));
    }
    if (returns.max && !matches.empty()) {
        to.raw(" MAX ");
        to.number(number_of(answer, view, highest->position));
    }
    if (returns.count) {
        to.raw(" COUNT ");
        to.number(matches.size());
    }
    if (returns.all && !matches.empty()) {
        RangeCollector numbers;
        for (const auto& match : matches) numbers.add(number_of(answer, view, match.position));
        to.raw(" ALL ");
        to.raw(compact_set(numbers.ranges()));
    }
    if (answer.with_modseq && !matches.empty()) {
        Matches told;
        if (returns.min) told.push_back(*lowest);
        if (returns.max) told.push_back(*highest);
        to.raw(" MODSEQ ");
        to.number(highest_modseq(only_ends(returns) ? told : matches));
    }
    to.raw("\r\n");
}

NumberRanges saved_result(const ReturnOptions& returns, const Selected& view, const Matches& matches) {
    RangeCollector uids;
    const bool ends = only_ends(returns);
    for (const auto& match : matches) {
        const bool is_first = &match == &matches.front(), is_last = &match == &matches.back();
        if (!ends || (returns.min && is_first) || (returns.max && is_last)) uids.add(number(view.uid(match.position)));
    }
    return uids.ranges();
}

}  // namespace mox::imap
