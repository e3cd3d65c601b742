#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/error.hpp"
#include "server/process/privileges.hpp"
#include "server/process/privileges_common.hpp"

namespace mox::process {

namespace {

using Capabilities = std::array<__user_cap_data_struct, 2>;

// A process without CAP_SETPCAP, as in the unit that mox-printservice prints, cannot make its bounding set smaller;
// no_new_privs keeps it from mattering.
void empty_bounding_set() {
    for (unsigned long capability = 0; ::prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; ++capability)
        if (::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0 && errno != EPERM)
            throw system_error(errno, "empty the capability bounding set");
}

}  // namespace

void become(const User& user) {
    empty_bounding_set();
    change_identity(user);
}

void confine() {
    (void)::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    Capabilities none{};
    if (::syscall(SYS_capset, &header, none.data()) != 0) throw system_error(errno, "give up capabilities");
    Capabilities left{};
    if (::syscall(SYS_capget, &header, left.data()) != 0) throw system_error(errno, "look at capabilities");
    for (const auto& part : left)
        if (part.effective != 0 || part.permitted != 0 || part.inheritable != 0)
            throw Error(Errc::failed, "capabilities are left that were given up");
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) throw system_error(errno, "give up new privileges");
    if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) throw system_error(errno, "switch core dumps off");
    limit_core_dumps();
    (void)::umask(007);
}

}  // namespace mox::process
