#pragma once

#include <cstdint>
#include <string>

#include "base/cursor.hpp"
#include "server/imap/index_ranges.hpp"

namespace mox::imap {

// The part of a list that a client wants: "501:1000", or "-1:-100", which counts from the end (RFC 9394 section 3.1,
// RFC 5267 section 4.4). A client's 4:2 is 2:4.
struct Page {
    std::uint32_t first = 1, last = 1;  // first <= last; 1 is the first of the list, or the last
    bool from_end = false;
    friend bool operator==(const Page&, const Page&) = default;

    // Which of `count` results are on it, in the order of the list.
    [[nodiscard]] IndexRange of(std::size_t count) const;
};

// partial-range (RFC 9394 section 4). Throws SyntaxError.
[[nodiscard]] Page parse_page(Cursor& in);
[[nodiscard]] std::string to_string(const Page& page);

}  // namespace mox::imap
