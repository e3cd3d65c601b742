#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace mox {

// Bytes of any contiguous text, for functions that take bytes.
[[nodiscard]] inline std::span<const std::byte> as_bytes(std::string_view text) {
    return std::as_bytes(std::span(text.data(), text.size()));
}
[[nodiscard]] inline std::string_view as_text(std::span<const std::byte> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Lower-case hexadecimal, two digits a byte.
[[nodiscard]] std::string to_hex(std::span<const std::byte> bytes);
// Either case; nullopt for an odd length or any other character.
[[nodiscard]] std::optional<std::string> from_hex(std::string_view text);

// Base64, RFC 4648 section 4, padded, on one line.
[[nodiscard]] std::string to_base64(std::span<const std::byte> bytes);
// Strict: padding required, no blanks, no stray bits; nullopt otherwise.
[[nodiscard]] std::optional<std::string> from_base64(std::string_view text);

// `text` in single quotes for people: control characters, quotes, backslashes and bytes that are not UTF-8 as escapes
// (\n, \x1b), so that a name can never confuse a terminal or a reader of a log.
[[nodiscard]] std::string quote(std::string_view text);
// The same escapes without the quotes.
[[nodiscard]] std::string escaped(std::string_view text);

// Well-formed UTF-8 as in RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF.
[[nodiscard]] bool is_utf8(std::string_view text);
// Length of the well-formed sequence at the start of `text`, 0 when there is none.
[[nodiscard]] std::size_t utf8_sequence_length(std::string_view text);

// ASCII only: other bytes stay as they are, whatever the locale.
[[nodiscard]] constexpr char ascii_lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}
[[nodiscard]] std::string ascii_lower(std::string_view text);
[[nodiscard]] bool equal_ignoring_case(std::string_view a, std::string_view b);
// Without spaces, tabs, CR and LF at both ends.
[[nodiscard]] std::string_view trimmed(std::string_view text);

}  // namespace mox
