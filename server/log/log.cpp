#include "server/log/log.hpp"

#include <algorithm>

#include "base/encoding.hpp"

namespace mox::log {

namespace {

constexpr std::size_t longest_value = 1024;

bool needs_quotes(std::string_view value) {
    return value.empty() || std::ranges::any_of(value, [](char c) {
               return c <= ' ' || c == '"' || c == '\\' || c == '=' || c == '\'' || c >= '\x7f';
           });
}

}  // namespace

void append_field(std::string& line, std::string_view key, std::string_view value) {
    if (!line.empty()) line += ' ';
    line.append(key).append("=");
    const bool is_cut = value.size() > longest_value;
    value = value.substr(0, longest_value);
    if (!needs_quotes(value)) {
        line.append(value);
    } else {
        line += '"';
        // base's escapes, with the quotes that are logfmt's
        for (std::string_view rest = value; !rest.empty();) {
            const auto end = std::min(rest.find_first_of("\"'"), rest.size());
            line += escaped(rest.substr(0, end));
            if (end < rest.size()) line.append(rest[end] == '"' ? "\\\"" : "'");
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
        line += '"';
    }
    if (is_cut) line += "...";
}

Logger Logger::with(const Field& field) const {
    Logger copy = *this;
    append_field(copy.fixed_, field.key, field.value);
    return copy;
}

Logger Logger::as(std::string_view package) const {
    Logger copy = *this;
    copy.package_ = package;
    return copy;
}

void Logger::write(Level level, std::string_view message, Fields fields) const {
    if (!enabled(level)) return;
    std::string line;
    append_field(line, "l", name_of(level));
    append_field(line, "m", message);
    append_field(line, "pkg", package_);
    if (!fixed_.empty()) line.append(" ").append(fixed_);
    for (const auto& field : fields) append_field(line, field.key, field.value);
    if (log_->sink.wants_time()) {
        Timestamp now = log_->clock.now();
        now.nanoseconds -= now.nanoseconds % 1'000'000;  // milliseconds will do
        line = "t=" + to_rfc3339(now) + " " + line;
    }
    log_->sink.write(level, line);
}

}  // namespace mox::log
