#include "server/imap/sequence_set.hpp"

#include <algorithm>
#include <utility>

namespace mox::imap {

namespace {

// nz-number / "*"
std::uint32_t sequence_number(Cursor& in) {
    if (in.take('*')) return 0;
    const auto number = static_cast<std::uint32_t>(in.expect_number(0xffffffff));
    if (number == 0) in.fail("expected a number above 0");
    return number;
}

void append_number(std::string& out, std::uint32_t number) {
    if (number == 0)
        out += '*';
    else
        out += std::to_string(number);
}

void append_range(std::string& out, std::uint32_t first, std::uint32_t last) {
    if (!out.empty()) out += ',';
    append_number(out, first);
    if (first == last) return;
    out += ':';
    append_number(out, last);
}

}  // namespace

SequenceSet parse_sequence_set(Cursor& in) {
    SequenceSet set;
    do {
        if (in.take('$')) {
            set.saved = true;
            continue;
        }
        const std::uint32_t first = sequence_number(in);
        set.ranges.push_back({first, in.take(':') ? sequence_number(in) : first});
    } while (in.take(','));
    return set;
}

SequenceSet parse_sequence_set(std::string_view text) {
    Cursor in(text);
    SequenceSet set = parse_sequence_set(in);
    in.expect_end();
    return set;
}

std::string to_string(const SequenceSet& set) {
    std::string out;
    for (const auto& range : set.ranges) append_range(out, range.first, range.last);
    if (set.saved) out += out.empty() ? "$" : ",$";
    return out;
}

NumberRanges resolved(const SequenceSet& set, std::uint32_t largest) {
    NumberRanges ranges;
    ranges.reserve(set.ranges.size());
    for (const auto& range : set.ranges) {
        const std::uint32_t first = range.first == 0 ? largest : range.first;
        const std::uint32_t last = range.last == 0 ? largest : range.last;
        ranges.push_back({std::min(first, last), std::max(first, last)});
    }
    normalise(ranges);
    return ranges;
}

void normalise(NumberRanges& ranges) {
    std::ranges::sort(ranges, {}, &NumberRange::first);
    std::size_t kept = 0;
    for (const auto& range : ranges) {
        if (kept > 0 && range.first <= std::uint64_t{ranges[kept - 1].last} + 1)
            ranges[kept - 1].last = std::max(ranges[kept - 1].last, range.last);
        else
            ranges[kept++] = range;
    }
    ranges.resize(kept);
}

std::string compact_set(std::span<const std::uint32_t> numbers) {
    RangeCollector collector;
    for (const auto number : numbers) collector.add(number);
    return compact_set(collector.ranges());
}

std::string compact_set(const NumberRanges& ranges) {
    std::string out;
    for (const auto& range : ranges) append_range(out, range.first, range.last);
    return out;
}

}  // namespace mox::imap
