#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "config/address_book.hpp"
#include "config/load.hpp"
#include "server/log/log.hpp"

namespace mox::process {

// A configuration that is in force, and what is looked up in it all the time. Never changes.
struct ConfigInForce {
    explicit ConfigInForce(config::Config loaded);

    // The account that receives mail for the address, or may log in with it; empty when there is none.
    [[nodiscard]] std::string account_of(std::string_view address) const;

    const config::Config config;
    const config::AddressBook addresses;
};

// The configuration of a running server: mox.conf as it was at the start, domains.conf as it was last when it could be
// used. Any thread may use it.
class LiveConfig {
public:
    // A configuration without errors.
    LiveConfig(config::Config config, log::Logger log);

    [[nodiscard]] std::shared_ptr<const ConfigInForce> current() const;
    // Reads domains.conf again. Throws Error when it cannot be read or used, and then nothing changes.
    void reload_domains();

private:
    const log::Logger log_;
    std::mutex reloading_;
    mutable std::mutex mutex_;
    std::shared_ptr<const ConfigInForce> current_;  // guarded by mutex_
};

}  // namespace mox::process
