#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "config/listener_config.hpp"

// mox.conf, which is read when the server starts. What each field means stands in the tables of static_config.cpp.

namespace mox::config {

struct CertificateAuthorities {
    bool additional_to_system = false;
    std::vector<std::string> cert_files;
    bool operator==(const CertificateAuthorities&) const = default;
};

struct GlobalTls {
    std::optional<CertificateAuthorities> ca;
    bool operator==(const GlobalTls&) const = default;
};

struct ExternalAccountBinding {
    std::string key_id, key_file;
    bool operator==(const ExternalAccountBinding&) const = default;
};

struct Acme {
    std::string directory_url;
    Duration renew_before{};  // 0: 30 days
    std::string contact_email;
    std::int64_t port = 0;  // 0: 443
    std::string issuer_domain_name;
    std::optional<ExternalAccountBinding> external_account_binding;
    bool operator==(const Acme&) const = default;
};

struct Postmaster {
    std::string account, mailbox;
    bool operator==(const Postmaster&) const = default;
};

struct HostTlsrpt {
    std::string account, mailbox, localpart;
    bool operator==(const HostTlsrpt&) const = default;
};

struct SpecialUseMailboxes {
    std::string sent, archive, trash, draft, junk;
    bool operator==(const SpecialUseMailboxes&) const = default;
};

struct InitialMailboxes {
    SpecialUseMailboxes special_use;
    std::vector<std::string> regular;
    bool operator==(const InitialMailboxes&) const = default;
};

struct SmtpAuth {
    std::string username, password;
    std::vector<std::string> mechanisms;
    bool operator==(const SmtpAuth&) const = default;
};

struct TransportSmtp {
    std::string host;
    std::int64_t port = 0;  // 0: 25 for SMTP, 465 for submissions, 587 for submission
    bool starttls_insecure_skip_verify = false;
    bool no_starttls = false;
    std::optional<SmtpAuth> auth;
    bool operator==(const TransportSmtp&) const = default;
};

struct TransportSocks {
    std::string address;
    std::vector<std::string> remote_ips;
    std::string remote_hostname;
    bool operator==(const TransportSocks&) const = default;
};

struct TransportDirect {
    bool disable_ipv4 = false, disable_ipv6 = false;
    bool operator==(const TransportDirect&) const = default;
};

struct TransportFail {
    std::int64_t smtp_code = 0;  // 0: 554
    std::string smtp_message;
    bool operator==(const TransportFail&) const = default;
};

// At most one is set; none means direct delivery.
struct Transport {
    std::optional<TransportSmtp> submissions, submission, smtp;
    std::optional<TransportSocks> socks;
    std::optional<TransportDirect> direct;
    std::optional<TransportFail> fail;
    bool operator==(const Transport&) const = default;
};

struct Static {
    std::string data_dir;  // relative to the file's directory
    std::string log_level;
    std::map<std::string, std::string> package_log_levels;
    std::string user;  // empty: mox
    bool no_fix_permissions = false;
    std::string hostname;
    bool check_updates = false;
    bool pedantic = false;
    GlobalTls tls;
    std::map<std::string, Acme> acme;
    std::string admin_password_file;
    std::map<std::string, Listener> listeners;
    Postmaster postmaster;
    HostTlsrpt host_tlsrpt;
    InitialMailboxes initial_mailboxes;
    std::vector<std::string> default_mailboxes;  // deprecated form of initial_mailboxes
    std::map<std::string, Transport> transports;
    bool no_outgoing_dmarc_reports = false;
    bool no_outgoing_tls_reports = false;
    bool outgoing_tls_reports_for_all_success = false;
    std::int64_t quota_message_size = 0;  // bytes; 0: none
    bool operator==(const Static&) const = default;
};

std::span<const sconf::Field> fields_of(const CertificateAuthorities*);
std::span<const sconf::Field> fields_of(const GlobalTls*);
std::span<const sconf::Field> fields_of(const ExternalAccountBinding*);
std::span<const sconf::Field> fields_of(const Acme*);
std::span<const sconf::Field> fields_of(const Postmaster*);
std::span<const sconf::Field> fields_of(const HostTlsrpt*);
std::span<const sconf::Field> fields_of(const SpecialUseMailboxes*);
std::span<const sconf::Field> fields_of(const InitialMailboxes*);
std::span<const sconf::Field> fields_of(const SmtpAuth*);
std::span<const sconf::Field> fields_of(const TransportSmtp*);
std::span<const sconf::Field> fields_of(const TransportSocks*);
std::span<const sconf::Field> fields_of(const TransportDirect*);
std::span<const sconf::Field> fields_of(const TransportFail*);
std::span<const sconf::Field> fields_of(const Transport*);
std::span<const sconf::Field> fields_of(const Static*);

}  // namespace mox::config
