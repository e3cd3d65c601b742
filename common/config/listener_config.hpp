#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "config/sconf_schema.hpp"

// Listeners of mox.conf. What each field means stands in the tables of listener_config.cpp, which `describe` prints.
// A port of 0 stands for the service's usual one, an empty path for the service's usual one.

namespace mox::config {

struct KeyCert {
    std::string cert_file, key_file;
    bool operator==(const KeyCert&) const = default;
};

struct ListenerTls {
    std::string acme;
    std::vector<KeyCert> key_certs;
    std::string min_version;
    std::vector<std::string> host_private_key_files;
    bool client_auth_disabled = false;
    bool operator==(const ListenerTls&) const = default;
};

struct SmtpService {
    bool enabled = false;
    std::int64_t port = 0;
    bool no_starttls = false;
    bool require_starttls = false;
    bool no_require_tls = false;
    std::vector<std::string> dnsbls;
    std::optional<Duration> first_time_sender_delay;  // unset: 15 s
    std::optional<bool> tls_session_tickets_disabled;
    bool operator==(const SmtpService&) const = default;
};

// Services that start in plain text and offer STARTTLS: submission and IMAP.
struct PlainTextService {
    bool enabled = false;
    std::int64_t port = 0;
    bool no_require_starttls = false;
    bool operator==(const PlainTextService&) const = default;
};

// Services that speak TLS from the start: submissions and IMAPS.
struct TlsService {
    bool enabled = false;
    std::int64_t port = 0;
    bool enabled_on_https = false;
    bool operator==(const TlsService&) const = default;
};

// The account, admin, webmail and webapi services.
struct WebService {
    bool enabled = false;
    std::int64_t port = 0;
    std::string path;
    bool forwarded = false;
    bool operator==(const WebService&) const = default;
};

// Metrics and profiling.
struct MonitorService {
    bool enabled = false;
    std::int64_t port = 0;
    bool operator==(const MonitorService&) const = default;
};

// Autoconfiguration and MTA-STS policies.
struct WellKnownService {
    bool enabled = false;
    std::int64_t port = 0;
    bool non_tls = false;
    bool operator==(const WellKnownService&) const = default;
};

struct WebserverService {
    bool enabled = false;
    std::int64_t port = 0;
    bool rate_limit_disabled = false;
    bool operator==(const WebserverService&) const = default;
};

struct Listener {
    std::vector<std::string> ips, nat_ips;
    bool ips_nated = false;  // deprecated form of nat_ips
    std::string hostname;    // empty: the global one
    std::optional<ListenerTls> tls;
    std::int64_t smtp_max_message_size = 0;  // bytes; 0: 100 MiB
    SmtpService smtp;
    PlainTextService submission;
    TlsService submissions;
    PlainTextService imap;
    TlsService imaps;
    WebService account_http, account_https, admin_http, admin_https;
    WebService webmail_http, webmail_https, webapi_http, webapi_https;
    MonitorService metrics_http, pprof_http;
    WellKnownService autoconfig_https, mtasts_https;
    WebserverService webserver_http, webserver_https;
    bool operator==(const Listener&) const = default;
};

std::span<const sconf::Field> fields_of(const KeyCert*);
std::span<const sconf::Field> fields_of(const ListenerTls*);
std::span<const sconf::Field> fields_of(const SmtpService*);
std::span<const sconf::Field> fields_of(const PlainTextService*);
std::span<const sconf::Field> fields_of(const TlsService*);
std::span<const sconf::Field> fields_of(const WebService*);
std::span<const sconf::Field> fields_of(const MonitorService*);
std::span<const sconf::Field> fields_of(const WellKnownService*);
std::span<const sconf::Field> fields_of(const WebserverService*);
std::span<const sconf::Field> fields_of(const Listener*);

}  // namespace mox::config
