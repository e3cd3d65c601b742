#include "server/auth/account_users.hpp"

#include "auth/digest.hpp"
#include "base/error.hpp"
#include "base/file.hpp"
#include "base/hash.hpp"
#include "store/account.hpp"

namespace mox::login {

namespace {

// Always the same one for the same address.
const std::string& stand_in(const config::Domains& domains, std::string_view address) {
    auto account = domains.accounts.begin();
    std::advance(account, static_cast<std::ptrdiff_t>(xxh3_64(address) % domains.accounts.size()));
    return account->first;
}

}  // namespace

Lookup AccountUsers::find(std::string_view address) {
    const auto directory = directory_();
    const auto owner = directory->addresses.find(address);
    Lookup found{.address = directory->addresses.canonical(address),
                 .account = owner ? owner->account : "",
                 .login_disabled = {},
                 .credentials = {}};
    if (owner) {
        found.login_disabled = directory->domains.accounts.at(owner->account).login_disabled;
        found.credentials = credentials_of(owner->account);
    } else if (!directory->domains.accounts.empty()) {
        (void)credentials_of(stand_in(directory->domains, found.address));
    }
    return found;
}

std::optional<auth::Credentials> AccountUsers::credentials_of(const std::string& account) const {
    if (!status_of(layout_.account_db(account))) return std::nullopt;
    auto opened = store::Account::open(layout_, account, {.access = db::Access::read_only});
    return auth::load_credentials(opened.database());
}

std::string login_secret(std::string_view received_id_key) {
    return auth::hmac(auth::Digest::sha256, received_id_key, "logins of users that are not there");
}

}  // namespace mox::login
