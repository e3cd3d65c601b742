#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "admin/domains_file.hpp"
#include "admin/new_files.hpp"
#include "base/clock.hpp"

// Domains in domains.conf, with their keys. As with accounts, the caller saves; but files of keys are there at once.
// After a throw `file` must not be saved.

namespace mox::admin {

struct NewDomain {
    std::string name;       // in Unicode or ASCII
    std::string account;    // gets the domain's reports, and mail for its postmaster
    std::string localpart;  // not empty: makes the account, with the address localpart@name
};

// Adds the domain with four new DKIM keys, two of Ed25519 and two of RSA, of which one each signs; with addresses for
// reports of DMARC and TLS; and with an MTA-STS policy when a listener serves policies. Returns the name as it is in
// the configuration.
std::string add_domain(DomainsFile& file, const NewDomain& domain, const Clock& clock, NewFiles& made);

// Takes the domain out; refused while an account has addresses in it. After saving, move_old_keys() moves the files of
// its keys, unless other domains use them, into the folder dkim/old/, for signatures that are still to be checked.
struct OldKeys {
    std::vector<std::filesystem::path> files;
};
[[nodiscard]] OldKeys remove_domain(DomainsFile& file, std::string_view name);
// Returns the new places.
std::vector<std::filesystem::path> move_old_keys(const DomainsFile& file, const OldKeys& keys);

// The configured domain of that name in Unicode or ASCII; Errc::not_found when there is none.
[[nodiscard]] std::string require_domain(const config::Domains& domains, std::string_view name);

// The settings of a new domain, with its keys made below `directory` (that of mox.conf).
[[nodiscard]] config::Domain new_domain(const std::string& name, const std::string& account,
                                        const config::Static& settings, const std::filesystem::path& directory,
                                        const Ownership& ownership, const Clock& clock, NewFiles& made);

}  // namespace mox::admin
