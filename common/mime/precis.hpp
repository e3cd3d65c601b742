#pragma once

#include <string>
#include <string_view>

namespace mox::mime {

// A text as PRECIS wants it, or why it cannot be had.
struct PrecisText {
    std::string text;     // empty when there is a problem
    std::string problem;  // for people, as in "has a control character"; empty: none
};

// Profile OpaqueString for passwords (RFC 8265 section 4.2): blanks of any script become spaces, the text is composed
// (NFC), and every character must belong to the FreeformClass (RFC 8264 section 4.3) in its context (RFC 5892 appendix
// A). Neither case nor width changes. An empty text is none.
[[nodiscard]] PrecisText opaque_string(std::string_view text);

}  // namespace mox::mime
