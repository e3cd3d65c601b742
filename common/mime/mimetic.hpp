#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// What this layer takes from mimetic, in terms of the standard library: its headers stay in mimetic_*.cpp. Each
// function says what it may be given, since mimetic answers wrongly, or reads outside its tables, for other input;
// callers see to it. Nothing here recurses.

namespace mox::mime::library {

// Characters of the base64 alphabet only: mimetic looks up "|" one past the end of its table, and takes "=" that does
// not end a group for a digit. The last group may have two or three digits; a single one gives nothing.
void decode_base64(std::string_view digits, std::string& out);

// Text in which each "=" starts an escape, without control characters (mimetic drops them and turns CR and CRLF into
// LF) and without blanks at the end ("a " gives "a=", and a line end after blanks is lost).
void decode_quoted_printable(std::string_view text, std::string& out);

// Lines of 76 characters, CRLF between them.
void encode_base64(std::string_view bytes, std::string& out);
// One line without its line end. CRLF after each soft line break.
enum class Controls { absent, present };  // mimetic takes CR and LF for a line end unless it is told
void encode_quoted_printable_line(std::string_view line, Controls controls, std::string& out);

// Longest field that mimetic is given, in bytes.
inline constexpr std::size_t max_field_bytes = 16'384;

struct SplitField {
    std::string value;
    std::vector<std::pair<std::string, std::string>> parameters;  // as written, without quotes
};
// "value; name=value; name="quoted value"", unfolded. Comments and blanks between the pieces are removed before mimetic
// sees it. Nothing when the text is too long or needs guessing, and for what mimetic reads wrongly: in quotes it splits
// at ";" and keeps backslashes, "a/b/c" loses the "c".
[[nodiscard]] std::optional<SplitField> split_field(std::string_view value);

struct SplitMailbox {
    std::string label, localpart, domain;  // as written: with quotes
};
// Nothing when the text is too long or has a group, or mimetic lost something. The text must have no comments.
[[nodiscard]] std::optional<std::vector<SplitMailbox>> split_addresses(const std::string& text);

}  // namespace mox::mime::library
