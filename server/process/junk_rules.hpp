#pragma once

#include <map>
#include <mutex>
#include <string>

#include "model/automatic_junk_flags.hpp"
#include "server/process/live_config.hpp"

namespace mox::process {

// The rules for junk flags of accounts, as configured at this moment, compiled once. Any thread may use it.
class JunkRules {
public:
    explicit JunkRules(const LiveConfig& config) : config_(config) {}  // which outlives it
    [[nodiscard]] model::AutomaticJunkFlags of(const std::string& account);

private:
    const LiveConfig& config_;
    std::mutex mutex_;  // guards what follows
    std::shared_ptr<const ConfigInForce> compiled_;
    std::map<std::string, model::AutomaticJunkFlags> rules_;
};

}  // namespace mox::process
