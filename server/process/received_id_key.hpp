#pragma once

#include <string>

#include "datadir/layout.hpp"
#include "server/process/user.hpp"

namespace mox::process {

// The contents of receivedid.key: 24 random bytes, from which ids of Received fields and made-up salts are derived. A
// file that is missing or of another size is made anew, for the user to read.
[[nodiscard]] std::string received_id_key(const datadir::Layout& layout, const User& user);

}  // namespace mox::process
