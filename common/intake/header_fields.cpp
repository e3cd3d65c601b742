#include "intake/header_fields.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/encoding.hpp"
#include "intake/gmail_labels.hpp"
#include "intake/message.hpp"
#include "intake/thunderbird.hpp"
#include "mime/date.hpp"

namespace mox::intake {

namespace {

constexpr std::array<std::string_view, 7> mark_names{
    "Status", "X-Status", "X-Keywords", "X-Mozilla-Status", "X-Mozilla-Status2", "X-Mozilla-Keys", "X-Gmail-Labels"};
constexpr std::size_t longest_name = 17;

bool has_name(std::string_view line, std::string_view name) {
    if (line.size() <= name.size() || !equal_ignoring_case(line.substr(0, name.size()), name)) return false;
    const char next = line[name.size()];
    return next == ':' || next == ' ' || next == '\t';
}

// Whether the line that starts so may be a wanted field. Undecided counts as yes.
bool may_be_wanted(std::string_view start, const WantedFields& wanted) {
    if (start.size() <= longest_name) return true;
    const auto is_named = [&](std::string_view name) { return has_name(start, name); };
    return (wanted.dates && (is_named("Date") || is_named("Received"))) ||
           (wanted.marks && std::any_of(mark_names.begin(), mark_names.end(), is_named));
}

bool is_first_of_wanted(char c) {
    c = ascii_lower(c);
    return c == 'd' || c == 'r' || c == 's' || c == 'x';
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
        if (wanted_.dates && equal_ignoring_case(name, "Date")) {
            if (!date_) date_ = value.substr(0, 1000);
        } else if (wanted_.dates && equal_ignoring_case(name, "Received")) {
            // Its date follows the last semicolon.
            const auto semicolon = value.rfind(';');
            if (!std::exchange(seen_received_, true) && semicolon != std::string_view::npos)
                received_ = mime::parse_date(value.substr(semicolon + 1, 1000));
        } else if (wanted_.marks) {
            take_mark(name, value);
        }
    }
    field_.clear();
}

void HeaderFields::take_mark(std::string_view name, std::string_view value) {
    const auto is = [&](std::string_view wanted) { return equal_ignoring_case(name, wanted); };
    const auto add = [&](char letter, model::Flag flag) {
        if (value.find(letter) != std::string_view::npos) marks_.flags = marks_.flags.with(flag);
    };
    if (is("Status")) {
        add('R', model::Flag::seen);
    } else if (is("X-Status")) {
        add('A', model::Flag::answered);
        add('F', model::Flag::flagged);
        add('T', model::Flag::draft);
        add('D', model::Flag::deleted);
    } else if (is("X-Keywords") || is("X-Mozilla-Keys")) {
        add_keywords(value);
    } else if (is("X-Mozilla-Status")) {
        add_mozilla_status(marks_, value);
    } else if (is("X-Mozilla-Status2")) {
        add_mozilla_status2(marks_, value);
    } else if (is("X-Gmail-Labels") && labels_.empty()) {
        labels_ = parse_gmail_labels(value);
    }
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
        if (marks_.keywords.size() + rejected.size() >= max_keywords_per_message ||
            marks_.repaired.size() >= max_keywords_per_message) {
            ++dropped_keywords_;
        } else {
            model::add_foreign_name(marks_, name);
        }
    }
}

}  // namespace mox::intake
