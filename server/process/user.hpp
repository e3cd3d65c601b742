#pragma once

#include <sys/types.h>

#include <string>

namespace mox::process {

// Whom the server becomes.
struct User {
    uid_t user = 0;
    gid_t group = 0;
    std::string name;  // as configured
};

// By name, or a number that stands for user and group. Throws Error{not_found} when there is none, Error{failed} for
// root.
[[nodiscard]] User find_user(const std::string& name);
// Whoever runs this process.
[[nodiscard]] User current_user();

}  // namespace mox::process
