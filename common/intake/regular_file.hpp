#pragma once

#include <string>
#include <string_view>

#include "intake/message_folder.hpp"

namespace mox::intake {

// Opens the regular file `name` in an open folder, without following a link and without waiting for a FIFO. What else
// it is, or why it cannot be opened, is a `failure` that begins with `shown`. Throws only when the system runs out of
// descriptors or memory.
[[nodiscard]] MessageFolder::Opened open_regular_file(int folder, const std::string& name, std::string_view shown);

}  // namespace mox::intake
