#include "server/process/privileges_common.hpp"

#include <grp.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>

#include "base/encoding.hpp"
#include "base/error.hpp"

namespace mox::process {

namespace {

void require(bool done, const char* what, const User& user) {
    if (!done) throw system_error(errno, what, user.name);
}

}  // namespace

void change_identity(const User& user) {
    require(::setgroups(0, nullptr) == 0, "give up the groups of root to become", user);
    require(::setresgid(user.group, user.group, user.group) == 0, "take the group of", user);
    require(::setresuid(user.user, user.user, user.user) == 0, "become", user);
    uid_t real = 0, effective = 0, saved = 0;
    gid_t real_group = 0, effective_group = 0, saved_group = 0;
    const bool is_other = ::getresuid(&real, &effective, &saved) == 0 && real == user.user && effective == user.user &&
                          saved == user.user && ::getresgid(&real_group, &effective_group, &saved_group) == 0 &&
                          real_group == user.group && effective_group == user.group && saved_group == user.group &&
                          ::getgroups(0, nullptr) == 0 && ::setuid(0) != 0;
    if (!is_other) throw Error(Errc::failed, "something of root is left after becoming " + quote(user.name));
}

void limit_core_dumps() {
    const rlimit none{0, 0};
    (void)::setrlimit(RLIMIT_CORE, &none);  // a sandbox may forbid the call; then it forbids core dumps itself
}

}  // namespace mox::process
