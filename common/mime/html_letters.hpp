#pragma once

#include <string>
#include <string_view>

// A quick look at a page of HTML, to tell whether it is worth parsing when a text is looked for.

namespace mox::mime {

// Appends the ASCII letters (in lower case) and digits of `text`, without all else between them.
void append_letters(std::string& out, std::string_view text);

// The same of the text of a page: without tags, and with character references to letters and digits read. When
// read_html() finds a text, this finds its letters, but where the two take apart differently what is no proper HTML, or
// the page shows things in another order than it has them.
void append_html_letters(std::string& out, std::string_view html);

}  // namespace mox::mime
