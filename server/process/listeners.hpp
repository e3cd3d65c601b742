#pragma once

#include <string>
#include <vector>

#include "config/load.hpp"
#include "server/log/log.hpp"
#include "server/net/address.hpp"
#include "server/net/server.hpp"
#include "server/net/tls.hpp"

namespace mox::process {

enum class Protocol { imap };

// A socket to listen on, as mox.conf asks for it.
struct Socket {
    Protocol protocol = Protocol::imap;
    net::Endpoint endpoint;
    net::Service::Transport transport = net::Service::Transport::plain;
    bool plain_text_passwords = false;
    std::string listener;               // its name in mox.conf
    std::shared_ptr<net::TlsSlot> tls;  // that of the listener; null: none
    UniqueFd fd = {};                   // once it is bound
};

// The certificates of one listener.
struct ListenerTls {
    std::string listener;
    std::shared_ptr<net::TlsSlot> slot;
    std::vector<net::CertificateFiles> files;
    net::TlsOptions options;
};

struct Listeners {
    std::vector<Socket> sockets;
    std::vector<ListenerTls> tls;
};

// What is to be listened on. Services that this server does not have yet are named in the log. Throws Error{failed} for
// certificates that can only be had by ACME.
[[nodiscard]] Listeners plan_listeners(const config::Config& config, const log::Logger& log);

// Binds what `passed` (net::take_passed_sockets) does not have.
void bind_all(Listeners& listeners, std::vector<UniqueFd> passed, const log::Logger& log);

// Loads the certificates of one listener; those with warnings are used, and logged. Throws as net::TlsContext::load(),
// naming the listener.
[[nodiscard]] std::shared_ptr<const net::TlsContext> load_certificates(const ListenerTls& tls, const log::Logger& log);

}  // namespace mox::process
