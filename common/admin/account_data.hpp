#pragma once

#include <string_view>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "config/load.hpp"
#include "datadir/layout.hpp"
#include "store/account.hpp"

// Accounts of the configuration and their data.

namespace mox::admin {

// The account with its rules for junk flags. It is made, with the mailboxes of mox.conf, when it is configured and has
// no data yet; Errc::not_found when it is neither.
[[nodiscard]] store::Account open_account(const config::Config& config, const datadir::Layout& layout,
                                          std::string_view name, store::AccountOptions options = {});

// Sets the password: everything that is derived from it, at once. Ends web sessions. Durable at return. Throws
// Error{usage} for what cannot be a password.
void set_password(store::Account& account, std::string_view password, Random& random);

// Writes the file with the hash of the password for the admin pages; readable for its owner and group. Throws
// Error{failed} when mox.conf does not name one.
void set_admin_password(const config::Config& config, std::string_view password, Random& random);

// Letters, digits and signs without those that look alike, `length` of them: 6 bits each.
[[nodiscard]] std::string generate_password(Random& random, std::size_t length = 16);

}  // namespace mox::admin
