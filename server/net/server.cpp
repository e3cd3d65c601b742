#include "server/net/server.hpp"

#include <fcntl.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "base/error.hpp"
#include "base/platform.hpp"
#include "server/net/address.hpp"
#include "server/net/connection.hpp"
#include "server/net/sockets.hpp"

namespace mox::net {

namespace {

using namespace std::chrono_literals;

constexpr int most_accepted = 64;  // in one go
constexpr auto pause_when_full = 200ms;

// EMFILE and its like: connections stay in the system's queue until there is room.
bool is_shortage(int number) {
    return number == EMFILE || number == ENFILE || number == ENOBUFS || number == ENOMEM;
}

UniqueFd accept_from(int listening) {
    UniqueFd fd(::accept(listening, nullptr, nullptr));
    if (!fd) return fd;
    ::fcntl(fd.get(), F_SETFD, FD_CLOEXEC);
    ::fcntl(fd.get(), F_SETFL, ::fcntl(fd.get(), F_GETFL) | O_NONBLOCK);
    return fd;
}

std::string_view reason_of(ConnectionLimits::Refusal why) {
    switch (why) {
        case ConnectionLimits::Refusal::too_many:
            return "too many connections from its network";
        case ConnectionLimits::Refusal::too_fast:
            return "too many new connections from its network";
        case ConnectionLimits::Refusal::full:
            return "too many connections";
        case ConnectionLimits::Refusal::none:
            break;
    }
    return "";
}

}  // namespace

struct Server::Listening {
    Listening(Loop::State& loop, Service taken)
        : descriptor(loop.io, taken.socket.release()),
          service(std::move(taken)) {}
    asio::posix::stream_descriptor descriptor;
    Service service;
    bool complained = false;  // about a shortage that still lasts
    std::size_t open = 0;
};

Server::Server(Loop& loop, Workers& workers, log::Logger log) : loop_(loop), workers_(workers), log_(std::move(log)) {}

Server::~Server() = default;

void Server::add(Service service) {
    wait(*listening_.emplace_back(std::make_unique<Listening>(loop_.state(), std::move(service))));
}

void Server::wait(Listening& listening) {
    listening.descriptor.async_wait(asio::posix::stream_descriptor::wait_read,
                                    [this, &listening](const ErrorCode& failed) {
                                        if (!failed) accept_all(listening);
                                    });
}

void Server::accept_all(Listening& listening) {
    const std::size_t most = listening.service.most_connections;
    for (int i = 0; i < most_accepted; ++i) {
        if (most > 0 && listening.open >= most) return pause(listening);
        UniqueFd fd = accept_from(listening.descriptor.native_handle());
        if (fd) {
            listening.complained = false;
            accept_one(listening, std::move(fd));
            continue;
        }
        if (errno == EAGAIN || errno == EWOULDBLOCK) break;
        if (!is_shortage(errno)) continue;  // the client is gone already
        if (!std::exchange(listening.complained, true))
            log_.error("cannot accept connections", {{"err", platform::error_description(errno)}});
        return pause(listening);
    }
    wait(listening);
}

// Waiting for the socket would come back at once.
void Server::pause(Listening& listening) {
    loop_.after(pause_when_full, [this, &listening] {
        if (!done_) wait(listening);
    });
}

void Server::accept_one(Listening& listening, UniqueFd fd) {
    const Service& service = listening.service;
    Peer peer{.connection_id = ++last_id_};
    std::optional<login::IpAddress> address;
    if (const auto remote = remote_endpoint(fd.get())) {
        const auto local = local_endpoint(fd.get()).value_or(Endpoint{});
        peer.ip = remote->ip;
        peer.port = remote->port;
        peer.local_ip = local.ip;
        peer.local_port = local.port;
        prepare_client_socket(fd.get());
    } else {
        peer.user = peer_user(fd.get());
    }
    if (service.limits && !peer.ip.empty()) {
        address = login::IpAddress::parse(peer.ip);
        const auto refusal = service.limits->add(*address);
        if (refusal != ConnectionLimits::Refusal::none) return refuse(listening, fd, refusal, peer);
    }
    try {
        open(listening, std::move(fd), peer, address);
    } catch (const std::exception& failure) {
        log_.error("cannot take a connection", {{"service", service.name}, {"err", failure.what()}});
        if (address && !connections_.contains(peer.connection_id)) service.limits->remove(*address);
    }
}

void Server::open(Listening& listening, UniqueFd fd, const Peer& peer, std::optional<login::IpAddress> address) {
    const Service& service = listening.service;
    const auto log = log_.with({"cid", peer.connection_id});
    log.debug("connection", {{"service", service.name}, {"remote", peer.ip}, {"port", peer.port}});
    const auto connection =
        std::make_shared<Connection>(Connection::Parts{.loop = loop_.state(),
                                                       .workers = workers_,
                                                       .log = log,
                                                       .fd = std::move(fd),
                                                       .session = service.make_session(peer, log),
                                                       .tls = service.tls ? service.tls->current : nullptr,
                                                       .on_end = [this, id = peer.connection_id, &listening, address] {
                                                           if (address) listening.service.limits->remove(*address);
                                                           --listening.open;
                                                           connections_.erase(id);
                                                           if (done_ && connections_.empty()) finish();
                                                       }});
    connections_.emplace(peer.connection_id, connection);
    ++listening.open;
    connection->begin(service.transport == Service::Transport::tls ? Connection::Begin::tls : Connection::Begin::plain);
}

void Server::refuse(const Listening& listening, const UniqueFd& fd, ConnectionLimits::Refusal why, const Peer& peer) {
    const Service& service = listening.service;
    log_.info("connection refused", {{"service", service.name}, {"remote", peer.ip}, {"why", reason_of(why)}});
    if (service.transport == Service::Transport::tls || !service.refusal) return;
    const std::string text = service.refusal(why);
    (void)::send(fd.get(), text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    finish_sending(fd.get());
}

void Server::shut_down(std::chrono::milliseconds grace, std::function<void()> done) {
    if (done_) return;
    done_ = std::move(done);
    for (const auto& listening : listening_) {
        ErrorCode ignored;
        (void)listening->descriptor.close(ignored);
    }
    auto present = connections_;  // shutting one down may end it
    for (const auto& [id, connection] : present) connection->shut_down();
    if (connections_.empty()) return finish();
    loop_.after(grace, [this] {
        auto rest = connections_;
        for (const auto& [id, connection] : rest) connection->abort();
        finish();
    });
}

void Server::finish() {
    if (const auto done = std::exchange(done_, [] {})) loop_.post(done);
}

}  // namespace mox::net
