#pragma once

#include <string_view>

namespace mox::datadir {

// A file of this name marks a directory that a restore has not completed: open() refuses it.
inline constexpr std::string_view restoring_name = ".restoring";

}  // namespace mox::datadir
