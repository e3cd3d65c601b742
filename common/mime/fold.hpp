#pragma once

#include <string>
#include <string_view>

// Text for comparisons that do not care for case: Unicode's simple case folding, one character for one, so that a part
// of a text folds to a part of the folded text. Ill-formed UTF-8 becomes U+FFFD.

namespace mox::mime {

void append_folded(std::string& out, std::string_view utf8);
[[nodiscard]] std::string folded(std::string_view utf8);
// True when `folded_text` is in `text`, folded.
[[nodiscard]] bool contains_folded(std::string_view text, std::string_view folded_text, std::string& buffer);

}  // namespace mox::mime
