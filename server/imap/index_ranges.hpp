#pragma once

#include <cstddef>
#include <vector>

namespace mox::imap {

// Positions in a list: from begin to end, without end.
struct IndexRange {
    std::size_t begin = 0, end = 0;
    friend bool operator==(const IndexRange&, const IndexRange&) = default;
};
// In ascending order, disjoint.
using IndexRanges = std::vector<IndexRange>;

// Puts a range behind all others; nothing when it is empty.
void add(IndexRanges& to, const IndexRange& range);
[[nodiscard]] std::size_t count_of(const IndexRanges& positions);
// What is in both.
[[nodiscard]] IndexRanges common(const IndexRanges& a, const IndexRanges& b);
// Those of the positions that stand at `places` among them: 0 is the first.
[[nodiscard]] IndexRanges part_of(const IndexRanges& positions, const IndexRange& places);

}  // namespace mox::imap
