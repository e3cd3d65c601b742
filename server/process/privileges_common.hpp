#pragma once

#include "server/process/user.hpp"

// What both forms of privileges.hpp share.

namespace mox::process {

// setgroups, setgid, setuid, in that order and with their results checked; then that none of it can be undone.
void change_identity(const User& user);
void limit_core_dumps();

}  // namespace mox::process
