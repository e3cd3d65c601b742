#include "config/static_config.hpp"

#include <array>

#include "config/sconf_fields.hpp"

namespace mox::config {

namespace {

using sconf::names_are_unique;
using sconf::optional;
using sconf::required;

constexpr std::array ca_fields{
    optional<&CertificateAuthorities::additional_to_system>("AdditionalToSystem",
                                                            "Trust the system's authorities too, not only the files."),
    optional<&CertificateAuthorities::cert_files>("CertFiles", "PEM files with certificates of authorities."),
};
static_assert(names_are_unique(ca_fields));

constexpr std::array global_tls_fields{
    optional<&GlobalTls::ca>("CA", "Which certificate authorities to trust, when not just the system's."),
};

constexpr std::array binding_fields{
    required<&ExternalAccountBinding::key_id>("KeyID", "Name of the key, given by the provider."),
    required<&ExternalAccountBinding::key_file>(
        "KeyFile", "File with the key in base64url, relative to the directory of mox.conf."),
};
static_assert(names_are_unique(binding_fields));

constexpr std::array acme_fields{
    required<&Acme::directory_url>(
        "DirectoryURL",
        "Where the provider's interface is, for Let's Encrypt https://acme-v02.api.letsencrypt.org/directory."),
    optional<&Acme::renew_before>("RenewBefore",
                                  "How long before its end a certificate is renewed. Default: 720h, 30 days."),
    required<&Acme::contact_email>(
        "ContactEmail",
        "Address the provider writes to when a certificate is about to end. Best not one that depends on this server."),
    optional<&Acme::port>("Port",
                          "Port for validation by TLS. Default: 443, where the provider always connects, so another "
                          "one needs something that forwards it."),
    optional<&Acme::issuer_domain_name>("IssuerDomainName",
                                        "Name of the authority for suggested CAA records. Known for Let's Encrypt."),
    optional<&Acme::external_account_binding>(
        "ExternalAccountBinding",
        "Ties the registration to an account that already exists at the provider, where it asks for that."),
};
static_assert(names_are_unique(acme_fields));

constexpr std::array postmaster_fields{
    required<&Postmaster::account>("Account", "Name of the account."),
    required<&Postmaster::mailbox>("Mailbox", "Mailbox in that account, such as Postmaster."),
};
static_assert(names_are_unique(postmaster_fields));

constexpr std::array host_tlsrpt_fields{
    required<&HostTlsrpt::account>("Account", "Account for the reports, usually the postmaster's."),
    required<&HostTlsrpt::mailbox>("Mailbox", "Mailbox for the reports, usually TLSRPT."),
    required<&HostTlsrpt::localpart>(
        "Localpart", "What stands before the @ of the reporting address at Hostname, usually tls-reports."),
};
static_assert(names_are_unique(host_tlsrpt_fields));

constexpr std::array special_use_fields{
    optional<&SpecialUseMailboxes::sent>("Sent", "Name of the mailbox for sent messages."),
    optional<&SpecialUseMailboxes::archive>("Archive", "Name of the mailbox for messages to keep."),
    optional<&SpecialUseMailboxes::trash>("Trash", "Name of the mailbox for deleted messages."),
    optional<&SpecialUseMailboxes::draft>("Draft", "Name of the mailbox for unfinished messages."),
    optional<&SpecialUseMailboxes::junk>("Junk", "Name of the mailbox for spam."),
};
static_assert(names_are_unique(special_use_fields));

constexpr std::array initial_mailboxes_fields{
    optional<&InitialMailboxes::special_use>("SpecialUse", "Mailboxes with a role that mail programs understand."),
    optional<&InitialMailboxes::regular>("Regular", "Mailboxes without a role."),
};
static_assert(names_are_unique(initial_mailboxes_fields));

constexpr std::array auth_fields{
    required<&SmtpAuth::username>("Username"),
    required<&SmtpAuth::password>("Password"),
    optional<&SmtpAuth::mechanisms>(
        "Mechanisms",
        "Ways of logging in that may be used. Default: SCRAM-SHA-256-PLUS, SCRAM-SHA-256, SCRAM-SHA-1-PLUS, "
        "SCRAM-SHA-1 and CRAM-MD5, but not PLAIN. Naming just the strongest one the server has prevents downgrades."),
};
static_assert(names_are_unique(auth_fields));

constexpr std::array transport_smtp_fields{
    required<&TransportSmtp::host>("Host", "Server to connect to; its certificate must be for this name."),
    optional<&TransportSmtp::port>("Port", "Default: 465 for Submissions, 587 for Submission, 25 for SMTP."),
    optional<&TransportSmtp::starttls_insecure_skip_verify>("STARTTLSInsecureSkipVerify",
                                                            "Accept any certificate after STARTTLS."),
    optional<&TransportSmtp::no_starttls>("NoSTARTTLS",
                                          "Stay with plain text even when the server offers STARTTLS; passwords and "
                                          "messages can then be read on the way."),
    optional<&TransportSmtp::auth>("Auth", "How to log in to the server."),
};
static_assert(names_are_unique(transport_smtp_fields));

constexpr std::array transport_socks_fields{
    required<&TransportSocks::address>("Address", "Host and port of the proxy, as host:port."),
    required<&TransportSocks::remote_ips>("RemoteIPs",
                                          "Addresses that connections come from as others see them. SPF records should "
                                          "name them, and their reverse DNS should give RemoteHostname."),
    required<&TransportSocks::remote_hostname>("RemoteHostname", "Name that belongs to RemoteIPs, used in EHLO."),
};
static_assert(names_are_unique(transport_socks_fields));

constexpr std::array transport_direct_fields{
    optional<&TransportDirect::disable_ipv4>("DisableIPv4", "Never connect to IPv4 addresses."),
    optional<&TransportDirect::disable_ipv6>("DisableIPv6", "Never connect to IPv6 addresses."),
};
static_assert(names_are_unique(transport_direct_fields));

constexpr std::array transport_fail_fields{
    optional<&TransportFail::smtp_code>("SMTPCode", "SMTP code of the failure. Default: 554."),
    optional<&TransportFail::smtp_message>("SMTPMessage",
                                           "Text of the failure; the sender sees it in the notification."),
};
static_assert(names_are_unique(transport_fail_fields));

constexpr std::array transport_fields{
    optional<&Transport::submissions>("Submissions", "Hand messages to another server's submission service, over TLS."),
    optional<&Transport::submission>(
        "Submission", "Hand messages to another server's submission service, with STARTTLS where possible."),
    optional<&Transport::smtp>("SMTP", "Hand messages to another server by plain SMTP, with STARTTLS where possible."),
    optional<&Transport::socks>("Socks", "Deliver directly, but connect through a SOCKS proxy."),
    optional<&Transport::direct>("Direct", "Deliver directly, with limits on the addresses used."),
    optional<&Transport::fail>("Fail", "Do not deliver, fail at once."),
};
static_assert(names_are_unique(transport_fields));

constexpr std::array static_fields{
    required<&Static::data_dir>(
        "DataDir",
        "Directory with accounts, messages, the queue and all other data. Relative to the directory of this file."),
    required<&Static::log_level>("LogLevel",
                                 "How much to log: error, info, debug, trace (protocol texts), traceauth (with "
                                 "passwords too) or tracedata (with whole messages too)."),
    optional<&Static::package_log_levels>(
        "PackageLogLevels", "Other log levels for single parts of the program, by name, such as queue or imapserver."),
    optional<&Static::user>("User",
                            "User to become after sockets are open. Default: mox. If there is no such user, a number "
                            "that serves as user and group id."),
    optional<&Static::no_fix_permissions>(
        "NoFixPermissions", "Leave owners and modes of files alone at the start, instead of repairing them."),
    required<&Static::hostname>(
        "Hostname", "Full name of this host, such as mail.example.org; in Unicode when it is international."),
    optional<&Static::check_updates>(
        "CheckUpdates", "Look once a day in DNS for a new release and mail its changes to the postmaster."),
    optional<&Static::pedantic>("Pedantic", "Treat violations of protocols as errors even where they are common."),
    optional<&Static::tls>("TLS", "TLS for connections that this host makes."),
    optional<&Static::acme>("ACME", "Providers of certificates, by a name that listeners refer to."),
    optional<&Static::admin_password_file>("AdminPasswordFile",
                                           "File with the bcrypt hash of the password for the admin pages."),
    required<&Static::listeners>("Listeners",
                                 "Groups of addresses with the services on them, by a name of your choice. The one "
                                 "named public gets additional checks."),
    required<&Static::postmaster>("Postmaster",
                                  "Where mail for postmaster goes: without a domain, at this host, and at domains that "
                                  "have no such address of their own."),
    optional<&Static::host_tlsrpt>(
        "HostTLSRPT", "Where reports about TLS with this host go. Absent: no address for them is published."),
    optional<&Static::initial_mailboxes>(
        "InitialMailboxes",
        "Mailboxes of a new account besides Inbox. Default: Sent, Archive, Trash, Drafts and Junk with their roles."),
    optional<&Static::default_mailboxes>("DefaultMailboxes",
                                         "Deprecated, use InitialMailboxes. Names of mailboxes of a new account "
                                         "besides Inbox; roles follow from how the names start."),
    optional<&Static::transports>("Transports",
                                  "Ways of sending other than direct delivery, by a name that routes in domains.conf "
                                  "refer to. Each sets at most one of the fields."),
    optional<&Static::no_outgoing_dmarc_reports>("NoOutgoingDMARCReports",
                                                 "Send no aggregate reports about DMARC to domains that ask for them."),
    optional<&Static::no_outgoing_tls_reports>("NoOutgoingTLSReports",
                                               "Send no reports about TLS to domains that ask for them."),
    optional<&Static::outgoing_tls_reports_for_all_success>("OutgoingTLSReportsForAllSuccess",
                                                            "Send reports about TLS also when nothing failed."),
    optional<&Static::quota_message_size>("QuotaMessageSize",
                                          "Largest total size of an account's messages in bytes, unless the account "
                                          "has its own limit. Default: no limit."),
};
static_assert(names_are_unique(static_fields));

}  // namespace

std::span<const sconf::Field> fields_of(const CertificateAuthorities*) {
    return ca_fields;
}
std::span<const sconf::Field> fields_of(const GlobalTls*) {
    return global_tls_fields;
}
std::span<const sconf::Field> fields_of(const ExternalAccountBinding*) {
    return binding_fields;
}
std::span<const sconf::Field> fields_of(const Acme*) {
    return acme_fields;
}
std::span<const sconf::Field> fields_of(const Postmaster*) {
    return postmaster_fields;
}
std::span<const sconf::Field> fields_of(const HostTlsrpt*) {
    return host_tlsrpt_fields;
}
std::span<const sconf::Field> fields_of(const SpecialUseMailboxes*) {
    return special_use_fields;
}
std::span<const sconf::Field> fields_of(const InitialMailboxes*) {
    return initial_mailboxes_fields;
}
std::span<const sconf::Field> fields_of(const SmtpAuth*) {
    return auth_fields;
}
std::span<const sconf::Field> fields_of(const TransportSmtp*) {
    return transport_smtp_fields;
}
std::span<const sconf::Field> fields_of(const TransportSocks*) {
    return transport_socks_fields;
}
std::span<const sconf::Field> fields_of(const TransportDirect*) {
    return transport_direct_fields;
}
std::span<const sconf::Field> fields_of(const TransportFail*) {
    return transport_fail_fields;
}
std::span<const sconf::Field> fields_of(const Transport*) {
    return transport_fields;
}
std::span<const sconf::Field> fields_of(const Static*) {
    return static_fields;
}

}  // namespace mox::config
