#include "server/net/address.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <array>
#include <cstring>

namespace mox::net {

std::string to_string(const Endpoint& endpoint) {
    const std::string port = ":" + std::to_string(endpoint.port);
    return endpoint.ip.find(':') == std::string::npos ? endpoint.ip + port : "[" + endpoint.ip + "]" + port;
}

std::optional<SocketAddress> socket_address(const Endpoint& endpoint) {
    SocketAddress out;
    sockaddr_in v4{};
    if (::inet_pton(AF_INET, endpoint.ip.c_str(), &v4.sin_addr) == 1) {
        v4.sin_family = AF_INET;
        v4.sin_port = htons(endpoint.port);
        std::memcpy(&out.storage, &v4, sizeof v4);
        out.size = sizeof v4;
        return out;
    }
    sockaddr_in6 v6{};
    if (::inet_pton(AF_INET6, endpoint.ip.c_str(), &v6.sin6_addr) != 1) return std::nullopt;
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(endpoint.port);
    std::memcpy(&out.storage, &v6, sizeof v6);
    out.size = sizeof v6;
    return out;
}

std::optional<Endpoint> endpoint_of(const sockaddr_storage& storage) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    if (storage.ss_family == AF_INET) {
        sockaddr_in v4{};
        std::memcpy(&v4, &storage, sizeof v4);
        ::inet_ntop(AF_INET, &v4.sin_addr, text.data(), text.size());
        return Endpoint{text.data(), ntohs(v4.sin_port)};
    }
    if (storage.ss_family != AF_INET6) return std::nullopt;
    sockaddr_in6 v6{};
    std::memcpy(&v6, &storage, sizeof v6);
    if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr))
        ::inet_ntop(AF_INET, &v6.sin6_addr.s6_addr[12], text.data(), text.size());
    else
        ::inet_ntop(AF_INET6, &v6.sin6_addr, text.data(), text.size());
    return Endpoint{text.data(), ntohs(v6.sin6_port)};
}

std::optional<Endpoint> local_endpoint(int fd) {
    sockaddr_storage storage{};
    socklen_t size = sizeof storage;
    if (::getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &size) != 0) return std::nullopt;
    return endpoint_of(storage);
}

std::optional<Endpoint> remote_endpoint(int fd) {
    sockaddr_storage storage{};
    socklen_t size = sizeof storage;
    if (::getpeername(fd, reinterpret_cast<sockaddr*>(&storage), &size) != 0) return std::nullopt;
    return endpoint_of(storage);
}

}  // namespace mox::net
