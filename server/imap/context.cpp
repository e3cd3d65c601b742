#include "server/imap/context.hpp"

#include <algorithm>

#include "server/imap/limits.hpp"
#include "server/imap/selected.hpp"
#include "server/imap/writer.hpp"

namespace mox::imap {

namespace {

using Uids = std::vector<std::uint32_t>;

SequenceSet set_of(const NumberRanges& ranges) {
    SequenceSet set;
    for (const auto& range : ranges) set.ranges.push_back({range.first, range.last});
    return set;
}

NumberRanges without_star(const SequenceSet& set, std::uint32_t largest) {
    NumberRanges ranges;
    for (const auto& range : set.ranges) {
        const std::uint32_t lower = std::min(range.first, range.last), upper = std::max(range.first, range.last);
        if (lower != 0)
            ranges.push_back({lower, upper});
        else if (upper != 0)
            ranges.push_back({largest == 0 ? upper : std::min(upper, largest), 0xffffffff});
        else if (largest != 0)
            ranges.push_back({largest, largest});
    }
    return ranges;
}

void fix_numbers(SearchKey& key, const Selected& view) {
    for (auto& inner : key.keys) fix_numbers(inner, view);
    if (key.kind != SearchKey::Kind::numbers && key.kind != SearchKey::Kind::uids) return;
    NumberRanges ranges;
    if (key.kind == SearchKey::Kind::uids) {
        ranges = without_star(key.set, view.largest_uid());
        if (key.set.saved) ranges.insert(ranges.end(), view.saved.begin(), view.saved.end());
    } else {
        for (const auto& range : view.uid_ranges(view.by_number(key.set, Selected::Missing::skipped)))
            ranges.push_back({number(range.first), number(range.last)});
    }
    normalise(ranges);
    key.kind = SearchKey::Kind::uids;
    key.set = set_of(ranges);
}

struct Size {
    std::size_t keys = 0, bytes = 0;
    bool needs_clock = false;
};
void measure(const SearchKey& key, Size& size) {
    ++size.keys;
    size.bytes += key.text.size() + key.name.size() + key.set.ranges.size() * sizeof(SequenceRange);
    size.needs_clock = size.needs_clock || key.kind == SearchKey::Kind::older || key.kind == SearchKey::Kind::younger;
    for (const auto& inner : key.keys) measure(inner, size);
}

// Calls `found` for each of the result that is among some UIDs, and where it stands.
template <class Found>
void visit_members(const Context& context, const Uids& uids, Found found) {
    if (uids.empty()) return;
    const auto& result = context.result;
    auto at = result.begin(), end = result.end();
    if (!context.is_sorted()) {
        at = std::ranges::lower_bound(result, uids.front());
        end = std::ranges::upper_bound(result, uids.back());
    }
    for (; at != end; ++at)
        if (std::ranges::binary_search(uids, *at)) found(static_cast<std::size_t>(at - result.begin()), *at);
}

}  // namespace

SearchKey with_fixed_numbers(SearchKey key, const Selected& view) {
    fix_numbers(key, view);
    return key;
}

std::optional<std::string_view> reason_against_updates(const SearchKey& fixed) {
    Size size;
    measure(fixed, size);
    if (size.needs_clock) return "such results change as time goes by";
    if (size.keys > max_context_keys || size.bytes > max_context_bytes) return "the search is too complex";
    return std::nullopt;
}

Uids members(const Context& context, const Uids& uids) {
    Uids found;
    visit_members(context, uids, [&](std::size_t, std::uint32_t uid) { found.push_back(uid); });
    if (context.is_sorted()) std::ranges::sort(found);
    return found;
}

std::vector<ContextRun> take_out(Context& context, const Uids& uids) {
    std::vector<ContextRun> runs;
    std::vector<std::size_t> places;
    visit_members(context, uids, [&](std::size_t place, std::uint32_t uid) {
        if (places.empty() || places.back() + 1 != place) runs.push_back({.position = place + 1 - places.size()});
        runs.back().uids.push_back(uid);
        places.push_back(place);
    });
    if (places.empty()) return runs;
    auto& result = context.result;
    std::size_t kept = places.front(), next = 0;
    for (std::size_t at = kept; at < result.size(); ++at) {
        if (next < places.size() && places[next] == at)
            ++next;
        else
            result[kept++] = result[at];
    }
    result.resize(kept);
    return runs;
}

std::vector<ContextRun> put_in(Context& context, const Uids& uids, const std::vector<std::size_t>& places) {
    std::vector<ContextRun> runs;
    auto& result = context.result;
    const std::size_t before = result.size();
    result.resize(before + uids.size());
    for (std::size_t i = uids.size(), end = before; i > 0; --i) {
        const std::size_t place = places[i - 1];
        std::move_backward(result.begin() + static_cast<std::ptrdiff_t>(place),
                           result.begin() + static_cast<std::ptrdiff_t>(end),
                           result.begin() + static_cast<std::ptrdiff_t>(end + i));
        result[place + i - 1] = uids[i - 1];
        end = place;
    }
    for (std::size_t i = 0; i < uids.size(); ++i) {
        if (i == 0 || places[i] != places[i - 1]) runs.push_back({.position = places[i] + i + 1});
        runs.back().uids.push_back(uids[i]);
    }
    return runs;
}

void write_change(std::string& out, const Context& context, ContextChange change, const std::vector<ContextRun>& runs,
                  const Selected& view) {
    if (runs.empty()) return;
    Writer to(out, Texts::ascii);
    to.raw("* ESEARCH (TAG ");
    to.string(context.tag);
    to.raw(context.uids ? ") UID" : ")");
    to.raw(change == ContextChange::add_to ? " ADDTO (" : " REMOVEFROM (");
    RangeCollector numbers;
    for (const auto& run : runs) {
        for (const auto uid : run.uids)
            numbers.add(context.uids ? uid : static_cast<std::uint32_t>(view.lower_bound(uid) + 1));
        if (!context.is_sorted() && &run != &runs.back()) continue;
        to.number(context.is_sorted() ? run.position : std::size_t{0});
        to.raw(' ');
        to.raw(compact_set(numbers.ranges()));
        to.raw(&run == &runs.back() ? ")\r\n" : " ");
        numbers = {};
    }
}

}  // namespace mox::imap
