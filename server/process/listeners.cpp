#include "server/process/listeners.hpp"

#include <algorithm>
#include <utility>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "server/net/bind.hpp"

namespace mox::process {

namespace {

using Transport = net::Service::Transport;

constexpr std::uint16_t imap_port = 143, imaps_port = 993;

std::uint16_t port_of(std::int64_t configured, std::uint16_t usual) {
    return configured == 0 ? usual : static_cast<std::uint16_t>(configured);  // validated
}

std::string services_not_here(const config::Listener& l) {
    std::string names;
    const auto add = [&](std::string_view name, bool enabled) {
        if (enabled) names.append(names.empty() ? "" : " ").append(name);
    };
    add("SMTP", l.smtp.enabled);
    add("Submission", l.submission.enabled);
    add("Submissions", l.submissions.enabled);
    add("AccountHTTP", l.account_http.enabled);
    add("AccountHTTPS", l.account_https.enabled);
    add("AdminHTTP", l.admin_http.enabled);
    add("AdminHTTPS", l.admin_https.enabled);
    add("WebmailHTTP", l.webmail_http.enabled);
    add("WebmailHTTPS", l.webmail_https.enabled);
    add("WebAPIHTTP", l.webapi_http.enabled);
    add("WebAPIHTTPS", l.webapi_https.enabled);
    add("MetricsHTTP", l.metrics_http.enabled);
    add("PprofHTTP", l.pprof_http.enabled);
    add("AutoconfigHTTPS", l.autoconfig_https.enabled);
    add("MTASTSHTTPS", l.mtasts_https.enabled);
    add("WebserverHTTP", l.webserver_http.enabled);
    add("WebserverHTTPS", l.webserver_https.enabled);
    return names;
}

ListenerTls plan_tls(const config::Config& config, const std::string& name, const config::ListenerTls& tls) {
    if (!tls.acme.empty())
        throw Error(Errc::failed,
                    "listener " + quote(name) + " gets its certificates by ACME, which this server cannot do yet",
                    "give it KeyCerts, for example those of certbot or lego");
    ListenerTls planned{.listener = name,
                        .slot = std::make_shared<net::TlsSlot>(),
                        .files = {},
                        .options = {.only_1_3 = tls.min_version == "TLSv1.3"}};
    for (const auto& pair : tls.key_certs)
        planned.files.push_back({config.paths.directory / pair.cert_file, config.paths.directory / pair.key_file});
    return planned;
}

void plan_listener(Listeners& out, const config::Config& config, const std::string& name,
                   const config::Listener& listener) {
    std::shared_ptr<net::TlsSlot> slot;
    const bool uses_tls = listener.imap.enabled || listener.imaps.enabled;
    if (listener.tls && uses_tls) {
        out.tls.push_back(plan_tls(config, name, *listener.tls));
        slot = out.tls.back().slot;
    }
    for (const auto& ip : listener.ips) {
        if (listener.imap.enabled)
            out.sockets.push_back({.protocol = Protocol::imap,
                                   .endpoint = {ip, port_of(listener.imap.port, imap_port)},
                                   .transport = slot ? Transport::starttls : Transport::plain,
                                   .plain_text_passwords = listener.imap.no_require_starttls,
                                   .listener = name,
                                   .tls = slot});
        if (listener.imaps.enabled)
            out.sockets.push_back({.protocol = Protocol::imap,
                                   .endpoint = {ip, port_of(listener.imaps.port, imaps_port)},
                                   .transport = Transport::tls,
                                   .listener = name,
                                   .tls = slot});
    }
}

}  // namespace

Listeners plan_listeners(const config::Config& config, const log::Logger& log) {
    Listeners out;
    for (const auto& [name, listener] : config.settings.listeners) {
        plan_listener(out, config, name, listener);
        if (const auto missing = services_not_here(listener); !missing.empty())
            log.info("services that this server does not have yet are left out",
                     {{"listener", name}, {"services", missing}});
        if (listener.tls && (listener.tls->min_version == "TLSv1.0" || listener.tls->min_version == "TLSv1.1"))
            log.info("TLS before 1.2 is not spoken, whatever MinVersion says", {{"listener", name}});
    }
    return out;
}

void bind_all(Listeners& listeners, std::vector<UniqueFd> passed, const log::Logger& log) {
    for (auto& socket : listeners.sockets) {
        const auto is_it = [&](const UniqueFd& fd) { return net::local_endpoint(fd.get()) == socket.endpoint; };
        const auto found = std::ranges::find_if(passed, is_it);
        if (found != passed.end()) {
            socket.fd = std::move(*found);
            passed.erase(found);
        } else {
            try {
                socket.fd = net::listen_tcp(socket.endpoint);
            } catch (Error& error) {
                error.add_context("listener " + quote(socket.listener));
                throw;
            }
        }
    }
    for (const auto& fd : passed) {
        const auto endpoint = net::local_endpoint(fd.get());
        log.error("a socket was passed that mox.conf does not ask for",
                  {{"socket", endpoint ? to_string(*endpoint) : std::string("no TCP socket")}});
    }
}

std::shared_ptr<const net::TlsContext> load_certificates(const ListenerTls& tls, const log::Logger& log) try {
    auto loaded = net::TlsContext::load(tls.files, tls.options);
    for (const auto& warning : loaded->warnings()) log.error(warning, {{"listener", tls.listener}});
    return loaded;
} catch (Error& error) {
    error.add_context("listener " + quote(tls.listener));
    throw;
}

}  // namespace mox::process
