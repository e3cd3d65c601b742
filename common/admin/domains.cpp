#include "admin/domains.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>

#include "admin/accounts.hpp"
#include "base/encoding.hpp"
#include "base/error.hpp"
#include "keys/private_key.hpp"
#include "mime/domain.hpp"

namespace mox::admin {

namespace fs = std::filesystem;

namespace {

struct KeyPlan {
    char letter;
    keys::KeyKind kind;
    std::string_view name;
};
// The first two sign; the others are there to change to.
constexpr std::array key_plans{KeyPlan{'a', keys::KeyKind::ed25519, "ed25519"}, KeyPlan{'b', keys::KeyKind::rsa, "rsa"},
                               KeyPlan{'c', keys::KeyKind::ed25519, "ed25519"},
                               KeyPlan{'d', keys::KeyKind::rsa, "rsa"}};
constexpr std::size_t signing_keys = 2;
constexpr std::string_view key_expiration = "72h";

// "20261122T095926"
std::string time_stamp(const Clock& clock) {
    const CivilTime t = to_civil(clock.now().seconds);
    return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}", t.year, t.month, t.day, t.hour, t.minute, t.second);
}

config::Dkim new_keys(const std::string& domain, const fs::path& directory, const Ownership& ownership,
                      const Clock& clock, NewFiles& made) {
    config::Dkim dkim;
    made.make_directories(directory / "dkim", ownership);
    const std::string stamp = time_stamp(clock), year = stamp.substr(0, 4);
    for (std::size_t i = 0; i < key_plans.size(); ++i) {
        const KeyPlan& plan = key_plans[i];
        const std::string selector = year + plan.letter;
        const std::string file =
            fmt::format("dkim/{}._domainkey.{}.{}.{}key.pkcs8.pem", selector, domain, stamp, plan.name);
        made.write(directory / file, keys::PrivateKey::generate(plan.kind).to_pem(), ownership);
        config::DkimSelector& entry = dkim.selectors[selector];
        entry.expiration = key_expiration;
        entry.private_key_file = file;
        if (i < signing_keys) dkim.sign.push_back(selector);
    }
    return dkim;
}

bool serves_policies(const config::Static& settings) {
    return std::ranges::any_of(settings.listeners, [](const auto& entry) { return entry.second.mtasts_https.enabled; });
}

// What in the configuration still needs the domain; empty when nothing does.
std::string use_of(const DomainsFile& file, const std::string& domain) {
    for (const auto& [name, account] : file.domains().accounts) {
        if (account.domain == domain) return "it is the domain of account " + quote(name);
        for (const auto& [destination, unused] : account.destinations)
            if (config::full_address(account, destination).ends_with("@" + domain))
                return "account " + quote(name) + " has the address " + quote(destination);
    }
    for (const auto& [name, other] : file.domains().domains)
        if (name != domain &&
            ((other.dmarc && other.dmarc->domain == domain) || (other.tlsrpt && other.tlsrpt->domain == domain)))
            return "reports about domain " + quote(name) + " go there";
    return {};
}

}  // namespace

config::Domain new_domain(const std::string& name, const std::string& account, const config::Static& settings,
                          const fs::path& directory, const Ownership& ownership, const Clock& clock, NewFiles& made) {
    config::Domain domain;
    domain.localpart_catchall_separator = "+";
    domain.dkim = new_keys(name, directory, ownership, clock, made);
    domain.dmarc = config::DmarcReports{"dmarc-reports", {}, account, "DMARC"};
    domain.tlsrpt = config::TlsReports{"tls-reports", {}, account, "TLSRPT"};
    if (serves_policies(settings))
        domain.mtasts = config::MtaSts{time_stamp(clock), "enforce", std::chrono::hours(24), {settings.hostname}};
    return domain;
}

std::string add_domain(DomainsFile& file, const NewDomain& domain, const Clock& clock, NewFiles& made) {
    const std::string name = mime::unicode_domain(domain.name);
    if (const auto problem = mime::domain_problem(name); !problem.empty())
        throw Error(Errc::usage, "domain " + quote(name) + " " + problem);
    if (file.domains().domains.contains(name)) throw Error(Errc::failed, "domain " + quote(name) + " exists");
    const bool is_known = file.domains().accounts.contains(domain.account);
    if (!is_known && domain.localpart.empty())
        throw Error(Errc::not_found, "no account " + quote(domain.account), "give a localpart to make it");
    if (is_known && !domain.localpart.empty())
        throw Error(Errc::failed, "account " + quote(domain.account) + " exists",
                    "leave the localpart out, or name another account");
    file.domains().domains[name].localpart_catchall_separator = "+";
    if (!is_known)
        add_account(file, domain.account, domain.localpart + "@" + name);
    else if (file.config().settings.postmaster.account != domain.account)
        add_address(file, "postmaster@" + name, domain.account);
    file.domains().domains[name] = new_domain(name, domain.account, file.config().settings,
                                              file.config().paths.directory, file.ownership(), clock, made);
    return name;
}

std::string require_domain(const config::Domains& domains, std::string_view name) {
    std::string unicode = mime::unicode_domain(name);
    if (!domains.domains.contains(unicode)) throw Error(Errc::not_found, "no domain " + quote(unicode));
    return unicode;
}

OldKeys remove_domain(DomainsFile& file, std::string_view name) {
    const std::string unicode = require_domain(file.domains(), name);
    if (const auto use = use_of(file, unicode); !use.empty())
        throw Error(Errc::failed, "domain " + quote(unicode) + " is needed: " + use, "change that first");
    OldKeys old;
    for (const auto& [selector, settings] : file.domains().domains.at(unicode).dkim.selectors)
        old.files.push_back(file.config().paths.directory / settings.private_key_file);
    file.domains().domains.erase(unicode);
    for (const auto& [other, domain] : file.domains().domains)
        for (const auto& [selector, settings] : domain.dkim.selectors)
            std::erase(old.files, file.config().paths.directory / settings.private_key_file);
    return old;
}

std::vector<fs::path> move_old_keys(const DomainsFile& file, const OldKeys& keys) {
    std::vector<fs::path> moved;
    const fs::path folder = file.config().paths.directory / "dkim" / "old";
    for (const auto& key : keys.files) {
        if (!status_of(key)) continue;
        make_directories(folder, file.ownership());
        const fs::path target = folder / key.filename();
        if (status_of(target)) throw Error(Errc::failed, "file " + quote(target.native()) + " exists");
        rename_file(key, target);
        sync_directory(folder);
        sync_directory(key.parent_path());
        moved.push_back(target);
    }
    return moved;
}

}  // namespace mox::admin
