#include "server/imap/page.hpp"

#include <algorithm>

namespace mox::imap {

namespace {

std::uint32_t counted_from_one(Cursor& in) {
    const auto number = static_cast<std::uint32_t>(in.expect_number(0xffffffff));
    if (number == 0) in.fail("expected a number above 0");
    return number;
}

}  // namespace

IndexRange Page::of(std::size_t count) const {
    const auto skipped = std::min<std::size_t>(first - 1, count), end = std::min<std::size_t>(last, count);
    return from_end ? IndexRange{count - end, count - skipped} : IndexRange{skipped, end};
}

Page parse_page(Cursor& in) {
    Page page{.from_end = in.take('-')};
    page.first = counted_from_one(in);
    in.expect(':');
    if (page.from_end) in.expect('-');
    page.last = counted_from_one(in);
    if (page.first > page.last) std::swap(page.first, page.last);
    return page;
}

std::string to_string(const Page& page) {
    const std::string sign = page.from_end ? "-" : "";
    return sign + std::to_string(page.first) + ":" + sign + std::to_string(page.last);
}

}  // namespace mox::imap
