#include "server/process/account_rules.hpp"

#include "config/junk_flags.hpp"

namespace mox::process {

namespace {

imap::AccountRules rules_of(const config::Config& config, const std::string& account) {
    imap::AccountRules rules{.junk_flags = config::junk_flags(config, account),
                             .most_bytes = config.settings.quota_message_size};
    const auto found = config.domains.accounts.find(account);
    if (found != config.domains.accounts.end() && found->second.quota_message_size != 0)
        rules.most_bytes = found->second.quota_message_size;
    return rules;
}

}  // namespace

imap::AccountRules ConfiguredRules::of(const std::string& account) {
    auto in_force = config_.current();
    const std::lock_guard lock(mutex_);
    if (in_force != compiled_) {
        rules_.clear();
        compiled_ = std::move(in_force);
    }
    const auto [entry, is_new] = rules_.try_emplace(account);
    if (is_new) entry->second = rules_of(compiled_->config, account);
    return entry->second;
}

}  // namespace mox::process
