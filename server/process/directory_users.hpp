#pragma once

#include "datadir/layout.hpp"
#include "server/auth/sasl.hpp"
#include "server/process/live_config.hpp"

namespace mox::process {

// The users that domains.conf names, with what their account databases have of their passwords. Any thread may use it.
// For an address that nobody has, the credentials of some account are read, so that it takes as long.
class DirectoryUsers final : public login::Users {
public:
    // Both outlive it.
    DirectoryUsers(const LiveConfig& config, const datadir::Layout& layout) : config_(config), layout_(layout) {}
    [[nodiscard]] login::Lookup find(std::string_view address) override;

private:
    const LiveConfig& config_;
    const datadir::Layout& layout_;
};

}  // namespace mox::process
