#pragma once

#include <string_view>

namespace mox::cli {

// "0.1.0", the version of the project.
[[nodiscard]] std::string_view version();
// The checkout it was built from as `git describe` names it; empty when it was built outside one.
[[nodiscard]] std::string_view revision();

inline constexpr std::string_view license = "MIT";

}  // namespace mox::cli
