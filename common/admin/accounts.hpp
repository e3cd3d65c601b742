#pragma once

#include <string_view>

#include "admin/domains_file.hpp"

// Accounts and addresses in domains.conf. Each function changes file.domains() and leaves it to the caller to save;
// after a throw nothing was changed. Errc::not_found for an account, address or domain that is not there, Errc::usage
// for what is no name or address, Errc::failed for the rest; the hint says what to do.

namespace mox::admin {

// A new account with this address, and the usual settings (config::new_account).
void add_account(DomainsFile& file, std::string_view name, std::string_view address);
// From the configuration only: its data stays. Refused while something else of the configuration names the account.
void remove_account(DomainsFile& file, std::string_view name);

// `address` may be "@example.org" for all others of that domain.
void add_address(DomainsFile& file, std::string_view address, std::string_view account);
// Returns the account that had it. An account may be left without addresses.
std::string remove_address(DomainsFile& file, std::string_view address);

// The address in the form of the configuration. Throws when it is none, when its domain is not configured, or when
// another destination receives what comes for it.
[[nodiscard]] std::string require_free_address(const config::Domains& domains, std::string_view address);

}  // namespace mox::admin
