#include "server/process/directory_users.hpp"

#include "auth/credentials.hpp"
#include "base/error.hpp"
#include "config/validation.hpp"
#include "mime/domain.hpp"
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

}  // namespace

login::Lookup DirectoryUsers::find(std::string_view address) {
    const auto in_force = config_.current();
    std::string_view localpart, domain;
    if (!config::split_address(address, localpart, domain) || localpart.empty())
        return {.address = std::string(address), .account = {}, .login_disabled = {}, .credentials = {}};
    const std::string in_unicode = std::string(localpart) + "@" + mime::unicode_domain(domain);
    login::Lookup found{.address = config::canonical_address(in_force->config.domains, in_unicode),
                        .account = {},
                        .login_disabled = {},
                        .credentials = {}};
    found.account = in_force->account_of(found.address);
    if (found.account.empty()) return found;
    if (const auto* const account = config::find_account(in_force->config, found.account))
        found.login_disabled = account->login_disabled;
    found.credentials = credentials_of(layout_, found.account);
    return found;
}

}  // namespace mox::process
