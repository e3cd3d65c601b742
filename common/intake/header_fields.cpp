#include "intake/header_fields.hpp"

#include <algorithm>
#include <array>

#include "base/encoding.hpp"
#include "intake/message.hpp"

namespace mox::intake {

namespace {

constexpr std::array<std::string_view, 3> mark_names{"Status", "X-Status", "X-Keywords"};
constexpr std::size_t longest_name = 10;

bool has_name(std::string_view line, std::string_view name) {
    if (line.size() <= name.size() || !equal_ignoring_case(line.substr(0, name.size()), name)) return false;
    const char next = line[name.size()];
    return next == ':' || next == ' ' || next == '\t';
}

// Whether the line that starts so may be a wanted field. Undecided counts as yes.
bool may_be_wanted(std::string_view start, const WantedFields& wanted) {
    if (start.size() <= longest_name) return true;
    const auto is_named = [&](std::string_view name) { return has_name(start, name); };
    return (wanted.date && is_named("Date")) ||
           (wanted.marks && std::any_of(mark_names.begin(), mark_names.end(), is_named));
}

bool is_first_of_wanted(char c) {
    c = ascii_lower(c);
    return c == 'd' || c == 's' || c == 'x';
}

}  // namespace

void HeaderFields::line(std::string_view part) {
    if (part.empty()) return;
    if (!line_has_text_) {
        line_has_text_ = true;
        if (part[0] != ' ' && part[0] != '\t') {
            end_field();
            collecting_ = is_first_of_wanted(part[0]) && may_be_wanted(part, wanted_);
        }
    }
    if (!collecting_) return;
    const std::size_t room = max_field_bytes - field_.size();
    cut_ = cut_ || part.size() > room;
    field_.append(part.substr(0, room));
}

void HeaderFields::end_line() {
    if (!line_has_text_) finish();
    line_has_text_ = false;
}

void HeaderFields::finish() {
    end_field();
    inside_ = false;
}

void HeaderFields::end_field() {
    if (!collecting_) return;
    collecting_ = false;
    const std::string_view field = field_;
    if (const auto colon = field.find(':'); colon != std::string_view::npos) {
        const auto name = trimmed(field.substr(0, colon));
        const auto value = trimmed(field.substr(colon + 1));
        const auto add = [&](char letter, model::Flag flag) {
            if (value.find(letter) != std::string_view::npos) marks_.flags = marks_.flags.with(flag);
        };
        if (wanted_.date && equal_ignoring_case(name, "Date")) {
            if (!date_) date_ = value.substr(0, 1000);
        } else if (wanted_.marks && equal_ignoring_case(name, "Status")) {
            add('R', model::Flag::seen);
        } else if (wanted_.marks && equal_ignoring_case(name, "X-Status")) {
            add('A', model::Flag::answered);
            add('F', model::Flag::flagged);
            add('T', model::Flag::draft);
            add('D', model::Flag::deleted);
        } else if (wanted_.marks && equal_ignoring_case(name, "X-Keywords")) {
            add_keywords(value);
        }
    }
    field_.clear();
}

void HeaderFields::add_keywords(std::string_view text) {
    constexpr std::size_t enough_to_reject = 2 * model::max_keyword_bytes;
    constexpr std::string_view separators = ", \t\r";
    while (!text.empty()) {
        const auto end = std::min(text.find_first_of(separators), text.size());
        const std::string_view name = text.substr(0, std::min(end, enough_to_reject));
        text.remove_prefix(std::min(end + 1, text.size()));
        auto& rejected = marks_.rejected;
        if (name.empty() || std::find(rejected.begin(), rejected.end(), name) != rejected.end()) continue;
        if (marks_.keywords.size() + rejected.size() >= max_keywords_per_message) {
            ++dropped_keywords_;
        } else {
            model::add_foreign_name(marks_, name);
        }
    }
}

}  // namespace mox::intake
