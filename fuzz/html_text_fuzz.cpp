// Text of pages: never a throw, text no longer than the page says, and the same again.

#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "mime/charset.hpp"
#include "mime/html_text.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string page = mox::mime::guess_utf8({reinterpret_cast<const char*>(data), size});
    const auto first = mox::mime::read_html(page), second = mox::mime::read_html(page);
    // A tag of three bytes gives a blank; a named character of four bytes gives six at most.
    if (first.text.size() + first.hidden.size() > 6 * page.size() + 16) std::abort();
    if (first.text != second.text || first.hidden != second.hidden || first.links != second.links) std::abort();
    return 0;
}
