#pragma once

#include <filesystem>

#include "server/log/log.hpp"
#include "server/process/user.hpp"

namespace mox::process {

struct PermissionPaths {
    std::filesystem::path working_directory, config_directory, data_directory;
};

// Gives the parts of an installation the owners and modes that they should have, so that the server can use them and
// others cannot, and logs each change: path, what was, what is now. As root only.
//
// Configuration and data directory: the user, group root, mode 2750; when one is not so, everything below it too, files
// with mode 0640. The working directory, where it holds one of the two: root, the user's group, 0751, and in it the
// program `mox`, 0750, and `mox.service`, root's, 0644.
//
// Where the service manager lets nobody set the set-group-ID bit, folders do without: the mode of the outermost one
// keeps others out.
//
// What cannot be changed is logged and left. Links are not followed, and a file of root's with several names is left as
// it is: the user may have made one of them. Throws Error when one of the three directories cannot be looked at.
void repair_permissions(const PermissionPaths& paths, const User& user, const log::Logger& log);

}  // namespace mox::process
