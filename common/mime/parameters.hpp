#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

// Fields of the form "value; name=value; ..." (RFC 2045 section 5.1, RFC 2183), with the continuations and charsets of
// RFC 2231. mimetic splits well-formed fields; continuations and charsets, of which it knows nothing, are put together
// on its result. What it reads wrongly (";" and backslashes in quotes) and whatever needs guessing, our own reader
// reads; the shortest forms too, for speed.

namespace mox::mime {

// Parameters read of one field; the rest is dropped.
inline constexpr std::size_t max_parameters = 100;

struct Parameter {
    std::string name;   // lower case
    std::string value;  // UTF-8, unquoted, pieces put together

    friend bool operator==(const Parameter&, const Parameter&) = default;
};

struct ParameterisedField {
    std::string value;                  // lower case, blanks and comments removed: "text/plain", "attachment"
    std::vector<Parameter> parameters;  // in order; the first of each name only
    std::string boundary;               // of the parameter of that name, its raw bytes without blanks at the end
    bool well_formed = true;            // false: something had to be guessed or dropped
};

// Lenient. Encoded words (RFC 2047) are decoded in "name" and "filename", where many programs put them.
[[nodiscard]] ParameterisedField parse_parameterised(std::string_view value);

// The value of the parameter `name` (lower case); nullptr when there is none.
[[nodiscard]] const std::string* find_parameter(const std::vector<Parameter>& parameters, std::string_view name);

}  // namespace mox::mime
