#include "server/imap/index_ranges.hpp"

#include <algorithm>

namespace mox::imap {

void add(IndexRanges& to, const IndexRange& range) {
    if (range.begin >= range.end) return;
    if (!to.empty() && to.back().end == range.begin)
        to.back().end = range.end;
    else
        to.push_back(range);
}

std::size_t count_of(const IndexRanges& positions) {
    std::size_t count = 0;
    for (const auto& range : positions) count += range.end - range.begin;
    return count;
}

IndexRanges common(const IndexRanges& a, const IndexRanges& b) {
    IndexRanges out;
    for (auto x = a.begin(), y = b.begin(); x != a.end() && y != b.end();) {
        const auto begin = std::max(x->begin, y->begin), end = std::min(x->end, y->end);
        if (begin < end) out.push_back({begin, end});
        x->end < y->end ? ++x : ++y;
    }
    return out;
}

IndexRanges part_of(const IndexRanges& positions, const IndexRange& places) {
    IndexRanges out;
    std::size_t before = 0;
    for (const auto& range : positions) {
        const std::size_t count = range.end - range.begin;
        const std::size_t begin = std::clamp(places.begin, before, before + count);
        const std::size_t end = std::clamp(places.end, before, before + count);
        add(out, {range.begin + begin - before, range.begin + end - before});
        before += count;
    }
    return out;
}

}  // namespace mox::imap
