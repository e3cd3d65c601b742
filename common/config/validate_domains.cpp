#include <algorithm>

#include "base/encoding.hpp"
#include "config/sconf_value.hpp"
#include "config/validation.hpp"

namespace mox::config {

namespace {

using Path = sconf::Path;

constexpr Duration longest_mta_sts = std::chrono::seconds(31'557'600);  // RFC 8461 section 3.2

void validate_separators(Validation& v, const Path& at, const Domain& domain) {
    if (!domain.localpart_catchall_separator.empty() && !domain.localpart_catchall_separators.empty())
        v.error(at / "LocalpartCatchallSeparator",
                "LocalpartCatchallSeparator and LocalpartCatchallSeparators cannot both be given",
                "put all into LocalpartCatchallSeparators");
    const auto& list = domain.localpart_catchall_separators;
    for (std::size_t i = 0; i < list.size(); ++i) {
        const Path here = at / "LocalpartCatchallSeparators" / i;
        if (list[i].empty()) v.error(here, "a separator is empty");
        if (std::find(list.begin(), list.begin() + static_cast<std::ptrdiff_t>(i), list[i]) !=
            list.begin() + static_cast<std::ptrdiff_t>(i))
            v.error(here, "separator " + quote(list[i]) + " is listed twice");
    }
    for (const auto& separator : catchall_separators(domain))
        if (separator.find_first_of("@ \t") != std::string::npos)
            v.error(at / "LocalpartCatchallSeparator", quote(separator) + " cannot separate parts of an address");
}

void validate_dkim(Validation& v, const Path& at, const Dkim& dkim) {
    for (const auto& [name, selector] : dkim.selectors) {
        const Path here = at / "Selectors" / name;
        v.domain(here, name);
        if (!selector.hash.empty()) v.one_of(here, "Hash", selector.hash, {"sha256", "sha1"});
        const auto& headers = selector.headers;
        if (!headers.empty() &&
            std::ranges::none_of(headers, [](const auto& header) { return equal_ignoring_case(header, "From"); }))
            v.error(here / "Headers", "the header From is not signed", "a signature without it counts for nothing");
        if (!selector.expiration.empty()) {
            Duration expiration{};
            const std::string problem = sconf::read_duration(selector.expiration, expiration);
            if (!problem.empty() || expiration <= Duration(0))
                v.error(here / "Expiration", quote(selector.expiration) + " is no duration", "72h, say");
        }
        validate_dkim_key(v, here / "PrivateKeyFile", selector.private_key_file);
    }
    for (std::size_t i = 0; i < dkim.sign.size(); ++i)
        if (!dkim.selectors.contains(dkim.sign[i]))
            v.error(at / "Sign" / i, "there is no selector " + quote(dkim.sign[i]));
}

template <class Reports>
void validate_reports(Validation& v, const Path& at, const Reports& reports) {
    if (reports.localpart.empty() || reports.localpart.find('@') != std::string::npos)
        v.error(at / "Localpart", quote(reports.localpart) + " is no part before an @");
    if (!reports.domain.empty() && !v.config().domains.domains.contains(reports.domain))
        v.error(at / "Domain", "domain " + quote(reports.domain) + " is not configured");
    v.account(at, reports.account);
    v.mailbox(at / "Mailbox", reports.mailbox);
}

void validate_mta_sts(Validation& v, const Path& at, const MtaSts& policy) {
    const bool is_id =
        !policy.policy_id.empty() && policy.policy_id.size() <= 32 && std::ranges::all_of(policy.policy_id, [](char c) {
            return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        });
    if (!is_id)
        v.error(at / "PolicyID", quote(policy.policy_id) + " is no id of a policy",
                "up to 32 ASCII letters and digits");
    v.one_of(at, "Mode", policy.mode, {"enforce", "testing", "none"});
    if (policy.max_age < Duration(0) || policy.max_age > longest_mta_sts)
        v.error(at / "MaxAge", "MaxAge is not between 0 and a year");
    for (std::size_t i = 0; i < policy.mx.size(); ++i)
        v.domain(at / "MX" / i, policy.mx[i].starts_with("*.") ? policy.mx[i].substr(2) : policy.mx[i]);
    const auto& listeners = v.config().settings.listeners;
    if (std::ranges::none_of(listeners, [](const auto& entry) { return entry.second.mtasts_https.enabled; }))
        v.error(at, "no listener serves the policy", "enable MTASTSHTTPS on a listener of mox.conf");
}

void validate_alias(Validation& v, const Path& at, const std::string& localpart, const Domain& domain,
                    const Alias& alias) {
    if (localpart.empty() || localpart.find('@') != std::string::npos)
        v.error(at, quote(localpart) + " is no part before an @");
    for (const auto& separator : catchall_separators(domain))
        if (!separator.empty() && localpart.find(separator) != std::string::npos)
            v.error(at, "alias " + quote(localpart) + " contains the catchall separator " + quote(separator));
    if (alias.addresses.empty()) v.error(at / "Addresses", "an alias needs at least one address");
    const Domains& domains = v.config().domains;
    for (std::size_t i = 0; i < alias.addresses.size(); ++i) {
        const auto is_destination = [&](const Account& account) {
            return std::ranges::any_of(account.destinations, [&](const auto& destination) {
                return full_address(account, destination.first) == alias.addresses[i];
            });
        };
        if (std::ranges::none_of(domains.accounts, [&](const auto& entry) { return is_destination(entry.second); }))
            v.error(at / "Addresses" / i, quote(alias.addresses[i]) + " is no destination of an account");
    }
}

}  // namespace

void validate_domains(Validation& v) {
    const Domains& domains = v.config().domains;
    for (const auto& [name, domain] : domains.domains) {
        const Path at{"Domains", name};
        v.domain(at, name);
        if (!domain.client_settings_domain.empty())
            v.domain(at / "ClientSettingsDomain", domain.client_settings_domain);
        validate_separators(v, at, domain);
        validate_dkim(v, at / "DKIM", domain.dkim);
        if (domain.dmarc) validate_reports(v, at / "DMARC", *domain.dmarc);
        if (domain.tlsrpt) validate_reports(v, at / "TLSRPT", *domain.tlsrpt);
        if (domain.mtasts) validate_mta_sts(v, at / "MTASTS", *domain.mtasts);
        v.routes(at / "Routes", domain.routes);
        for (const auto& [localpart, alias] : domain.aliases)
            validate_alias(v, at / "Aliases" / localpart, localpart, domain, alias);
    }
    for (const auto& [name, account] : domains.accounts) validate_account(v, name, account);
    validate_destinations(v);
    v.routes({"Routes"}, domains.routes);
    for (std::size_t i = 0; i < domains.monitor_dnsbls.size(); ++i)
        v.domain(Path{"MonitorDNSBLs"} / i, domains.monitor_dnsbls[i]);
}

}  // namespace mox::config
