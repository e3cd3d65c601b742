#pragma once

#include <string_view>

namespace mox {

// "0.1.0": the release that this program belongs to.
[[nodiscard]] std::string_view program_version();

}  // namespace mox
