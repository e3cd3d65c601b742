#include "server/net/sockets.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

namespace mox::net {

namespace {

constexpr int keepalive_seconds = 300;

void set_option(int fd, int level, int option, int value) {
    ::setsockopt(fd, level, option, &value, sizeof value);
}

}  // namespace

void prepare_client_socket(int fd) {
    set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
#ifdef TCP_KEEPIDLE
    set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, keepalive_seconds);
#endif
}

void finish_sending(int fd) {
    ::shutdown(fd, SHUT_WR);
}

std::optional<uid_t> peer_user([[maybe_unused]] int fd) {
#ifdef SO_PEERCRED
    struct ucred who = {};
    socklen_t size = sizeof who;
    if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) == 0) return who.uid;
#endif
    return std::nullopt;
}

}  // namespace mox::net
