#include <fmt/format.h>
#include <pwd.h>

#include <algorithm>
#include <array>

#include "base/encoding.hpp"
#include "config/validation.hpp"
#include "model/mailbox_name.hpp"

namespace mox::config {

namespace {

using Path = sconf::Path;

const std::vector<std::string_view> log_levels{"print", "fatal", "error",     "info",
                                               "debug", "trace", "traceauth", "tracedata"};

void validate_logging(Validation& v, const Static& settings) {
    v.one_of({}, "LogLevel", settings.log_level, log_levels);
    for (const auto& [package, level] : settings.package_log_levels)
        v.one_of({"PackageLogLevels"}, package, level, log_levels);
}

// Whoever starts unprivileged needs no such user, so it is no error here.
void validate_user(Validation& v, const Static& settings) {
    const std::string user = settings.user.empty() ? "mox" : settings.user;
    const bool is_number = std::ranges::all_of(user, [](char c) { return c >= '0' && c <= '9'; });
    if (is_number) {
        if (user.find_first_not_of('0') == std::string::npos)
            v.error({"User"}, "User cannot be root", "choose a user who owns nothing else");
        return;
    }
    std::array<char, 16'384> buffer{};
    struct passwd entry = {}, *found = nullptr;
    if (::getpwnam_r(user.c_str(), &entry, buffer.data(), buffer.size(), &found) == 0 && found == nullptr)
        v.warning({"User"}, "there is no user " + quote(user) + " on this host",
                  "add one (useradd -d / " + user + "), or write a number");
    else if (found != nullptr && found->pw_uid == 0)
        v.error({"User"}, "User cannot be root", "choose a user who owns nothing else");
}

void validate_acme(Validation& v, const Static& settings) {
    for (const auto& [name, acme] : settings.acme) {
        const Path at{"ACME", name};
        v.http_url(at, "DirectoryURL", acme.directory_url);
        v.not_negative(at, "RenewBefore", acme.renew_before);
        std::string_view localpart, domain;
        if (!split_address(acme.contact_email, localpart, domain) || localpart.empty())
            v.error(at / "ContactEmail", quote(acme.contact_email) + " is no address");
        v.port(at, acme.port);
        if (acme.external_account_binding)
            v.readable_file(at / "ExternalAccountBinding" / "KeyFile", acme.external_account_binding->key_file);
    }
}

void validate_initial_mailbox(Validation& v, const Path& at, const std::string& name, std::vector<std::string>& seen) {
    if (equal_ignoring_case(name, model::inbox_name)) return v.error(at, "the Inbox is always made and not named here");
    v.mailbox(at, name);
    if (std::ranges::find(seen, name) != seen.end()) v.error(at, "mailbox " + quote(name) + " is named twice");
    seen.push_back(name);
}

void validate_initial_mailboxes(Validation& v, const Static& settings) {
    if (!settings.default_mailboxes.empty()) {
        if (settings.initial_mailboxes != InitialMailboxes{})
            v.error({"DefaultMailboxes"}, "DefaultMailboxes and InitialMailboxes cannot both be given",
                    "InitialMailboxes is the newer form");
        for (std::size_t i = 0; i < settings.default_mailboxes.size(); ++i)
            v.mailbox(Path{"DefaultMailboxes"} / i, settings.default_mailboxes[i]);
        return;
    }
    std::vector<std::string> seen;
    const auto& wanted = settings.initial_mailboxes;
    const Path special{"InitialMailboxes", "SpecialUse"};
    for (const auto& [field, name] :
         {std::pair("Sent", &wanted.special_use.sent), std::pair("Archive", &wanted.special_use.archive),
          std::pair("Trash", &wanted.special_use.trash), std::pair("Draft", &wanted.special_use.draft),
          std::pair("Junk", &wanted.special_use.junk)})
        if (!name->empty()) validate_initial_mailbox(v, special / field, *name, seen);
    for (std::size_t i = 0; i < wanted.regular.size(); ++i)
        validate_initial_mailbox(v, Path{"InitialMailboxes", "Regular"} / i, wanted.regular[i], seen);
}

void validate_smtp_transport(Validation& v, const Path& at, const TransportSmtp& smtp) {
    v.host(at / "Host", smtp.host);
    v.port(at, smtp.port);
    if (smtp.no_starttls && smtp.starttls_insecure_skip_verify)
        v.error(at / "NoSTARTTLS", "NoSTARTTLS and STARTTLSInsecureSkipVerify contradict each other");
    if (!smtp.auth) return;
    for (std::size_t i = 0; i < smtp.auth->mechanisms.size(); ++i)
        v.one_of(at / "Auth" / "Mechanisms", std::to_string(i), smtp.auth->mechanisms[i],
                 {"SCRAM-SHA-256-PLUS", "SCRAM-SHA-256", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-1", "CRAM-MD5", "PLAIN"});
}

void validate_socks(Validation& v, const Path& at, const TransportSocks& socks) {
    const auto colon = socks.address.rfind(':');
    const std::string port = colon == std::string::npos ? "" : socks.address.substr(colon + 1);
    const bool is_port = !port.empty() && port.size() <= 5 && port.find_first_not_of("0123456789") == std::string::npos;
    if (colon == 0 || !is_port || std::stol(port) < 1 || std::stol(port) > 65'535)
        v.error(at / "Address", quote(socks.address) + " is not of the form host:port");
    if (socks.remote_ips.empty()) v.error(at / "RemoteIPs", "RemoteIPs is empty");
    for (std::size_t i = 0; i < socks.remote_ips.size(); ++i) v.ip(at / "RemoteIPs" / i, socks.remote_ips[i]);
    v.domain(at / "RemoteHostname", socks.remote_hostname);
}

void validate_transports(Validation& v, const Static& settings) {
    for (const auto& [name, transport] : settings.transports) {
        const Path at{"Transports", name};
        const int kinds = static_cast<int>(transport.submissions.has_value()) +
                          static_cast<int>(transport.submission.has_value()) +
                          static_cast<int>(transport.smtp.has_value()) + static_cast<int>(transport.socks.has_value()) +
                          static_cast<int>(transport.direct.has_value()) + static_cast<int>(transport.fail.has_value());
        if (kinds > 1) v.error(at, "transport " + quote(name) + " is of several kinds", "keep one of them");
        if (transport.submissions) validate_smtp_transport(v, at / "Submissions", *transport.submissions);
        if (transport.submission) validate_smtp_transport(v, at / "Submission", *transport.submission);
        if (transport.smtp) validate_smtp_transport(v, at / "SMTP", *transport.smtp);
        if (transport.socks) validate_socks(v, at / "Socks", *transport.socks);
        if (transport.direct && transport.direct->disable_ipv4 && transport.direct->disable_ipv6)
            v.error(at / "Direct", "neither IPv4 nor IPv6 is left");
        if (transport.fail) {
            const auto code = transport.fail->smtp_code;
            if (code != 0 && (code < 400 || code > 599))
                v.error(at / "Fail" / "SMTPCode", fmt::format("{} is no code of a failure", code),
                        "4xx for now, 5xx for ever");
        }
    }
}

void validate_host_tlsrpt(Validation& v, const Static& settings) {
    const auto& reports = settings.host_tlsrpt;
    if (reports == HostTlsrpt{}) return;
    const Path at{"HostTLSRPT"};
    v.account(at, reports.account);
    v.mailbox(at / "Mailbox", reports.mailbox);
    if (reports.localpart.empty()) v.error(at / "Localpart", "Localpart is empty", "usual is tls-reports");
}

}  // namespace

void validate_static(Validation& v) {
    const Static& settings = v.config().settings;
    if (settings.data_dir.empty()) v.error({"DataDir"}, "DataDir is empty");
    validate_logging(v, settings);
    validate_user(v, settings);
    v.domain({"Hostname"}, settings.hostname);
    if (settings.tls.ca)
        for (std::size_t i = 0; i < settings.tls.ca->cert_files.size(); ++i)
            v.readable_file(Path{"TLS", "CA", "CertFiles"} / i, settings.tls.ca->cert_files[i]);
    validate_acme(v, settings);
    if (!settings.admin_password_file.empty()) v.readable_file({"AdminPasswordFile"}, settings.admin_password_file);
    if (settings.listeners.empty()) v.warning({"Listeners"}, "there are no listeners, so the server serves nobody");
    for (const auto& [name, listener] : settings.listeners) validate_listener(v, name, listener);
    validate_ports(v);
    v.account({"Postmaster"}, settings.postmaster.account);
    v.mailbox({"Postmaster", "Mailbox"}, settings.postmaster.mailbox);
    validate_host_tlsrpt(v, settings);
    validate_initial_mailboxes(v, settings);
    validate_transports(v, settings);
    v.not_negative({}, "QuotaMessageSize", settings.quota_message_size);
}

}  // namespace mox::config
