#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "config/address_book.hpp"
#include "datadir/layout.hpp"
#include "server/auth/sasl.hpp"

namespace mox::login {

// The part of the configuration that logins need. Made once for each version of domains.conf, then shared.
struct LoginDirectory {
    explicit LoginDirectory(config::Domains all) : domains(std::move(all)), addresses(domains) {}
    const config::Domains domains;
    const config::AddressBook addresses;
};

// The users of a data directory: addresses from the configuration, credentials from the account databases. Any thread
// may ask. For an address that nobody has it reads the credentials of some account, so that it takes as long.
class AccountUsers final : public Users {
public:
    // `directory` returns the present version; never null.
    AccountUsers(datadir::Layout layout, std::function<std::shared_ptr<const LoginDirectory>()> directory)
        : layout_(std::move(layout)),
          directory_(std::move(directory)) {}

    [[nodiscard]] Lookup find(std::string_view address) override;

private:
    // nullopt when no password was set, or the account has no data yet.
    [[nodiscard]] std::optional<auth::Credentials> credentials_of(const std::string& account) const;

    datadir::Layout layout_;
    std::function<std::shared_ptr<const LoginDirectory>()> directory_;
};

// The secret of Environment from the contents of receivedid.key.
[[nodiscard]] std::string login_secret(std::string_view received_id_key);

}  // namespace mox::login
