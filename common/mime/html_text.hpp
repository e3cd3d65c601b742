#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

// What a reader sees of an HTML page, and where its links lead. gumbo stays inside.

namespace mox::mime {

// Of a longer page only this much is read.
inline constexpr std::size_t max_html_bytes = 512U << 10U;
// A page with more tags, with more attributes in one tag, or for which the parser wants more than max_html_memory_bytes
// is not parsed: its tags are taken out and nothing else is understood of it.
inline constexpr std::size_t max_html_tags = 20'000;
inline constexpr std::size_t max_html_attributes = 1'000;
inline constexpr std::size_t max_html_memory_bytes = 48U << 20U;

struct HtmlText {
    std::string
        text;  // visible, UTF-8; tags of blocks, cells, breaks and images separate words, <b> and the like do not
    std::string hidden;              // not displayed, of no size, or in the colour of its background
    std::vector<std::string> links;  // targets of links, forms and images, as written, in order
    bool parsed = true;              // false: the tags were only taken out
};

// `html` in UTF-8. Never throws for contents. Scripts, styles and comments are no text; the alternative text of images
// is. Memory and time are bounded by the limits above.
[[nodiscard]] HtmlText read_html(std::string_view html);

}  // namespace mox::mime
