#pragma once

#include <filesystem>
#include <vector>

#include "base/fd.hpp"
#include "base/file.hpp"
#include "server/net/address.hpp"

namespace mox::net {

// A listening TCP socket, non-blocking. IPv6 sockets take no IPv4. Throws Error{failed} with a hint: the port is taken,
// it needs root, the address is not of this host.
[[nodiscard]] UniqueFd listen_tcp(const Endpoint& endpoint);

// A listening socket at `path` that only its owner (and root) can open. A socket there is replaced: whoever calls this
// holds the lock that its owner would hold.
[[nodiscard]] UniqueFd listen_local(const std::filesystem::path& path, const Ownership& ownership);

// Sockets that systemd opened for us (sd_listen_fds(3)), close-on-exec and non-blocking; the variables are taken from
// the environment. Empty when there are none. Throws Error{failed} when one is no listening socket.
[[nodiscard]] std::vector<UniqueFd> take_passed_sockets();

}  // namespace mox::net
