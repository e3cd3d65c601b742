#pragma once

#include <functional>
#include <string>
#include <vector>

#include "check/scope.hpp"

namespace mox::check {

// The top of the data directory: what lies there, and whether it is of the right kind.
void check_directory(Scope& scope);

// One part of the directory that is looked at on its own.
struct Part {
    std::string path;
    std::function<void(Scope&)> check;
};
// The databases at the top, each of which may be missing.
[[nodiscard]] std::vector<Part> database_parts();

}  // namespace mox::check
