#include "server/imap/selected.hpp"

#include <algorithm>

#include "server/imap/refusal.hpp"

namespace mox::imap {

std::size_t Selected::lower_bound(std::uint32_t uid) const {
    return static_cast<std::size_t>(std::ranges::lower_bound(uids_, uid) - uids_.begin());
}

std::optional<std::size_t> Selected::find(store::Uid uid) const {
    const std::size_t at = lower_bound(number(uid));
    if (at == size() || uids_[at] != number(uid)) return std::nullopt;
    return at;
}

IndexRanges Selected::by_number(const SequenceSet& set, Missing missing) const {
    // Clients ask for "4:*" without looking whether there is a message 4.
    const auto largest = static_cast<std::uint32_t>(size());
    SequenceSet bounded = set;
    for (auto& range : bounded.ranges)
        if ((range.first == 0) != (range.last == 0)) {
            range.first = std::min(range.first, largest);
            range.last = std::min(range.last, largest);
        }
    NumberRanges ranges = resolved(bounded, largest);
    if (!ranges.empty() && (ranges.front().first == 0 || ranges.back().last > size())) {
        if (missing == Missing::refused)
            throw bad("no message " + std::to_string(ranges.back().last) + " in the mailbox");
        std::erase_if(ranges, [&](const NumberRange& range) { return range.first == 0 || range.first > largest; });
        if (!ranges.empty()) ranges.back().last = std::min(ranges.back().last, largest);
    }
    if (set.saved) {
        for (const auto& range : by_uids(saved))
            ranges.push_back({static_cast<std::uint32_t>(range.begin + 1), static_cast<std::uint32_t>(range.end)});
        normalise(ranges);
    }
    IndexRanges positions;
    for (const auto& range : ranges) add(positions, {range.first - 1, range.last});
    return positions;
}

IndexRanges Selected::by_uid(const SequenceSet& set) const {
    NumberRanges ranges = resolved(set, largest_uid());
    if (set.saved) {
        ranges.insert(ranges.end(), saved.begin(), saved.end());
        normalise(ranges);
    }
    return by_uids(ranges);
}

IndexRanges Selected::by_uids(const NumberRanges& ranges) const {
    IndexRanges positions;
    for (const auto& range : ranges) {
        const std::size_t begin = lower_bound(range.first);
        if (begin == size()) break;
        const auto end =
            std::ranges::upper_bound(uids_.begin() + static_cast<std::ptrdiff_t>(begin), uids_.end(), range.last);
        add(positions, {begin, static_cast<std::size_t>(end - uids_.begin())});
    }
    return positions;
}

store::UidRanges Selected::uid_ranges(const IndexRanges& positions) const {
    store::UidRanges ranges;
    ranges.reserve(positions.size());
    for (const auto& range : positions) ranges.push_back({uid(range.begin), uid(range.end - 1)});
    return ranges;
}

NumberRanges Selected::uid_numbers(const IndexRanges& positions) const {
    RangeCollector numbers;
    for (const auto& range : positions)
        for (std::size_t at = range.begin; at < range.end; ++at) numbers.add(uids_[at]);
    return numbers.ranges();
}

bool Selected::is_recent(std::uint32_t uid) const {
    const auto after = std::ranges::upper_bound(recent, uid, {}, &NumberRange::first);
    return after != recent.begin() && uid <= std::prev(after)->last;
}

std::size_t Selected::recent_count() const {
    return count_of(by_uids(recent));
}

void Selected::reserve(std::size_t count) {
    uids_.reserve(count);
    messages_.reserve(count);
}

void Selected::append(store::Uid uid, store::MessageId message) {
    uids_.push_back(number(uid));
    messages_.push_back(message);
}

std::vector<std::uint32_t> Selected::remove(const std::vector<std::uint32_t>& uids, std::vector<std::uint32_t>& known) {
    std::vector<std::uint32_t> numbers;
    if (uids.empty() || empty()) return numbers;
    std::size_t kept = lower_bound(uids.front());
    auto next = uids.begin();
    for (std::size_t at = kept; at < size(); ++at) {
        while (next != uids.end() && *next < uids_[at]) ++next;
        if (next != uids.end() && *next == uids_[at]) {
            numbers.push_back(static_cast<std::uint32_t>(kept + 1));
            known.push_back(*next++);
            continue;
        }
        uids_[kept] = uids_[at];
        messages_[kept++] = messages_[at];
    }
    uids_.resize(kept);
    messages_.resize(kept);
    return numbers;
}

}  // namespace mox::imap
