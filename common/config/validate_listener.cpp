#include <fmt/format.h>

#include <map>
#include <string>
#include <vector>

#include "base/encoding.hpp"
#include "config/validation.hpp"

namespace mox::config {

namespace {

using Path = sconf::Path;

// Services on one port share it only when they speak the same way: all HTTP, or all HTTPS.
enum class Wire { own, http, https };

struct Service {
    std::string_view field;
    bool enabled;
    std::int64_t port;  // the usual one when none is given
    Wire wire;
    bool needs_tls;
};

std::vector<Service> services_of(const Listener& l) {
    const auto port = [](std::int64_t given, std::int64_t usual) { return given != 0 ? given : usual; };
    const auto web = [&](std::string_view field, const WebService& s, bool tls) {
        return Service{field, s.enabled, port(s.port, tls ? 443 : 80), tls ? Wire::https : Wire::http, tls};
    };
    const auto well_known = [&](std::string_view field, const WellKnownService& s) {
        return Service{field, s.enabled, port(s.port, 443), s.non_tls ? Wire::http : Wire::https, !s.non_tls};
    };
    return {
        {"SMTP", l.smtp.enabled, port(l.smtp.port, 25), Wire::own, !l.smtp.no_starttls},
        {"Submission", l.submission.enabled, port(l.submission.port, 587), Wire::own,
         !l.submission.no_require_starttls},
        {"Submissions", l.submissions.enabled, port(l.submissions.port, 465), Wire::own, true},
        {"IMAP", l.imap.enabled, port(l.imap.port, 143), Wire::own, !l.imap.no_require_starttls},
        {"IMAPS", l.imaps.enabled, port(l.imaps.port, 993), Wire::own, true},
        web("AccountHTTP", l.account_http, false),
        web("AccountHTTPS", l.account_https, true),
        web("AdminHTTP", l.admin_http, false),
        web("AdminHTTPS", l.admin_https, true),
        web("WebmailHTTP", l.webmail_http, false),
        web("WebmailHTTPS", l.webmail_https, true),
        web("WebAPIHTTP", l.webapi_http, false),
        web("WebAPIHTTPS", l.webapi_https, true),
        {"MetricsHTTP", l.metrics_http.enabled, port(l.metrics_http.port, 8010), Wire::http, false},
        {"PprofHTTP", l.pprof_http.enabled, port(l.pprof_http.port, 8011), Wire::http, false},
        well_known("AutoconfigHTTPS", l.autoconfig_https),
        well_known("MTASTSHTTPS", l.mtasts_https),
        {"WebserverHTTP", l.webserver_http.enabled, port(l.webserver_http.port, 80), Wire::http, false},
        {"WebserverHTTPS", l.webserver_https.enabled, port(l.webserver_https.port, 443), Wire::https, true},
    };
}

// Names by which clients of the listener check its certificates.
std::set<std::string> hosts_of(const Validation& v, const Listener& listener) {
    std::set<std::string> hosts{listener.hostname.empty() ? v.config().settings.hostname : listener.hostname};
    for (const auto& [name, domain] : v.config().domains.domains) {
        if (listener.autoconfig_https.enabled && !listener.autoconfig_https.non_tls) hosts.insert("autoconfig." + name);
        if (listener.mtasts_https.enabled && !listener.mtasts_https.non_tls && domain.mtasts)
            hosts.insert("mta-sts." + name);
        if (!domain.client_settings_domain.empty()) hosts.insert(domain.client_settings_domain);
    }
    return hosts;
}

void validate_tls(Validation& v, const Path& at, const ListenerTls& tls, const std::set<std::string>& hosts) {
    if (tls.acme.empty() == tls.key_certs.empty())
        v.error(at, tls.acme.empty() ? "TLS has no certificates" : "TLS has both ACME and KeyCerts",
                "give either ACME or KeyCerts");
    if (!tls.acme.empty() && !v.config().settings.acme.contains(tls.acme))
        v.error(at / "ACME", "there is no " + quote(tls.acme) + " in the section ACME");
    validate_certificates(v, at, tls, hosts);
    if (!tls.min_version.empty())
        v.one_of(at, "MinVersion", tls.min_version, {"TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3"});
}

void require_tls(Validation& v, const Path& at, const Listener& listener) {
    if (listener.tls) return;
    std::string fields;
    for (const auto& service : services_of(listener))
        if (service.enabled && service.needs_tls) fields += (fields.empty() ? "" : ", ") + std::string(service.field);
    if (!fields.empty())
        v.error(at, "without TLS there cannot be " + fields,
                "add TLS, or switch encryption off where that is possible (NoSTARTTLS, NoRequireSTARTTLS, NonTLS)");
}

void validate_paths(Validation& v, const Path& at, const Listener& l) {
    for (const auto& [field, service] :
         {std::pair("AccountHTTP", &l.account_http), std::pair("AccountHTTPS", &l.account_https),
          std::pair("AdminHTTP", &l.admin_http), std::pair("AdminHTTPS", &l.admin_https),
          std::pair("WebmailHTTP", &l.webmail_http), std::pair("WebmailHTTPS", &l.webmail_https),
          std::pair("WebAPIHTTP", &l.webapi_http), std::pair("WebAPIHTTPS", &l.webapi_https)})
        if (!service->path.empty() && !service->path.starts_with('/'))
            v.error(at / field / "Path", "path " + quote(service->path) + " does not start with a slash");
}

void validate_addresses(Validation& v, const Path& at, const Listener& listener) {
    if (listener.ips.empty()) v.error(at / "IPs", "there is no address to listen on");
    for (std::size_t i = 0; i < listener.ips.size(); ++i) {
        v.ip(at / "IPs" / i, listener.ips[i]);
        for (std::size_t k = 0; k < i; ++k)
            if (listener.ips[k] == listener.ips[i])
                v.error(at / "IPs" / i, "address " + quote(listener.ips[i]) + " is listed twice");
    }
    for (std::size_t i = 0; i < listener.nat_ips.size(); ++i) v.ip(at / "NATIPs" / i, listener.nat_ips[i]);
    if (listener.ips_nated && !listener.nat_ips.empty())
        v.error(at / "IPsNATed", "IPsNATed and NATIPs cannot both be given", "NATIPs is the newer form");
}

}  // namespace

void validate_listener(Validation& v, const std::string& name, const Listener& listener) {
    const Path at{"Listeners", name};
    validate_addresses(v, at, listener);
    if (!listener.hostname.empty()) v.domain(at / "Hostname", listener.hostname);
    if (listener.tls) validate_tls(v, at / "TLS", *listener.tls, hosts_of(v, listener));
    require_tls(v, at, listener);
    v.not_negative(at, "SMTPMaxMessageSize", listener.smtp_max_message_size);
    for (const auto& service : services_of(listener)) v.port(at / service.field, service.port);
    validate_paths(v, at, listener);
    if (listener.smtp.no_starttls && listener.smtp.require_starttls)
        v.error(at / "SMTP" / "RequireSTARTTLS", "NoSTARTTLS and RequireSTARTTLS contradict each other");
    if (listener.smtp.first_time_sender_delay)
        v.not_negative(at / "SMTP", "FirstTimeSenderDelay", *listener.smtp.first_time_sender_delay);
    for (std::size_t i = 0; i < listener.smtp.dnsbls.size(); ++i)
        v.domain(at / "SMTP" / "DNSBLs" / i, listener.smtp.dnsbls[i]);
    const auto &autoconfig = listener.autoconfig_https, &mtasts = listener.mtasts_https;
    if (autoconfig.enabled && mtasts.enabled && autoconfig.port == mtasts.port && autoconfig.non_tls != mtasts.non_tls)
        v.error(at / "MTASTSHTTPS", "AutoconfigHTTPS and MTASTSHTTPS are on one port, so NonTLS must be the same");
}

void validate_ports(Validation& v) {
    struct Owner {
        std::string listener;
        std::string_view field;
        Wire wire;
    };
    std::map<std::pair<std::string, std::int64_t>, Owner> owners;
    for (const auto& [name, listener] : v.config().settings.listeners)
        for (const auto& ip : listener.ips)
            for (const auto& service : services_of(listener)) {
                if (!service.enabled) continue;
                const auto [found, is_first] =
                    owners.try_emplace({ip, service.port}, Owner{name, service.field, service.wire});
                const Owner& owner = found->second;
                if (is_first || (owner.wire == service.wire && service.wire != Wire::own)) continue;
                // Said once for the two services, and not again for every address. The well-known services of one
                // listener have an error of their own.
                if (ip != listener.ips.front() ||
                    (owner.listener == name && owner.field == "AutoconfigHTTPS" && service.field == "MTASTSHTTPS"))
                    continue;
                v.error({"Listeners", name, service.field},
                        fmt::format("{} wants port {} of {}, which {} of listener {} has", service.field, service.port,
                                    ip, owner.field, quote(owner.listener)));
            }
}

}  // namespace mox::config
