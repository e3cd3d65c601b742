#pragma once

#include <atomic>
#include <map>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mox::log {

// Each includes those before it.
enum class Level { error, info, debug, trace };

// The words of LogLevel in mox.conf. "print" and "fatal" stand for error, "traceauth" and "tracedata" for trace: what
// they would add, passwords and contents of messages, is never logged here. nullopt for any other word.
[[nodiscard]] std::optional<Level> level_named(std::string_view name);
[[nodiscard]] std::string_view name_of(Level level);

// What is logged: a level for everything and others for single packages ("imap", "net", …). Any thread may read and
// change it at any time.
class Levels {
public:
    // Replaces all of them.
    void assign(Level everything, std::map<std::string, Level, std::less<>> packages = {});
    void set_everything(Level level);
    // nullopt: the package follows the level of everything again.
    void set(std::string_view package, std::optional<Level> level);

    [[nodiscard]] bool enabled(std::string_view package, Level level) const;
    // Packages with a level of their own, sorted; the first entry, with an empty name, is that of everything.
    [[nodiscard]] std::vector<std::pair<std::string, Level>> list() const;

private:
    void update_most();  // with mutex_ held

    mutable std::shared_mutex mutex_;
    Level everything_ = Level::info;
    std::map<std::string, Level, std::less<>> packages_;
    std::atomic<Level> most_ = Level::info;  // what is beyond this is logged nowhere
};

}  // namespace mox::log
