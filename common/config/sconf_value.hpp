#pragma once

#include <string>
#include <string_view>

#include "config/sconf_schema.hpp"

// Scalars as they stand in configuration files, in the syntax of Go's strconv and time packages.

namespace mox::config::sconf {

[[nodiscard]] constexpr bool is_scalar(Kind kind) {
    return kind < Kind::structure;
}

// Reads `text` into the value of kind `kind` at `value`, which stays as it is when the text is wrong. Returns why it is
// wrong, for people, and an empty text when it is right.
[[nodiscard]] std::string read_scalar(Kind kind, std::string_view text, void* value);
// What read_scalar reads back as the same value: "12h0m0s", "0.95", "true".
[[nodiscard]] std::string scalar_text(Kind kind, const void* value);

// A sequence of decimal numbers with units (ns us ms s m h) and an optional sign, or "0": "1h30m", "-1.5s".
[[nodiscard]] std::string read_duration(std::string_view text, Duration& value);
[[nodiscard]] std::string duration_text(Duration value);
// Decimal or hexadecimal, "_" between digits, "Inf" and "NaN".
[[nodiscard]] std::string read_float(std::string_view text, double& value);
[[nodiscard]] std::string float_text(double value);

}  // namespace mox::config::sconf
