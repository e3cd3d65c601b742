#pragma once

#include <string>
#include <string_view>

#include "model/special_use.hpp"

namespace mox::imap {

// "\Sent \Trash"; empty for none.
[[nodiscard]] std::string special_use_names(model::SpecialUse use);
// Of "\Sent", in any case; none for what no mailbox can have here.
[[nodiscard]] model::SpecialUse special_use_named(std::string_view name);

}  // namespace mox::imap
