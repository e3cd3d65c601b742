#pragma once

#include <map>
#include <mutex>
#include <string>

#include "server/imap/accounts.hpp"
#include "server/process/live_config.hpp"

namespace mox::process {

// What is configured for accounts at this moment; the rules for junk flags are compiled once. Any thread may use it.
class ConfiguredRules {
public:
    explicit ConfiguredRules(const LiveConfig& config) : config_(config) {}  // which outlives it
    [[nodiscard]] imap::AccountRules of(const std::string& account);

private:
    const LiveConfig& config_;
    std::mutex mutex_;  // guards what follows
    std::shared_ptr<const ConfigInForce> compiled_;
    std::map<std::string, imap::AccountRules> rules_;
};

}  // namespace mox::process
