#include "server/process/junk_rules.hpp"

#include "config/junk_flags.hpp"

namespace mox::process {

model::AutomaticJunkFlags JunkRules::of(const std::string& account) {
    auto in_force = config_.current();
    const std::lock_guard lock(mutex_);
    if (in_force != compiled_) {
        rules_.clear();
        compiled_ = std::move(in_force);
    }
    const auto [entry, is_new] = rules_.try_emplace(account);
    if (is_new) entry->second = config::junk_flags(compiled_->config, account);
    return entry->second;
}

}  // namespace mox::process
