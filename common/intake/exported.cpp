#include "intake/exported.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <utility>

#include "base/encoding.hpp"
#include "base/interrupt.hpp"
#include "intake/header_fields.hpp"
#include "intake/maildir_name.hpp"
#include "intake/stored_form.hpp"

namespace mox::intake {

namespace {

// Fields by which programs keep what they know of a message in an mbox. Whoever reads one must not take a message's own
// field for a note of the program that wrote the file.
constexpr std::array<std::string_view, 11> annotations{
    "Status",     "X-Status",         "X-Keywords",        "Content-Length", "X-UID",         "X-IMAP",
    "X-IMAPbase", "X-Mozilla-Status", "X-Mozilla-Status2", "X-Mozilla-Keys", "X-Gmail-Labels"};

// The name of the field that starts with this line; empty when none does.
std::string_view field_name(std::string_view line) {
    const auto colon = line.substr(0, 100).find(':');
    if (colon == std::string_view::npos) return {};
    auto name = line.substr(0, colon);
    name = name.substr(0, name.find_last_not_of(" \t") + 1);
    return name.find_first_of(" \t\r\n") == std::string_view::npos ? name : std::string_view();
}

template <class Integer>
bool read_number(std::string_view text, Integer& value) {
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
    return parsed.ec == std::errc() && parsed.ptr == text.data() + text.size();
}

// Calls visit(key, value) for each "key=value" of `text`.
template <class Visit>
void for_each_pair(std::string_view text, char separator, Visit&& visit) {
    while (!text.empty()) {
        const auto end = std::min(text.find(separator), text.size());
        const auto word = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (const auto equals = word.find('='); equals != std::string_view::npos)
            visit(word.substr(0, equals), word.substr(equals + 1));
    }
}

bool is_sane(const Timestamp& time) {
    return time.nanoseconds >= 0 && time.nanoseconds < 1'000'000'000 && time.offset_minutes >= -1440 &&
           time.offset_minutes <= 1440;
}

// Takes an entry apart: annotations, and what is the message.
class ExportedEntry {
public:
    ExportedEntry(Metadata&& known, bool quoted, const Sink& sink)
        : result_(std::move(known)),
          quoted_(quoted),
          sink_(sink),
          no_fields_({}, unused_),
          form_(quoted ? Quoting::mbox : Quoting::none, no_fields_, sink_) {}

    Metadata convert(std::string_view text) {
        const auto note = note_of_field(text.substr(0, text.find('\n'))).value_or(ExportNote{});
        exact_ = note.exact;
        result_.received = note.received;
        result_.received_from = ReceivedFrom::from_line;
        if (note.open_end && text.ends_with('\n')) text.remove_suffix(1);
        while (in_header_ && !text.empty()) {
            const auto line = text.substr(0, std::min(text.find('\n'), text.size() - 1) + 1);
            text.remove_prefix(line.size());
            header_line(line);
        }
        end_annotation();
        rest(text);
        if (!exact_) {
            form_.finish();
            result_.size_bytes = form_.size_bytes();
        }
        if (dropped_keywords_ > 0)
            result_.warnings.push_back(
                {WarningKind::keyword, fmt::format("{} keywords too many, left out", dropped_keywords_)});
        return std::move(result_);
    }

private:
    void header_line(std::string_view line) {
        const auto text = without_line_end(line);
        const bool continues = !text.empty() && (text[0] == ' ' || text[0] == '\t');
        if (continues && in_annotation_) {
            if (annotation_.size() + text.size() <= HeaderFields::max_field_bytes) annotation_ += text;
            return;
        }
        end_annotation();
        if (text.starts_with(kept_prefix)) return keep(line.substr(kept_prefix.size()));
        if (!is_annotation(line)) {
            in_header_ = !text.empty();
            return keep(line);
        }
        in_annotation_ = !equal_ignoring_case(field_name(text), export_field);
        if (in_annotation_) annotation_ = text.substr(0, HeaderFields::max_field_bytes);
    }

    void end_annotation() {
        if (std::exchange(in_annotation_, false)) dropped_keywords_ += add_annotation(result_.marks, annotation_);
    }

    void keep(std::string_view line) {
        if (exact_)
            rest(line);
        else
            form_.feed(line);
    }

    void rest(std::string_view text) {
        if (!exact_) return text.empty() ? void() : form_.feed(text);
        while (!text.empty()) {
            const auto line = text.substr(0, std::min(text.find('\n'), text.size() - 1) + 1);
            text.remove_prefix(line.size());
            put(line.substr(quoted_ && line[0] == '>' && is_from_line(line) ? 1 : 0));
        }
    }

    void put(std::string_view text) {
        constexpr std::size_t piece_bytes = 65536;
        for (; !text.empty(); text.remove_prefix(std::min(piece_bytes, text.size()))) {
            const auto piece = text.substr(0, piece_bytes);
            check_interrupt();
            sink_(as_bytes(piece));
            result_.size_bytes += piece.size();
        }
    }

