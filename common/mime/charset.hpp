#pragma once

#include <string>
#include <string_view>

// Text in any character set to UTF-8. ICU stays inside. No function throws for what the bytes are, and every result is
// well-formed UTF-8 (RFC 3629): what cannot be read becomes U+FFFD.

namespace mox::mime {

// `bytes` as `charset` (any case, any of its usual aliases) says. ISO-8859-1 is read as Windows-1252, as mail programs
// do. With an empty or unknown charset, or US-ASCII with bytes above 127: as guess_utf8().
[[nodiscard]] std::string to_utf8(std::string_view bytes, std::string_view charset);

// For text that names no charset: as it is when it is UTF-8, otherwise read as Windows-1252.
[[nodiscard]] std::string guess_utf8(std::string_view bytes);

// True for a charset that to_utf8() knows by name.
[[nodiscard]] bool is_known_charset(std::string_view charset);

// Unicode normalisation form C. Ill-formed UTF-8 is repaired with U+FFFD first.
[[nodiscard]] std::string nfc(std::string_view utf8);

// Every character in lower case, whatever the locale.
[[nodiscard]] std::string lower_case(std::string_view utf8);

}  // namespace mox::mime
