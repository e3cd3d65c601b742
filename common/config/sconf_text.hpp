#pragma once

#include <cstddef>
#include <string>

#include "config/sconf_schema.hpp"

// Layout shared by writing and describing.

namespace mox::config::sconf {

enum class Gap { none, blank_line };

[[nodiscard]] inline std::string indentation(std::size_t depth) {
    return std::string(depth, '\t');
}

// The field's meaning as comment lines of at most 80 characters after the indentation, "(optional)" at the end of those
// that are; empty when there is nothing to say. `gap` is what comes before a comment.
[[nodiscard]] std::string comment_of(const Field& field, std::size_t depth, Gap gap);

}  // namespace mox::config::sconf
