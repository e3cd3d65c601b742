#include "server/net/bind.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>

#include "base/encoding.hpp"
#include "base/error.hpp"

namespace mox::net {

namespace {

constexpr int backlog = 1024;
constexpr int first_passed_fd = 3;

UniqueFd new_socket(int family, int type) {
    UniqueFd fd(::socket(family, type, 0));
    if (!fd) throw system_error(errno, "open a socket");
    ::fcntl(fd.get(), F_SETFD, FD_CLOEXEC);
    ::fcntl(fd.get(), F_SETFL, ::fcntl(fd.get(), F_GETFL) | O_NONBLOCK);
    return fd;
}

Error listen_error(int number, const Endpoint& endpoint) {
    const Error plain = system_error(number, "listen on", to_string(endpoint));
    std::string hint;
    if (number == EADDRINUSE)
        hint = "another program uses port " + std::to_string(endpoint.port) + "; 'ss -ltnp' names it";
    else if (number == EACCES || number == EPERM)
        hint = "ports below 1024 are for root: start as root (the server does not stay root), or take higher ports";
    else if (number == EADDRNOTAVAIL)
        hint = "this host has no address " + endpoint.ip;
    return Error(Errc::failed, plain.what(), hint);
}

int number_in(const char* variable) {
    const char* text = std::getenv(variable);
    int value = 0;
    if (text == nullptr) return 0;
    const auto [end, error] = std::from_chars(text, text + std::strlen(text), value);
    return error == std::errc() && *end == '\0' ? value : 0;
}

void set_option(int fd, int level, int option) {
    const int on = 1;
    ::setsockopt(fd, level, option, &on, sizeof on);
}

}  // namespace

UniqueFd listen_tcp(const Endpoint& endpoint) {
    const auto address = socket_address(endpoint);
    if (!address) throw Error(Errc::failed, quote(endpoint.ip) + " is no IP address");
    UniqueFd fd = new_socket(address->storage.ss_family, SOCK_STREAM);
    set_option(fd.get(), SOL_SOCKET, SO_REUSEADDR);
    if (address->storage.ss_family == AF_INET6) set_option(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY);
    const auto* const where = reinterpret_cast<const sockaddr*>(&address->storage);
    if (::bind(fd.get(), where, address->size) != 0 || ::listen(fd.get(), backlog) != 0)
        throw listen_error(errno, endpoint);
    return fd;
}

UniqueFd listen_local(const std::filesystem::path& path, const Ownership& ownership) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string name = path.string();
    if (name.size() >= sizeof address.sun_path)
        throw Error(Errc::failed, "the path of the control socket is too long: " + quote(name),
                    "choose a shorter path for the data directory");
    std::copy(name.begin(), name.end(), address.sun_path);
    if (const auto status = status_of(path); status && !S_ISSOCK(status->st_mode))
        throw Error(Errc::failed, quote(name) + " is no socket", "move it out of the way");
    (void)remove_file(path);
    UniqueFd fd = new_socket(AF_UNIX, SOCK_STREAM);
    const mode_t before = ::umask(0177);
    const bool is_bound = ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    const int number = errno;
    ::umask(before);
    if (!is_bound) throw system_error(number, "make the control socket", name);
    if (ownership.user && ::geteuid() == 0 &&
        ::lchown(path.c_str(), *ownership.user, ownership.group.value_or(static_cast<gid_t>(-1))) != 0)
        throw system_error(errno, "change the owner of", name);
    if (::listen(fd.get(), backlog) != 0) throw system_error(errno, "listen on", name);
    return fd;
}

std::vector<UniqueFd> take_passed_sockets() {
    std::vector<UniqueFd> sockets;
    const int count = number_in("LISTEN_PID") == ::getpid() ? number_in("LISTEN_FDS") : 0;
    for (const char* name : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"}) ::unsetenv(name);
    for (int fd = first_passed_fd; fd < first_passed_fd + count; ++fd) {
        int is_listening = 0;
        socklen_t size = sizeof is_listening;
        if (::getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &is_listening, &size) != 0 || is_listening == 0)
            throw Error(Errc::failed, "descriptor " + std::to_string(fd) + " in $LISTEN_FDS is no listening socket");
        ::fcntl(fd, F_SETFD, FD_CLOEXEC);
        ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK);
        sockets.emplace_back(fd);
    }
    return sockets;
}

}  // namespace mox::net