    Metadata result_;
    const bool quoted_;
    const Sink& sink_;
    model::FlagsAndKeywords unused_;
    HeaderFields no_fields_;
    StoredForm form_;
    bool exact_ = false, in_header_ = true, in_annotation_ = false;
    std::string annotation_;
    std::size_t dropped_keywords_ = 0;
};

}  // namespace

MoreKeywords parse_more_keywords(std::string_view text) {
    MoreKeywords keywords;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        auto words = model::split_keywords(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        if (words.size() < 2) continue;
        std::string base = std::move(words.front());
        words.erase(words.begin());
        keywords.insert_or_assign(std::move(base), std::move(words));
    }
    return keywords;
}

std::string to_field(const ExportNote& note) {
    std::string text = fmt::format("{}: 1 received={}", export_field, note.received.seconds);
    if (note.received.nanoseconds != 0) text += fmt::format(" nanoseconds={}", note.received.nanoseconds);
    if (note.received.offset_minutes != 0) text += fmt::format(" offset={}", note.received.offset_minutes);
    if (note.exact) text += note.open_end ? " form=exact-open" : " form=exact";
    return text;
}

std::optional<ExportNote> note_of_field(std::string_view line) {
    const std::string start = std::string(export_field) + ": 1 ";
    line = without_line_end(line);
    if (!line.starts_with(start)) return std::nullopt;
    ExportNote note;
    bool dated = false;
    for_each_pair(line.substr(start.size()), ' ', [&](std::string_view key, std::string_view value) {
        if (key == "received") dated = read_number(value, note.received.seconds);
        if (key == "nanoseconds") (void)read_number(value, note.received.nanoseconds);
        if (key == "offset") (void)read_number(value, note.received.offset_minutes);
        if (key == "form") {
            note.exact = value == "exact" || value == "exact-open";
            note.open_end = value == "exact-open";
        }
    });
    if (!dated || !is_sane(note.received)) return std::nullopt;
    return note;
}

std::string to_name_fields(const ExportNote& note, std::optional<std::int64_t> told_seconds) {
    std::string text;
    if (note.received.nanoseconds != 0) text += fmt::format(",N={}", note.received.nanoseconds);
    if (note.received.offset_minutes != 0) text += fmt::format(",O={}", note.received.offset_minutes);
    if (told_seconds != note.received.seconds) text += fmt::format(",T={}", note.received.seconds);
    if (note.exact) text += ",X=1";
    return text;
}

std::optional<ExportNote> note_of_file_name(std::string_view base) {
    const auto host = base.substr(0, base.find(','));
    if (!host.ends_with(".mox")) return std::nullopt;
    ExportNote note;
    bool dated = false;
    if (const auto seconds = parse_maildir_name(base).time) {
        note.received.seconds = *seconds;
        dated = true;
    }
    for_each_pair(base.substr(host.size()), ',', [&](std::string_view key, std::string_view value) {
        if (key == "N") (void)read_number(value, note.received.nanoseconds);
        if (key == "O") (void)read_number(value, note.received.offset_minutes);
        if (key == "T") dated = read_number(value, note.received.seconds);
        if (key == "X") note.exact = value == "1";
    });
    if (!dated || !is_sane(note.received)) return std::nullopt;
    return note;
}

std::string_view without_line_end(std::string_view line) {
    if (line.ends_with('\n')) line.remove_suffix(1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

bool is_annotation(std::string_view line) {
    if (line.empty()) return false;
    const char first = ascii_lower(line[0]);
    if (first != 'x' && first != 's' && first != 'c') return false;
    const auto name = field_name(line);
    if (name.empty()) return false;
    return equal_ignoring_case(name, export_field) ||
           std::any_of(annotations.begin(), annotations.end(),
                       [&](auto known) { return equal_ignoring_case(name, known); });
}

bool is_from_line(std::string_view line) {
    const auto quotes = std::min(line.find_first_not_of('>'), line.size());
    return line.substr(quotes).starts_with("From ");
}

void add_literal_name(model::FlagsAndKeywords& to, std::string_view name) {
    if (const auto flag = model::flag_from_imap_name(name)) {
        to.flags = to.flags.with(*flag);
    } else if (!model::is_keyword(name)) {
        to.rejected.emplace_back(name.substr(0, 2 * model::max_keyword_bytes));
    } else {
        to.keywords = model::merged(to.keywords, model::normalised({std::string(name)}));
    }
}

std::size_t add_annotation(model::FlagsAndKeywords& to, std::string_view field) {
    std::size_t dropped = 0;
    const auto name = field_name(field);
    const auto value = field.substr(std::min(field.find(':'), field.size() - 1) + 1);
    const auto add = [&](char letter, model::Flag flag) {
        if (value.find(letter) != std::string_view::npos) to.flags = to.flags.with(flag);
    };
    if (equal_ignoring_case(name, "Status")) {
        add('R', model::Flag::seen);
    } else if (equal_ignoring_case(name, "X-Status")) {
        add('A', model::Flag::answered);
        add('F', model::Flag::flagged);
        add('T', model::Flag::draft);
        add('D', model::Flag::deleted);
    } else if (equal_ignoring_case(name, "X-Keywords")) {
        for (const auto& word : model::split_keywords(value)) {
            const auto keyword = trimmed(word);
            if (keyword.empty()) continue;
            if (to.keywords.size() + to.rejected.size() >= max_keywords_per_message)
                ++dropped;
            else
                add_literal_name(to, keyword);
        }
    }
    return dropped;
}

bool is_exported_entry(std::string_view text) {
    return text.starts_with(export_field) && note_of_field(text.substr(0, text.find('\n')));
}

Metadata convert_exported(Metadata&& known, std::string_view text, bool quoted, const Sink& sink) {
    return ExportedEntry(std::move(known), quoted, sink).convert(text);
}

}  // namespace mox::intake
