#include "config/domains_config.hpp"

#include <array>

#include "config/sconf_fields.hpp"

namespace mox::config {

namespace {

using sconf::names_are_unique;
using sconf::optional;
using sconf::required;

constexpr std::array canonicalization_fields{
    required<&Canonicalization::header_relaxed>("HeaderRelaxed",
                                                "Let blanks in headers change without breaking the signature."),
    required<&Canonicalization::body_relaxed>("BodyRelaxed",
                                              "Let blanks in the body change without breaking the signature."),
};
static_assert(names_are_unique(canonicalization_fields));

constexpr std::array selector_fields{
    optional<&DkimSelector::hash>("Hash", "sha256 (the default), or sha1, which is old and weak."),
    optional<&DkimSelector::canonicalization>("Canonicalization", "Which changes on the way a signature survives."),
    optional<&DkimSelector::headers>("Headers", "Headers to sign. Default: a sensible set."),
    optional<&DkimSelector::dont_seal_headers>("DontSealHeaders",
                                               "Let others add further headers of the signed names. Best left off."),
    optional<&DkimSelector::expiration>(
        "Expiration", "How long a signature is valid, for example 72h; long enough for slow deliveries."),
    required<&DkimSelector::private_key_file>(
        "PrivateKeyFile", "PEM file with an RSA or ed25519 key as PKCS8, relative to the directory of this file."),
};
static_assert(names_are_unique(selector_fields));

constexpr std::array dkim_fields{
    required<&Dkim::selectors>("Selectors", "Keys by selector; each needs a record in DNS."),
    optional<&Dkim::sign>("Sign", "Selectors that outgoing messages are signed with."),
};
static_assert(names_are_unique(dkim_fields));

constexpr std::array dmarc_fields{
    required<&DmarcReports::localpart>("Localpart",
                                       "What stands before the @ of the reporting address, usually dmarc-reports."),
    optional<&DmarcReports::domain>("Domain", "Domain of the reporting address, when it is not this one."),
    required<&DmarcReports::account>("Account", "Account for the reports."),
    required<&DmarcReports::mailbox>("Mailbox", "Mailbox for the reports, usually DMARC."),
};
static_assert(names_are_unique(dmarc_fields));

constexpr std::array tlsrpt_fields{
    required<&TlsReports::localpart>("Localpart",
                                     "What stands before the @ of the reporting address, usually tls-reports."),
    optional<&TlsReports::domain>("Domain", "Domain of the reporting address, when it is not this one."),
    required<&TlsReports::account>("Account", "Account for the reports."),
    required<&TlsReports::mailbox>("Mailbox", "Mailbox for the reports, usually TLSRPT."),
};
static_assert(names_are_unique(tlsrpt_fields));

constexpr std::array mtasts_fields{
    required<&MtaSts::policy_id>("PolicyID",
                                 "Version of the policy; after a change here, the record in DNS must follow."),
    required<&MtaSts::mode>(
        "Mode", "enforce: senders must verify TLS. testing: they report only. none: for taking a policy back."),
    required<&MtaSts::max_age>("MaxAge", "How long senders keep the policy, usually a week or more."),
    optional<&MtaSts::mx>(
        "MX", "Names of hosts that receive mail for the domain; * may stand for the first label. Default: Hostname."),
};
static_assert(names_are_unique(mtasts_fields));

constexpr std::array alias_fields{
    required<&Alias::addresses>("Addresses", "Addresses of accounts here that get the messages."),
    optional<&Alias::post_public>("PostPublic", "Anyone may write to the alias, not just its members."),
    optional<&Alias::list_members>("ListMembers", "Members may see who else is one."),
    optional<&Alias::allow_msg_from>("AllowMsgFrom", "Members may send with the alias as From address."),
};
static_assert(names_are_unique(alias_fields));

constexpr std::array domain_fields{
    optional<&Domain::disabled>(
        "Disabled",
        "Refuse mail for and from the domain for the time being, and request no certificates. Logins still work."),
    optional<&Domain::description>("Description", "Notes for people."),
    optional<&Domain::client_settings_domain>(
        "ClientSettingsDomain",
        "Name of the host in settings for mail programs, when it is not Hostname; eases a later move."),
    optional<&Domain::localpart_catchall_separator>(
        "LocalpartCatchallSeparator",
        "Text in a localpart from which on it is ignored for delivery: with + mail for me+shop reaches me."),
    optional<&Domain::localpart_catchall_separators>("LocalpartCatchallSeparators",
                                                     "Several of these. Either this or LocalpartCatchallSeparator."),
    optional<&Domain::localpart_case_sensitive>("LocalpartCaseSensitive", "Upper and lower case differ in localparts."),
    optional<&Domain::dkim>("DKIM", "Signatures on outgoing messages."),
    optional<&Domain::dmarc>("DMARC", "Where reports about the use of the domain by others go."),
    optional<&Domain::mtasts>("MTASTS", "Policy that asks senders to verify TLS."),
    optional<&Domain::tlsrpt>("TLSRPT", "Where reports about TLS go."),
    optional<&Domain::routes>(
        "Routes", "Transports for outgoing messages; looked at after the account's and before the global ones."),
    optional<&Domain::aliases>("Aliases", "Addresses that stand for several accounts, by localpart."),
};
static_assert(names_are_unique(domain_fields));

constexpr std::array domains_fields{
    required<&Domains::domains>("Domains",
                                "Domains that mail is accepted for, by name; international ones in Unicode."),
    required<&Domains::accounts>("Accounts",
                                 "Users, by a name that is not an address. Each has mailboxes and a password."),
    optional<&Domains::web_domain_redirects>("WebDomainRedirects",
                                             "Domains whose web requests are redirected to another, by HTTPS."),
    optional<&Domains::web_handlers>("WebHandlers",
                                     "What the web server answers; the first handler that matches wins."),
    optional<&Domains::routes>(
        "Routes",
        "Transports for outgoing messages that no route of the account or domain matches. Default: direct delivery."),
    optional<&Domains::monitor_dnsbls>("MonitorDNSBLs",
                                       "DNS block lists in which our own addresses are looked up from time to time, "
                                       "without using them for arriving mail."),
};
static_assert(names_are_unique(domains_fields));

}  // namespace

std::span<const sconf::Field> fields_of(const Canonicalization*) {
    return canonicalization_fields;
}
std::span<const sconf::Field> fields_of(const DkimSelector*) {
    return selector_fields;
}
std::span<const sconf::Field> fields_of(const Dkim*) {
    return dkim_fields;
}
std::span<const sconf::Field> fields_of(const DmarcReports*) {
    return dmarc_fields;
}
std::span<const sconf::Field> fields_of(const TlsReports*) {
    return tlsrpt_fields;
}
std::span<const sconf::Field> fields_of(const MtaSts*) {
    return mtasts_fields;
}
std::span<const sconf::Field> fields_of(const Alias*) {
    return alias_fields;
}
std::span<const sconf::Field> fields_of(const Domain*) {
    return domain_fields;
}
std::span<const sconf::Field> fields_of(const Domains*) {
    return domains_fields;
}

}  // namespace mox::config
