#pragma once

#include <concepts>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "server/log/level.hpp"
#include "server/log/sink.hpp"

// Log lines in logfmt: l=info m="connection accepted" pkg=net cid=17 remote=192.0.2.1. Passwords and contents of
// messages are never given to it.

namespace mox::log {

// A key and its value, which is escaped when it is written.
struct Field {
    Field(std::string_view name, std::string_view text) : key(name), value(text) {}
    Field(std::string_view name, const char* text) : key(name), value(text) {}
    Field(std::string_view name, const std::string& text) : key(name), value(text) {}
    template <std::integral Number>
    Field(std::string_view name, Number number) : key(name),
                                                  value(std::to_string(number)) {}

    std::string_view key;  // lives as long as the call
    std::string value;
};

// key=value, with quotes and escapes where the value needs them; long values are cut, and say so.
void append_field(std::string& line, std::string_view key, std::string_view value);

// What all loggers of a process share. Must outlive them.
struct Log {
    Sink& sink;
    Levels& levels;
    const Clock& clock;
};

// The voice of one package, perhaps with fields that are in each of its lines. Cheap to copy; any thread may use it.
class Logger {
public:
    Logger(const Log& log, std::string_view package) : log_(&log), package_(package) {}
    // The same with one more field in each line.
    [[nodiscard]] Logger with(const Field& field) const;
    // The same lines under the name and level of another package. `package` must live for ever.
    [[nodiscard]] Logger as(std::string_view package) const;

    using Fields = std::initializer_list<Field>;
    void error(std::string_view message, Fields fields = {}) const { write(Level::error, message, fields); }
    void info(std::string_view message, Fields fields = {}) const { write(Level::info, message, fields); }
    void debug(std::string_view message, Fields fields = {}) const { write(Level::debug, message, fields); }
    void trace(std::string_view message, Fields fields = {}) const { write(Level::trace, message, fields); }
    [[nodiscard]] bool enabled(Level level) const { return log_->levels.enabled(package_, level); }

private:
    void write(Level level, std::string_view message, Fields fields) const;

    const Log* log_;
    std::string_view package_;
    std::string fixed_;  // finished fields
};

}  // namespace mox::log
