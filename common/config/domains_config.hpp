#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "config/account_config.hpp"
#include "config/web_config.hpp"

// domains.conf, which administrators and the server itself change at any time. What each field means stands in the
// tables of domains_config.cpp.

namespace mox::config {

struct Canonicalization {
    bool header_relaxed = false, body_relaxed = false;
    bool operator==(const Canonicalization&) const = default;
};

struct DkimSelector {
    std::string hash;  // empty: sha256
    Canonicalization canonicalization;
    std::vector<std::string> headers;
    bool dont_seal_headers = false;
    std::string expiration;  // a duration, kept as text like in the original; empty: none
    std::string private_key_file;
    bool operator==(const DkimSelector&) const = default;
};

struct Dkim {
    std::map<std::string, DkimSelector> selectors;
    std::vector<std::string> sign;
    bool operator==(const Dkim&) const = default;
};

// Where reports about a domain are received.
struct DmarcReports {
    std::string localpart, domain, account, mailbox;
    bool operator==(const DmarcReports&) const = default;
};
struct TlsReports {
    std::string localpart, domain, account, mailbox;
    bool operator==(const TlsReports&) const = default;
};

struct MtaSts {
    std::string policy_id, mode;
    Duration max_age{};
    std::vector<std::string> mx;
    bool operator==(const MtaSts&) const = default;
};

struct Alias {
    std::vector<std::string> addresses;
    bool post_public = false, list_members = false, allow_msg_from = false;
    bool operator==(const Alias&) const = default;
};

struct Domain {
    bool disabled = false;
    std::string description, client_settings_domain;
    std::string localpart_catchall_separator;
    std::vector<std::string> localpart_catchall_separators;
    bool localpart_case_sensitive = false;
    Dkim dkim;
    std::optional<DmarcReports> dmarc;
    std::optional<MtaSts> mtasts;
    std::optional<TlsReports> tlsrpt;
    std::vector<Route> routes;
    std::map<std::string, Alias> aliases;  // by localpart
    bool operator==(const Domain&) const = default;
};

struct Domains {
    std::map<std::string, Domain> domains;  // by Unicode name in lower case
    std::map<std::string, Account> accounts;
    std::map<std::string, std::string> web_domain_redirects;
    std::vector<WebHandler> web_handlers;
    std::vector<Route> routes;
    std::vector<std::string> monitor_dnsbls;
    bool operator==(const Domains&) const = default;
};

std::span<const sconf::Field> fields_of(const Canonicalization*);
std::span<const sconf::Field> fields_of(const DkimSelector*);
std::span<const sconf::Field> fields_of(const Dkim*);
std::span<const sconf::Field> fields_of(const DmarcReports*);
std::span<const sconf::Field> fields_of(const TlsReports*);
std::span<const sconf::Field> fields_of(const MtaSts*);
std::span<const sconf::Field> fields_of(const Alias*);
std::span<const sconf::Field> fields_of(const Domain*);
std::span<const sconf::Field> fields_of(const Domains*);

}  // namespace mox::config
