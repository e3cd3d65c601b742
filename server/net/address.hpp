#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mox::net {

// An address with a port, of IPv4 or IPv6.
struct Endpoint {
    std::string ip;  // "192.0.2.1", "2001:db8::1"
    std::uint16_t port = 0;
    friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

// "192.0.2.1:993", "[2001:db8::1]:993"
[[nodiscard]] std::string to_string(const Endpoint& endpoint);

// For system calls. nullopt: `ip` is no address.
struct SocketAddress {
    sockaddr_storage storage{};
    socklen_t size = 0;
};
[[nodiscard]] std::optional<SocketAddress> socket_address(const Endpoint& endpoint);
// nullopt for anything but IPv4 and IPv6. An IPv4 address mapped into IPv6 is IPv4.
[[nodiscard]] std::optional<Endpoint> endpoint_of(const sockaddr_storage& storage);

// The two ends of an open socket.
[[nodiscard]] std::optional<Endpoint> local_endpoint(int fd);
[[nodiscard]] std::optional<Endpoint> remote_endpoint(int fd);

}  // namespace mox::net
