#pragma once

#include <string>

#include "store/message_contents.hpp"

namespace mox::imap {

// The structure of a message whose row has none, in its stored form.
[[nodiscard]] std::string scanned_structure(const store::MessageContents& contents);

}  // namespace mox::imap
