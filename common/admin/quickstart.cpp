#include "admin/quickstart.hpp"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "admin/account_data.hpp"
#include "admin/accounts.hpp"
#include "auth/credentials.hpp"
#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/interrupt.hpp"
#include "config/address_book.hpp"
#include "config/sconf.hpp"
#include "config/validate.hpp"
#include "config/validation.hpp"
#include "keys/certificate.hpp"
#include "mime/domain.hpp"

namespace mox::admin {

namespace fs = std::filesystem;

namespace {

constexpr std::int64_t year = 365 * 24 * 60 * 60;
constexpr std::string_view admin_password_name = "adminpasswd";

bool is_public_v4(std::uint32_t ip) {
    const auto in = [&](std::uint32_t net, unsigned bits) { return ip >> (32 - bits) == net >> (32 - bits); };
    return !in(0, 8) && !in(0x0a000000, 8) && !in(0x64400000, 10) && !in(0x7f000000, 8) && !in(0xa9fe0000, 16) &&
           !in(0xac100000, 12) && !in(0xc0a80000, 16);
}

// Empty for an address that others cannot reach.
std::string public_address(const sockaddr* address) {
    char text[INET6_ADDRSTRLEN] = {};
    if (address->sa_family == AF_INET) {
        const auto& ip = reinterpret_cast<const sockaddr_in*>(address)->sin_addr;
        if (is_public_v4(ntohl(ip.s_addr))) ::inet_ntop(AF_INET, &ip, text, sizeof text);
    } else if (address->sa_family == AF_INET6) {
        const auto& ip = reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr;
        if ((ip.s6_addr[0] & 0xe0U) == 0x20) ::inet_ntop(AF_INET6, &ip, text, sizeof text);  // 2000::/3
    }
    return text;
}

config::Static settings_for(const QuickstartPlan& plan, const config::KeyCert& certificate) {
    config::Static settings;
    settings.data_dir = "../data";
    settings.log_level = "info";
    settings.user = plan.user;
    settings.hostname = plan.hostname;
    settings.admin_password_file = admin_password_name;
    settings.postmaster = {plan.account, "Postmaster"};
    settings.host_tlsrpt = {plan.account, "TLSRPT", "tls-reports"};
    config::Listener& listener = settings.listeners["public"];
    listener.ips = plan.ips;
    listener.tls.emplace().key_certs = {certificate};
    listener.smtp.enabled = true;
    listener.submission.enabled = true;
    listener.submissions.enabled = true;
    listener.imap.enabled = true;
    listener.imaps.enabled = true;
    config::Listener& internal = settings.listeners["internal"];
    internal.ips = {"127.0.0.1", "::1"};
    internal.hostname = "localhost";
    for (auto* service : {&internal.account_http, &internal.admin_http, &internal.webmail_http})
        service->enabled = true;
    internal.metrics_http.enabled = true;
    return settings;
}

void require_absent(const fs::path& path) {
    if (status_of(path))
        throw Error(Errc::failed, quote(path.native()) + " exists", "quickstart makes new installations only");
}

config::KeyCert make_certificate(const QuickstartPlan& plan, const fs::path& directory, const Ownership& ownership,
                                 const Clock& clock, NewFiles& made) {
    if (!plan.cert_file.empty()) return {plan.cert_file, plan.key_file};
    const std::string name = mime::ascii_domain(plan.hostname);
    const config::KeyCert files{"tls/" + name + ".crt.pem", "tls/" + name + ".key.pem"};
    made.make_directories(directory / "tls", ownership);
    const auto key = keys::PrivateKey::generate(keys::KeyKind::ecdsa);
    const std::int64_t now = clock.now().seconds;
    made.write(directory / files.cert_file, keys::self_signed(key, {name}, now - 60 * 60, now + 2 * year), ownership);
    made.write(directory / files.key_file, key.to_pem(), ownership);
    return files;
}

void require_valid(config::Config& config, const Clock& clock) {
    config::validate(config, {.clock = &clock});
    config::throw_if_unusable(config);
}

}  // namespace

void set_names(QuickstartPlan& plan, const std::string& address, const std::string& hostname) {
    const std::string whole = config::normalised_address(address);
    std::string_view localpart, domain;
    if (!config::split_address(whole, localpart, domain) || localpart.empty())
        throw Error(Errc::usage, quote(address) + " is no address", "name the first account: you@example.org");
    plan.account = localpart;
    plan.domain = domain;
    plan.hostname = hostname.empty() ? "mail." + plan.domain : mime::unicode_domain(hostname);
    for (const auto& name : {plan.domain, plan.hostname})
        if (const auto problem = mime::domain_problem(name); !problem.empty())
            throw Error(Errc::usage, "domain " + quote(name) + " " + problem);
    if (plan.hostname.find('.') == std::string::npos)
        throw Error(Errc::usage, "host name " + quote(plan.hostname) + " has no domain",
                    "give the whole name: mail.example.org");
}

std::vector<std::string> addresses_to_listen_on() {
    ifaddrs* list = nullptr;
    if (::getifaddrs(&list) != 0) throw system_error(errno, "list the network's interfaces");
    const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> owner(list, &::freeifaddrs);
    std::vector<std::string> found;
    for (const ifaddrs* each = list; each != nullptr; each = each->ifa_next) {
        if (each->ifa_addr == nullptr || (each->ifa_flags & IFF_LOOPBACK) != 0) continue;
        const std::string ip = public_address(each->ifa_addr);
        if (!ip.empty() && std::ranges::find(found, ip) == found.end()) found.push_back(ip);
    }
    return found.empty() ? std::vector<std::string>{"0.0.0.0", "::"} : found;
}

config::Config quickstart(const QuickstartPlan& plan, const Clock& clock, Random& random, NewFiles& made) {
    for (const auto* password : {&plan.account_password, &plan.admin_password})
        if (const auto problem = auth::password_problem(*password); !problem.empty()) throw Error(Errc::usage, problem);
    const fs::path config_directory = plan.directory / "config", data = plan.directory / "data";
    const fs::path static_file = config_directory / "mox.conf", domains_file = config_directory / "domains.conf";
    for (const auto& path : {static_file, domains_file, config_directory / admin_password_name, data})
        require_absent(path);
    const Ownership ownership{.file_mode = 0640, .directory_mode = 0750};
    made.make_directories(config_directory, ownership);

    const auto certificate = make_certificate(plan, config_directory, ownership, clock, made);
    const config::Static settings = settings_for(plan, certificate);
    config::Domains domains;
    domains.domains[plan.domain].localpart_catchall_separator = "+";
    config::Account account = config::new_account(plan.domain);
    account.destinations[require_free_address(domains, plan.account + "@" + plan.domain)] = {};
    domains.accounts[plan.account] = std::move(account);
    domains.domains[plan.domain] =
        new_domain(plan.domain, plan.account, settings, config_directory, ownership, clock, made);
    check_interrupt();

    made.write(config_directory / admin_password_name,
               auth::bcrypt_hash(*auth::prepared_password(plan.admin_password), random), ownership);
    made.write(static_file, config::sconf::write(settings, config::sconf::Docs::include), ownership);
    made.write(domains_file, config::sconf::write(domains, config::sconf::Docs::include), ownership);
    config::Config config = config::load(static_file);
    require_valid(config, clock);

    made.add_tree(data);
    const auto layout = datadir::create(data);
    auto opened = open_account(config, layout, plan.account, {.clock = &clock});
    set_password(opened, plan.account_password, random);
    opened.close();
    check_interrupt();
    return config;
}

}  // namespace mox::admin
