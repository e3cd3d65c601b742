#include "server/process/live_config.hpp"

#include <utility>

#include "base/file.hpp"
#include "config/validate.hpp"

namespace mox::process {

namespace {

constexpr std::size_t largest_file_bytes = 16U << 20U;

}  // namespace

ConfigInForce::ConfigInForce(config::Config loaded) : config(std::move(loaded)), addresses(config.domains) {}

std::string ConfigInForce::account_of(std::string_view address) const {
    const auto owner = addresses.find(address);
    return owner ? owner->account : std::string();
}

LiveConfig::LiveConfig(config::Config config, log::Logger log)
    : log_(std::move(log)),
      current_(std::make_shared<const ConfigInForce>(std::move(config))) {}

std::shared_ptr<const ConfigInForce> LiveConfig::current() const {
    const std::lock_guard lock(mutex_);
    return current_;
}

void LiveConfig::reload_domains() {
    const std::lock_guard alone(reloading_);
    config::Config next = current()->config;
    next.problems.clear();
    auto parsed = config::sconf::parse<config::Domains>(read_file(next.paths.domains_file, largest_file_bytes));
    next.domains = std::move(parsed.value);
    next.domains_lines = std::move(parsed.lines);
    for (auto& problem : parsed.problems) next.problems.push_back({next.paths.domains_file, std::move(problem)});
    // Keys may be for root alone, who is gone: `mox config test` looks into them.
    config::validate(next, {.check_files = false});
    config::throw_if_unusable(next);
    auto ready = std::make_shared<const ConfigInForce>(std::move(next));
    log_.info("domains.conf is in force",
              {{"domains", ready->config.domains.domains.size()}, {"accounts", ready->config.domains.accounts.size()}});
    const std::lock_guard lock(mutex_);
    current_ = std::move(ready);
}

}  // namespace mox::process
