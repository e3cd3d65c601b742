#include "admin/dns_records.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>

#include "admin/domains.hpp"
#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/file.hpp"
#include "keys/private_key.hpp"
#include "mime/domain.hpp"

namespace mox::admin {

namespace {

constexpr std::size_t longest_string = 255, largest_key_bytes = 64U << 10U;
constexpr std::string_view lets_encrypt_host = "letsencrypt.org";

std::string absolute(std::string_view domain) {
    return mime::ascii_domain(domain) + ".";
}

bool is_v6(const std::string& ip) {
    return ip.find(':') != std::string::npos;
}
bool is_public(const std::string& ip) {
    return ip != "0.0.0.0" && ip != "::" && ip != "::1" && !ip.starts_with("127.") && !ip.starts_with("10.") &&
           !ip.starts_with("192.168.");
}

// Listens on more than this machine itself.
bool is_outward(const config::Listener& listener) {
    return std::ranges::any_of(listener.ips, [](const auto& ip) { return ip != "::1" && !ip.starts_with("127."); });
}

class Records {
public:
    Records(const config::Config& config, const std::string& domain)
        : config_(config),
          domain_(config.domains.domains.at(domain)),
          name_(absolute(domain)),
          host_(absolute(config.settings.hostname)) {}

    std::vector<DnsRecord> take() {
        add_host();
        add_mail();
        for (const auto& [selector, settings] : domain_.dkim.selectors) add_dkim(selector, settings);
        add_policies();
        add_services();
        add_authorities();
        return std::move(records_);
    }

private:
    void note(std::string text) { note_ = std::move(text); }
    void add(const std::string& name, std::string_view type, std::string value) {
        records_.push_back({name, std::string(type), std::move(value), std::exchange(note_, {})});
    }
    // Port of the service on the first listener that has it for others; 0 when none does.
    template <class Service>
    [[nodiscard]] std::int64_t port_of(Service config::Listener::*service, std::int64_t usual) const {
        for (const auto& [name, listener] : config_.settings.listeners)
            if (is_outward(listener) && (listener.*service).enabled)
                return (listener.*service).port == 0 ? usual : (listener.*service).port;
        return 0;
    }

    void add_host();
    void add_mail();
    void add_dkim(const std::string& selector, const config::DkimSelector& settings);
    void add_policies();
    void add_services();
    void add_service(const std::string& service, std::int64_t port, const std::string& target);
    void add_authorities();

