#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/fd.hpp"
#include "server/log/log.hpp"
#include "server/net/limits.hpp"
#include "server/net/loop.hpp"
#include "server/net/session.hpp"
#include "server/net/tls.hpp"
#include "server/net/workers.hpp"

namespace mox::net {

class Connection;

// A listening socket and the protocol behind it.
struct Service {
    std::string name;  // "imap", for logs
    UniqueFd socket;   // listening, non-blocking
    // tls: a handshake comes first. starttls: when the session asks for it.
    enum class Transport { plain, starttls, tls } transport = Transport::plain;
    std::shared_ptr<const TlsSlot> tls = {};
    std::shared_ptr<ConnectionLimits> limits = {};  // null: a socket of this host,
    std::size_t most_connections = 0;  // of which only so many are open at a time; others wait; 0: no limit
    std::function<std::unique_ptr<Session>(const Peer& peer, const log::Logger& log)> make_session;
    // What a refused client is told, with its line end, where it may be told in plain text; or nothing.
    std::function<std::string(ConnectionLimits::Refusal)> refusal = {};
};

// Accepts connections and keeps them. On the loop's thread, or before it runs.
class Server {
public:
    Server(Loop& loop, Workers& workers, log::Logger log);
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    void add(Service service);
    // Takes no more connections, says farewell to those that are, and calls `done` when all are gone, or when `grace`
    // is over and the rest was cut off.
    void shut_down(std::chrono::milliseconds grace, std::function<void()> done);
    [[nodiscard]] std::size_t connections() const { return connections_.size(); }

private:
    struct Listening;

    void wait(Listening& listening);
    void accept_all(Listening& listening);
    void accept_one(Listening& listening, UniqueFd fd);
    void pause(Listening& listening);
    void open(Listening& listening, UniqueFd fd, const Peer& peer, std::optional<login::IpAddress> address);
    void refuse(const Listening& listening, const UniqueFd& fd, ConnectionLimits::Refusal why, const Peer& peer);
    void finish();

    Loop& loop_;
    Workers& workers_;
    const log::Logger log_;
    std::list<std::unique_ptr<Listening>> listening_;
    std::unordered_map<std::uint64_t, std::shared_ptr<Connection>> connections_;
    std::uint64_t last_id_ = 0;
    std::function<void()> done_;  // set while shutting down
};

}  // namespace mox::net
