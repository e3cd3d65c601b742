#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/cursor.hpp"

// Sets of message numbers or UIDs (RFC 9051 section 9, sequence-set), as clients write them and as they are told.

namespace mox::imap {

// From `first` to `last`, both included, in the order of the client: 9:3 is as 3:9. 0 stands for "*".
struct SequenceRange {
    std::uint32_t first = 0, last = 0;
    friend bool operator==(const SequenceRange&, const SequenceRange&) = default;
};

struct SequenceSet {
    std::vector<SequenceRange> ranges;
    bool saved = false;  // "$", the result of the last SEARCH that was to be saved (RFC 9051 section 6.4.4.1)
    friend bool operator==(const SequenceSet&, const SequenceSet&) = default;
};

// Numbers from first to last, both included.
struct NumberRange {
    std::uint32_t first = 0, last = 0;
    friend bool operator==(const NumberRange&, const NumberRange&) = default;
};
using NumberRanges = std::vector<NumberRange>;

// Reads a set; stops at what cannot belong to it. Throws SyntaxError.
[[nodiscard]] SequenceSet parse_sequence_set(Cursor& in);
// The whole text.
[[nodiscard]] SequenceSet parse_sequence_set(std::string_view text);
// As a client would write it.
[[nodiscard]] std::string to_string(const SequenceSet& set);

// The ranges in ascending order, disjoint and with gaps between them; "*" is `largest`. Without what "$" stands for.
[[nodiscard]] NumberRanges resolved(const SequenceSet& set, std::uint32_t largest);

// Sorted and merged, for ranges with first <= last.
void normalise(NumberRanges& ranges);

// "1:3,5", shortest form of ascending numbers without repetitions; "" for none.
[[nodiscard]] std::string compact_set(std::span<const std::uint32_t> numbers);
[[nodiscard]] std::string compact_set(const NumberRanges& ranges);

// Puts ascending numbers together, one at a time.
class RangeCollector {
public:
    void add(std::uint32_t number) {
        if (!ranges_.empty() && ranges_.back().last + 1 == number)
            ranges_.back().last = number;
        else
            ranges_.push_back({number, number});
    }
    [[nodiscard]] bool empty() const { return ranges_.empty(); }
    [[nodiscard]] const NumberRanges& ranges() const { return ranges_; }

private:
    NumberRanges ranges_;
};

}  // namespace mox::imap
