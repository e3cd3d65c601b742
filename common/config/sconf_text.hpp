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

// The lines of one field of `object`, and of one element of a map (a zero one that has contents as "key: nil"), as
// write() has them, at `depth` tabs. `field` is for messages.
[[nodiscard]] std::string field_text(const Field& field, const void* object, std::size_t depth);
[[nodiscard]] std::string element_text(std::string_view field, std::string_view key, const Type& type,
                                       const void* value, std::size_t depth);

}  // namespace mox::config::sconf
