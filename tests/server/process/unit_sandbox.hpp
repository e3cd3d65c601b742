#pragma once

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace mox::test {

// What RestrictSUIDSGID and RestrictAddressFamilies of a unit do to this process and its children, for good: no mode
// with a set-ID bit, no sockets but those of IP and of this host. False when it cannot be done.
inline bool restrict_system_calls() {
    std::vector<sock_filter> filter;
    const auto add = [&](int code, std::size_t value, int then = 0, int otherwise = 0) {
        filter.push_back({static_cast<std::uint16_t>(code), static_cast<std::uint8_t>(then),
                          static_cast<std::uint8_t>(otherwise), static_cast<std::uint32_t>(value)});
    };
    constexpr int load = BPF_LD | BPF_W | BPF_ABS, equals = BPF_JMP | BPF_JEQ | BPF_K, has = BPF_JMP | BPF_JSET | BPF_K,
                  end = BPF_RET | BPF_K;
    // The low half of an argument, on machines that store it first.
    const auto argument = [](unsigned index) { return offsetof(seccomp_data, args) + 8UL * index; };
    const auto forbid_set_id = [&](int call, unsigned mode) {
        add(equals, static_cast<std::size_t>(call), 0, 4);
        add(load, argument(mode));
        add(has, 06000, 1, 0);
        add(end, SECCOMP_RET_ALLOW);
        add(end, SECCOMP_RET_ERRNO | EPERM);
    };
    add(load, offsetof(seccomp_data, nr));
    forbid_set_id(__NR_fchmod, 1);
    forbid_set_id(__NR_fchmodat, 2);
    forbid_set_id(__NR_mkdirat, 2);
#ifdef __NR_chmod
    forbid_set_id(__NR_chmod, 1);
    forbid_set_id(__NR_mkdir, 1);
#endif
    const int families[] = {AF_INET, AF_INET6, AF_UNIX};
    add(equals, __NR_socket, 0, 2 + 2 * 3);
    add(load, argument(0));
    for (const int family : families) {
        add(equals, static_cast<std::size_t>(family), 0, 1);
        add(end, SECCOMP_RET_ALLOW);
    }
    add(end, SECCOMP_RET_ERRNO | EAFNOSUPPORT);
    add(end, SECCOMP_RET_ALLOW);
    const sock_fprog program{static_cast<unsigned short>(filter.size()), filter.data()};
    return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

}  // namespace mox::test
