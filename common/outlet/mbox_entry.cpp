#include "outlet/mbox_entry.hpp"

#include <algorithm>

#include "base/encoding.hpp"
#include "intake/exported.hpp"
#include "mime/date.hpp"

namespace mox::outlet {

namespace {

constexpr std::size_t longest_sender = 500;
// Bytes of keywords in one field, so that lines stay within what mail allows (RFC 5322 section 2.1.1).
constexpr std::size_t keywords_per_field = 900;

bool can_be_sender(std::string_view sender) {
    return !sender.empty() && sender.size() <= longest_sender && sender.find('@') != std::string_view::npos &&
           is_utf8(sender) && std::none_of(sender.begin(), sender.end(), [](char c) {
               return (static_cast<unsigned char>(c) <= ' ') || c == 0x7f;
           });
}

void append_status(std::string& to, const Message& message) {
    const auto letter = [&](model::Flag flag, char c) { return message.flags.has(flag) ? std::string(1, c) : ""; };
    to += message.flags.has(model::Flag::seen) ? "Status: RO\n" : "Status: O\n";
    const std::string letters = letter(model::Flag::answered, 'A') + letter(model::Flag::flagged, 'F') +
                                letter(model::Flag::draft, 'T') + letter(model::Flag::deleted, 'D');
    if (!letters.empty()) to += "X-Status: " + letters + '\n';
}

void append_keywords(std::string& to, const Message& message) {
    std::size_t in_field = 0;
    const auto add = [&](std::string_view name) {
        if (in_field > 0 && in_field + name.size() > keywords_per_field) {
            to += '\n';
            in_field = 0;
        }
        if (in_field == 0) to += "X-Keywords:";
        to.append(1, ' ').append(name);
        in_field += name.size() + 1;
    };
    for (const auto name : model::imap_names(message.flags))
        if (name.starts_with('$')) add(name);
    for (const auto& keyword : message.keywords) add(keyword);
    if (in_field > 0) to += '\n';
}

}  // namespace

std::string from_line(const Message& message) {
    // Readers know four digits of a year.
    const std::int64_t year = to_civil(message.received.seconds).year;
    const Timestamp shown = year >= 1000 && year <= 9999 ? message.received : Timestamp{};
    return "From " + (can_be_sender(message.sender) ? message.sender : "MAILER-DAEMON") + ' ' +
           mime::format_mbox_date(shown);
}

MboxEntry::MboxEntry(const Message& message, const Contents& contents, std::string& out)
    : line_ends_(contents.line_ends),
      open_end_(contents.open_end),
      out_(out) {
    out_.append(from_line(message)).append(1, '\n');
    const intake::ExportNote note{
        .received = message.received, .exact = line_ends_ == LineEnds::exact, .open_end = open_end_};
    out_.append(intake::to_field(note)).append(1, '\n');
    append_status(out_, message);
    append_keywords(out_, message);
}

void MboxEntry::text(std::string_view run, bool starts_line) {
    if (run.empty()) return;
    // Otherwise the message's first line would continue our last field.
    if (is_first_ && (run[0] == ' ' || run[0] == '\t')) out_.append(intake::export_field).append(": end\n");
    is_first_ = false;
    while (!run.empty()) {
        const auto taken = take_line(run);
        if (starts_line)
            line(taken);
        else
            append_line(out_, taken, line_ends_);
        starts_line = true;
    }
}

void MboxEntry::line(std::string_view line) {
    if (in_header_) {
        in_header_ = !intake::without_line_end(line).empty();
        if (line.starts_with(intake::kept_prefix) || intake::is_annotation(line)) out_ += intake::kept_prefix;
    }
    if ((line[0] == '>' || line[0] == 'F') && intake::is_from_line(line)) out_ += '>';
    append_line(out_, line, line_ends_);
}

void MboxEntry::finish() {
    if (open_end_) out_ += '\n';
    out_ += '\n';
}

}  // namespace mox::outlet
