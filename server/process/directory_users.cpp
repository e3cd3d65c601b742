#include "server/process/directory_users.hpp"

#include "auth/credentials.hpp"
#include "base/error.hpp"
#include "base/hash.hpp"
#include "store/account.hpp"

namespace mox::process {

namespace {

constexpr std::chrono::seconds lock_timeout{5};

// An account that is configured but has no data yet has no password either.
std::optional<auth::Credentials> credentials_of(const datadir::Layout& layout, const std::string& account) try {
    auto opened =
        store::Account::open(layout, account, {.access = db::Access::read_only, .lock_timeout = lock_timeout});
    return auth::load_credentials(opened.database());
} catch (const Error& error) {
    if (error.code() == Errc::not_found) return std::nullopt;
    throw;
}

// For addresses that nobody has: always the same account for the same one.
const std::string& stand_in(const config::Domains& domains, std::string_view address) {
    auto account = domains.accounts.begin();
    std::advance(account, static_cast<std::ptrdiff_t>(xxh3_64(address) % domains.accounts.size()));
    return account->first;
}

}  // namespace

login::Lookup DirectoryUsers::find(std::string_view address) {
    const auto in_force = config_.current();
    const config::Domains& domains = in_force->config.domains;
    login::Lookup found{.address = in_force->addresses.canonical(address),
                        .account = in_force->account_of(address),
                        .login_disabled = {},
                        .credentials = {}};
    if (!found.account.empty()) {
        found.login_disabled = domains.accounts.at(found.account).login_disabled;
        found.credentials = credentials_of(layout_, found.account);
    } else if (!domains.accounts.empty()) {
        (void)credentials_of(layout_, stand_in(domains, found.address));  // takes as long
    }
    return found;
}

}  // namespace mox::process
