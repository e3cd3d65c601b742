#include "admin/accounts.hpp"

#include <algorithm>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "config/address_book.hpp"
#include "config/validation.hpp"
#include "datadir/layout.hpp"
#include "mime/domain.hpp"

namespace mox::admin {

namespace {

// RFC 5321 and 6531: a Dot-string; what would need quotes is refused.
bool is_localpart(std::string_view text) {
    if (text.empty() || text.size() > 64 || text.starts_with('.') || text.ends_with('.') ||
        text.find("..") != std::string_view::npos || !is_utf8(text))
        return false;
    return std::ranges::all_of(text, [](char c) {
        return static_cast<unsigned char>(c) > 0x20 && c != 0x7f &&
               std::string_view("\"(),:;<>@[\\]").find(c) == std::string_view::npos;
    });
}

// Split and in the form of the configuration.
std::string require_address(std::string_view address) {
    std::string_view localpart, domain;
    if (!config::split_address(address, localpart, domain))
        throw Error(Errc::usage, quote(address) + " is no address", "it has a part before and one after an @");
    if (!localpart.empty() && !is_localpart(localpart))
        throw Error(Errc::usage, quote(localpart) + " cannot be the part of an address before the @");
    const std::string name = mime::unicode_domain(domain);
    if (const auto problem = mime::domain_problem(name); !problem.empty())
        throw Error(Errc::usage, "domain " + quote(name) + " " + problem);
    return config::normalised_address(address);
}

config::Account& require_account(config::Domains& domains, std::string_view name) {
    const auto found = domains.accounts.find(std::string(name));
    if (found == domains.accounts.end()) throw Error(Errc::not_found, "no account " + quote(name));
    return found->second;
}

[[noreturn]] void refuse_removal(std::string_view what, const std::string& why) {
    throw Error(Errc::failed, std::string(what) + " is needed: " + why, "change that first");
}

}  // namespace

std::string require_free_address(const config::Domains& domains, std::string_view address) {
    const std::string whole = require_address(address);
    const auto at = whole.rfind('@');
    const auto domain = domains.domains.find(whole.substr(at + 1));
    if (domain == domains.domains.end())
        throw Error(Errc::not_found, "domain " + quote(whole.substr(at + 1)) + " is not configured",
                    "add it with 'mox domain add'");
    for (const auto& separator : config::catchall_separators(domain->second))
        if (whole.substr(0, at).find(separator) != std::string::npos)
            throw Error(Errc::usage, "address " + quote(whole) + " contains the catchall separator " + quote(separator),
                        "everything after it is cut off when mail arrives");
    const config::AddressBook book(domains);
    const auto owner = book.find(whole);
    if (owner && owner->is_catchall == (at == 0))
        throw Error(Errc::failed, "address " + quote(whole) + " belongs to account " + quote(owner->account) +
                                      (owner->destination == whole ? "" : " as " + quote(owner->destination)));
    if (domain->second.aliases.contains(whole.substr(0, at)))
        throw Error(Errc::failed, "address " + quote(whole) + " is an alias of the domain");
    return whole;
}

void add_account(DomainsFile& file, std::string_view name, std::string_view address) {
    if (const auto problem = datadir::account_name_problem(name); !problem.empty())
        throw Error(Errc::usage, "account " + quote(name) + ": " + std::string(problem));
    if (name.find_first_of(":@") != std::string_view::npos || name.find_first_of(" #-") == 0)
        throw Error(Errc::usage, "account " + quote(name) + " has a name that is hard to write in domains.conf",
                    "use letters and digits");
    if (file.domains().accounts.contains(std::string(name)))
        throw Error(Errc::failed, "account " + quote(name) + " exists",
                    "give it another address with 'mox address add'");
    const std::string whole = require_free_address(file.domains(), address);
    config::Account account = config::new_account(whole.substr(whole.rfind('@') + 1));
    account.destinations[whole] = {};
    file.domains().accounts.emplace(name, std::move(account));
}

void remove_account(DomainsFile& file, std::string_view name) {
    const config::Account& account = require_account(file.domains(), name);
    const std::string what = "account " + quote(name);
    const auto& settings = file.config().settings;
    if (settings.postmaster.account == name) refuse_removal(what, "it gets the mail for the postmaster (mox.conf)");
    if (settings.host_tlsrpt.account == name) refuse_removal(what, "it gets reports about the host (mox.conf)");
    for (const auto& [domain_name, domain] : file.domains().domains) {
        if ((domain.dmarc && domain.dmarc->account == name) || (domain.tlsrpt && domain.tlsrpt->account == name))
            refuse_removal(what, "it gets reports about domain " + quote(domain_name));
        for (const auto& [localpart, alias] : domain.aliases)
            for (const auto& [destination, unused] : account.destinations)
                if (std::ranges::find(alias.addresses, config::full_address(account, destination)) !=
                    alias.addresses.end())
                    refuse_removal(what, "alias " + quote(localpart + "@" + domain_name) + " has its address " +
                                             quote(destination));
    }
    file.domains().accounts.erase(std::string(name));
}

void add_address(DomainsFile& file, std::string_view address, std::string_view account) {
    config::Account& owner = require_account(file.domains(), account);
    owner.destinations[require_free_address(file.domains(), address)] = {};
}

std::string remove_address(DomainsFile& file, std::string_view address) {
    const std::string whole = require_address(address);
    const config::AddressBook book(file.domains());
    const auto owner = book.find(whole);
    if (!owner || owner->is_catchall != whole.starts_with('@'))
        throw Error(Errc::not_found, "no address " + quote(whole),
                    owner ? "mail for it goes to " + quote(owner->destination) : "");
    config::Account& account = require_account(file.domains(), owner->account);
    const std::string full = config::full_address(account, owner->destination);
    // A plus address leads to its owner, who is not to lose the address by it.
    if (full != whole && ascii_lower(full) != ascii_lower(whole))
        throw Error(Errc::not_found, "no address " + quote(whole), "mail for it goes to " + quote(full));
    for (const auto& [domain_name, domain] : file.domains().domains)
        for (const auto& [localpart, alias] : domain.aliases)
            if (std::ranges::find(alias.addresses, full) != alias.addresses.end())
                refuse_removal("address " + quote(full), "alias " + quote(localpart + "@" + domain_name) + " has it");
    if (std::ranges::find(account.from_id_login_addresses, owner->destination) != account.from_id_login_addresses.end())
        refuse_removal("address " + quote(full), "it is in FromIDLoginAddresses of account " + quote(owner->account));
    account.destinations.erase(owner->destination);
    return owner->account;
}

}  // namespace mox::admin
