#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>

#include "server/ctl/commands.hpp"
#include "server/ctl/protocol.hpp"
#include "server/net/session.hpp"

namespace mox::ctl {

// What all sessions of a control socket share; outlives them.
struct Environment {
    const Commands& commands;
    Context& context;
    std::set<uid_t> users;  // who may ask: the server's user and root
};

// One connection to the control socket: a request, and the answer while it comes into being.
class Session final : public net::Session {
public:
    Session(const Environment& environment, const net::Peer& peer, log::Logger log)
        : environment_(environment),
          user_(peer.user),
          log_(std::move(log)) {}

    [[nodiscard]] net::Reply start() override;
    [[nodiscard]] net::Reply feed(std::string_view bytes) override;
    [[nodiscard]] net::Reply resume() override;
    void tls_started(const net::TlsState&) override {}
    [[nodiscard]] std::string farewell(net::Farewell why) override;
    [[nodiscard]] std::chrono::seconds patience() const override;
    [[nodiscard]] std::optional<std::chrono::seconds> time_limit() const override;

private:
    void run(const Request& request, net::Channel& channel);
    [[nodiscard]] net::Reply refuse(const Error& error);

    const Environment& environment_;
    const std::optional<uid_t> user_;
    const log::Logger log_;
    RequestReader reader_;
};

}  // namespace mox::ctl
