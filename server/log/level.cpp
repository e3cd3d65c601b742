#include "server/log/level.hpp"

#include <algorithm>
#include <array>
#include <mutex>

namespace mox::log {

namespace {

struct Row {
    std::string_view name;
    Level level;
};
constexpr std::array rows{Row{"error", Level::error},     Row{"info", Level::info},      Row{"debug", Level::debug},
                          Row{"trace", Level::trace},     Row{"print", Level::error},    Row{"fatal", Level::error},
                          Row{"traceauth", Level::trace}, Row{"tracedata", Level::trace}};

}  // namespace

std::optional<Level> level_named(std::string_view name) {
    for (const auto& row : rows)
        if (row.name == name) return row.level;
    return std::nullopt;
}

std::string_view name_of(Level level) {
    for (const auto& row : rows)
        if (row.level == level) return row.name;
    return "info";
}

void Levels::update_most() {
    Level most = everything_;
    for (const auto& [package, level] : packages_) most = std::max(most, level);
    most_ = most;
}

void Levels::assign(Level everything, std::map<std::string, Level, std::less<>> packages) {
    const std::unique_lock lock(mutex_);
    everything_ = everything;
    packages_ = std::move(packages);
    update_most();
}

void Levels::set_everything(Level level) {
    const std::unique_lock lock(mutex_);
    everything_ = level;
    update_most();
}

void Levels::set(std::string_view package, std::optional<Level> level) {
    const std::unique_lock lock(mutex_);
    if (level)
        packages_.insert_or_assign(std::string(package), *level);
    else if (const auto found = packages_.find(package); found != packages_.end())
        packages_.erase(found);
    update_most();
}

bool Levels::enabled(std::string_view package, Level level) const {
    if (level > most_) return false;
    const std::shared_lock lock(mutex_);
    const auto found = packages_.find(package);
    return level <= (found == packages_.end() ? everything_ : found->second);
}

std::vector<std::pair<std::string, Level>> Levels::list() const {
    const std::shared_lock lock(mutex_);
    std::vector<std::pair<std::string, Level>> out{{"", everything_}};
    out.insert(out.end(), packages_.begin(), packages_.end());
    return out;
}

}  // namespace mox::log