    const config::Config& config_;
    const config::Domain& domain_;
    const std::string name_, host_;
    std::string note_;
    std::vector<DnsRecord> records_;
};

void Records::add_host() {
    note("The host. Its addresses need reverse records (PTR) that lead back to this name.");
    for (const auto& [name, listener] : config_.settings.listeners) {
        if (!listener.hostname.empty() && listener.hostname != config_.settings.hostname) continue;
        for (const auto& ip : listener.nat_ips.empty() ? listener.ips : listener.nat_ips)
            if (is_public(ip)) add(host_, is_v6(ip) ? "AAAA" : "A", ip);
    }
    add(host_, "TXT", txt_value("v=spf1 a -all"));
}

void Records::add_mail() {
    note("Mail for the domain comes to the host, and only from there.");
    add(name_, "MX", "10 " + host_);
    add(name_, "TXT", txt_value("v=spf1 mx ~all"));
}

void Records::add_dkim(const std::string& selector, const config::DkimSelector& settings) {
    if (selector == domain_.dkim.selectors.begin()->first) note("Keys for the signatures of sent messages.");
    const auto file = config_.paths.directory / settings.private_key_file;
    const auto key = in_context("DKIM key " + quote(file.native()),
                                [&] { return keys::PrivateKey::parse(read_file(file, largest_key_bytes)); });
    const bool is_ed25519 = key.kind() == keys::KeyKind::ed25519;
    add(absolute(selector) + "_domainkey." + name_, "TXT",
        txt_value(fmt::format("v=DKIM1;h={};{}p={}", settings.hash.empty() ? "sha256" : settings.hash,
                              is_ed25519 ? "k=ed25519;" : "", to_base64(as_bytes(key.dkim_public_key())))));
}

void Records::add_policies() {
    note("What others do with mail that is not from the host, and where they report.");
    const auto address_of = [&](const auto& reports) {
        return reports.localpart + "@" +
               (reports.domain.empty() ? name_.substr(0, name_.size() - 1) : mime::ascii_domain(reports.domain));
    };
    if (domain_.dmarc)
        add("_dmarc." + name_, "TXT", txt_value("v=DMARC1;p=reject;rua=mailto:" + address_of(*domain_.dmarc) + "!10m"));
    else
        add("_dmarc." + name_, "TXT", txt_value("v=DMARC1;p=reject"));
    if (domain_.tlsrpt)
        add("_smtp._tls." + name_, "TXT", txt_value("v=TLSRPTv1; rua=mailto:" + address_of(*domain_.tlsrpt)));
    if (!domain_.mtasts) return;
    note("Others deliver with verified TLS only (MTA-STS). Change the id whenever the policy changes.");
    add("mta-sts." + name_, "CNAME", host_);
    add("_mta-sts." + name_, "TXT", txt_value("v=STSv1; id=" + domain_.mtasts->policy_id));
}

void Records::add_service(const std::string& service, std::int64_t port, const std::string& target) {
    // A lone dot: the service is not there (RFC 2782).
    const std::string value = port == 0 ? "0 0 0 ." : fmt::format("0 1 {} {}", port, target);
    add("_" + service + "._tcp." + name_, "SRV", value);
}

void Records::add_services() {
    note("Where mail programs find their settings and services.");
    std::string target = host_;
    if (!domain_.client_settings_domain.empty() && absolute(domain_.client_settings_domain) != host_) {
        target = absolute(domain_.client_settings_domain);
        add(target, "CNAME", host_);
    }
    if (const auto port = port_of(&config::Listener::autoconfig_https, 443); port != 0) {
        add("autoconfig." + name_, "CNAME", host_);
        add_service("autodiscover", port, host_);
    }
    add_service("imaps", port_of(&config::Listener::imaps, 993), target);
    add_service("submissions", port_of(&config::Listener::submissions, 465), target);
    add_service("imap", port_of(&config::Listener::imap, 143), target);
    add_service("submission", port_of(&config::Listener::submission, 587), target);
    add_service("pop3", 0, target);
    add_service("pop3s", 0, target);
}

void Records::add_authorities() {
    note("Who may make certificates for the domain.");
    for (const auto& [name, acme] : config_.settings.acme) {
        const bool is_lets_encrypt = acme.directory_url.find(lets_encrypt_host) != std::string::npos;
        const std::string issuer = acme.issuer_domain_name.empty() && is_lets_encrypt ? std::string(lets_encrypt_host)
                                                                                      : acme.issuer_domain_name;
        if (!issuer.empty()) add(name_, "CAA", "0 issue \"" + issuer + "\"");
    }
}

}  // namespace

std::string txt_value(std::string_view text) {
    std::string out;
    do {
        out += out.empty() ? "\"" : " \"";
        for (const char c : text.substr(0, longest_string)) {
            if (c == '"' || c == '\\') out += '\\';
            out += c;
        }
        out += '"';
        text.remove_prefix(std::min(text.size(), longest_string));
    } while (!text.empty());
    return out;
}

std::vector<DnsRecord> dns_records(const config::Config& config, std::string_view domain) {
    return Records(config, require_domain(config.domains, domain)).take();
}

std::string zone_text(const std::vector<DnsRecord>& records) {
    std::size_t widest = 0;
    for (const auto& record : records) widest = std::max(widest, record.name.size());
    std::string out = "$TTL 300\n";
    for (const auto& record : records) {
        if (!record.note.empty()) out += "\n; " + record.note + "\n";
        out += fmt::format("{:<{}} IN {} {}\n", record.name, widest, record.type, record.value);
    }
    return out;
}

}  // namespace mox::admin
