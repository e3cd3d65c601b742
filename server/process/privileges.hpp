#pragma once

#include "server/process/user.hpp"

// Giving up what a process may do. There must be no other thread yet.

namespace mox::process {

// Becomes `user` for good: no other groups, no way back. Only as root. Throws Error{failed} when anything of root is
// left, and then the process must end.
void become(const User& user);

// Gives up every capability and the right to get new ones, and core dumps, which would hold passwords; files are made
// for user and group alone. Whoever runs the process.
void confine();

}  // namespace mox::process
