#include <sys/stat.h>

#include "server/process/privileges.hpp"
#include "server/process/privileges_common.hpp"

namespace mox::process {

void become(const User& user) {
    change_identity(user);
}

void confine() {
    limit_core_dumps();
    (void)::umask(007);
}

}  // namespace mox::process
