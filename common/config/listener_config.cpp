#include "config/listener_config.hpp"

#include <array>

#include "config/sconf_fields.hpp"

namespace mox::config {

namespace {

using sconf::names_are_unique;
using sconf::optional;
using sconf::required;

constexpr std::array key_cert_fields{
    required<&KeyCert::cert_file>("CertFile", "PEM file with the certificate, followed by intermediate ones."),
    required<&KeyCert::key_file>("KeyFile", "PEM file with the private key of the certificate, best as PKCS8."),
};
static_assert(names_are_unique(key_cert_fields));

constexpr std::array tls_fields{
    optional<&ListenerTls::acme>(
        "ACME", "Which entry of the global ACME section provides certificates. Either this or KeyCerts."),
    optional<&ListenerTls::key_certs>("KeyCerts",
                                      "Certificates and keys from files. They are opened before privileges are "
                                      "dropped, so the mail user needs no access to them."),
    optional<&ListenerTls::min_version>(
        "MinVersion", "Oldest version of TLS to speak: TLSv1.0, TLSv1.1, TLSv1.2 (the default) or TLSv1.3."),
    optional<&ListenerTls::host_private_key_files>(
        "HostPrivateKeyFiles",
        "PEM files with the keys that certificates from ACME are requested for, so that DANE records can be made "
        "ahead. RSA with 2048 bits and ECDSA P-256 are used, the first of each for new certificates."),
    optional<&ListenerTls::client_auth_disabled>(
        "ClientAuthDisabled", "Do not ask clients for certificates of their own, which some cannot cope with."),
};
static_assert(names_are_unique(tls_fields));

constexpr std::array smtp_fields{
    required<&SmtpService::enabled>("Enabled"),
    optional<&SmtpService::port>("Port", "Default: 25."),
    optional<&SmtpService::no_starttls>("NoSTARTTLS", "Never offer encryption by STARTTLS. Best left off."),
    optional<&SmtpService::require_starttls>("RequireSTARTTLS",
                                             "Refuse mail that arrives unencrypted, except for addresses that take TLS "
                                             "reports. Some senders cannot deliver then."),
    optional<&SmtpService::no_require_tls>("NoRequireTLS",
                                           "Do not announce REQUIRETLS, for hosts that pass mail on to servers without "
                                           "it, such as those of mailing lists."),
    optional<&SmtpService::dnsbls>(
        "DNSBLs",
        "DNS block lists that are asked about senders without enough reputation of their own; a listed address is "
        "refused. Our own addresses are looked up from time to time too."),
    optional<&SmtpService::first_time_sender_delay>("FirstTimeSenderDelay",
                                                    "How long the first message from a sender is held before it is "
                                                    "accepted. Default: 15s; 0s switches the delay off."),
    optional<&SmtpService::tls_session_tickets_disabled>(
        "TLSSessionTicketsDisabled",
        "Whether TLS sessions cannot be resumed by ticket, which helps with some peers. Unset: the program decides."),
};
static_assert(names_are_unique(smtp_fields));

constexpr std::array plain_text_fields{
    required<&PlainTextService::enabled>("Enabled"),
    optional<&PlainTextService::port>("Port", "Default: 587 for submission, 143 for IMAP."),
    optional<&PlainTextService::no_require_starttls>(
        "NoRequireSTARTTLS",
        "Accept passwords over unencrypted connections. Only for networks that are encrypted in another way."),
};
static_assert(names_are_unique(plain_text_fields));

constexpr std::array tls_service_fields{
    required<&TlsService::enabled>("Enabled"),
    optional<&TlsService::port>("Port", "Default: 465 for submissions, 993 for IMAPS."),
    optional<&TlsService::enabled_on_https>("EnabledOnHTTPS",
                                            "Offer the service on port 443 as well, to clients that ask for it with "
                                            "ALPN. Helps where networks let only web traffic through."),
};
static_assert(names_are_unique(tls_service_fields));

constexpr std::array web_service_fields{
    required<&WebService::enabled>("Enabled"),
    optional<&WebService::port>("Port", "Default: 80 without and 443 with TLS."),
    optional<&WebService::path>("Path", "Path of the service, starting and best ending with a slash."),
    optional<&WebService::forwarded>(
        "Forwarded", "Believe the X-Forwarded headers of a reverse proxy about the address of clients and about TLS."),
};
static_assert(names_are_unique(web_service_fields));

constexpr std::array monitor_fields{
    required<&MonitorService::enabled>("Enabled"),
    optional<&MonitorService::port>("Port", "Default: 8010 for metrics, 8011 for profiling."),
};
static_assert(names_are_unique(monitor_fields));

constexpr std::array well_known_fields{
    required<&WellKnownService::enabled>("Enabled"),
    optional<&WellKnownService::port>(
        "Port", "Default: 443. Clients always come to port 443, so another one needs something that forwards it."),
    optional<&WellKnownService::non_tls>("NonTLS",
                                         "Speak HTTP without TLS on the port, for use behind a reverse proxy."),
};
static_assert(names_are_unique(well_known_fields));

constexpr std::array webserver_fields{
    required<&WebserverService::enabled>("Enabled"),
    optional<&WebserverService::port>("Port", "Default: 80 without and 443 with TLS."),
    optional<&WebserverService::rate_limit_disabled>("RateLimitDisabled",
                                                     "Do not limit how often clients may ask on this port."),
};
static_assert(names_are_unique(webserver_fields));

constexpr std::array listener_fields{
    required<&Listener::ips>("IPs",
                             "Addresses to listen on. 0.0.0.0 and :: mean all, but outgoing mail leaves from the right "
                             "address only when they are listed one by one."),
    optional<&Listener::nat_ips>(
        "NATIPs", "Public addresses, when IPs are private ones behind address translation. Used by checks of DNS."),
    optional<&Listener::ips_nated>("IPsNATed",
                                   "Deprecated, list the addresses in NATIPs instead. IPs are not the public ones, so "
                                   "checks of DNS leave them out."),
    optional<&Listener::hostname>("Hostname", "Name of this host on these addresses. Default: the global Hostname."),
    optional<&Listener::tls>("TLS", "Certificates for everything on this listener that is encrypted."),
    optional<&Listener::smtp_max_message_size>("SMTPMaxMessageSize",
                                               "Largest message to accept and to send, in bytes. Default: 100 MiB."),
    optional<&Listener::smtp>("SMTP", "Receives mail from other servers."),
    optional<&Listener::submission>(
        "Submission", "Takes mail of users for sending, starting in plain text. Submissions is the safer choice."),
    optional<&Listener::submissions>("Submissions", "Takes mail of users for sending, always over TLS."),
    optional<&Listener::imap>(
        "IMAP", "Gives mail programs access to mailboxes, starting in plain text. IMAPS is the safer choice."),
    optional<&Listener::imaps>("IMAPS", "Gives mail programs access to mailboxes, always over TLS."),
    optional<&Listener::account_http>("AccountHTTP", "Web pages where users manage their account. Default path: /."),
    optional<&Listener::account_https>("AccountHTTPS", "AccountHTTP over TLS."),
    optional<&Listener::admin_http>(
        "AdminHTTP", "Web pages for administrators, best on addresses that are not public. Default path: /admin/."),
    optional<&Listener::admin_https>("AdminHTTPS", "AdminHTTP over TLS."),
    optional<&Listener::webmail_http>("WebmailHTTP", "Reading and writing mail in a browser. Default path: /webmail/."),
    optional<&Listener::webmail_https>("WebmailHTTPS", "WebmailHTTP over TLS."),
    optional<&Listener::webapi_http>(
        "WebAPIHTTP", "A JSON interface for programs that send and receive mail. Default path: /webapi/."),
    optional<&Listener::webapi_https>("WebAPIHTTPS", "WebAPIHTTP over TLS."),
    optional<&Listener::metrics_http>("MetricsHTTP", "Figures for Prometheus. Not for public addresses."),
    optional<&Listener::pprof_http>("PprofHTTP", "Profiles of the running server. Not for public addresses."),
    optional<&Listener::autoconfig_https>("AutoconfigHTTPS", "Tells mail programs their settings."),
    optional<&Listener::mtasts_https>("MTASTSHTTPS", "Serves the MTA-STS policies of the domains."),
    optional<&Listener::webserver_http>("WebserverHTTP", "Serves the WebHandlers of domains.conf without TLS."),
    optional<&Listener::webserver_https>(
        "WebserverHTTPS",
        "Serves the WebHandlers of domains.conf over TLS; each of their domains needs a certificate."),
};
static_assert(names_are_unique(listener_fields));

}  // namespace

std::span<const sconf::Field> fields_of(const KeyCert*) {
    return key_cert_fields;
}
std::span<const sconf::Field> fields_of(const ListenerTls*) {
    return tls_fields;
}
std::span<const sconf::Field> fields_of(const SmtpService*) {
    return smtp_fields;
}
std::span<const sconf::Field> fields_of(const PlainTextService*) {
    return plain_text_fields;
}
std::span<const sconf::Field> fields_of(const TlsService*) {
    return tls_service_fields;
}
std::span<const sconf::Field> fields_of(const WebService*) {
    return web_service_fields;
}
std::span<const sconf::Field> fields_of(const MonitorService*) {
    return monitor_fields;
}
std::span<const sconf::Field> fields_of(const WellKnownService*) {
    return well_known_fields;
}
std::span<const sconf::Field> fields_of(const WebserverService*) {
    return webserver_fields;
}
std::span<const sconf::Field> fields_of(const Listener*) {
    return listener_fields;
}

}  // namespace mox::config
