#include "intake/maildir_marks.hpp"

#include <string>

#include "base/encoding.hpp"

namespace mox::intake {

bool describe_by_name(RawMessage& message, std::string_view name, const MaildirMarks& marks) {
    const MaildirName parts = parse_maildir_name(name);
    if (parts.time) message.received = Timestamp{.seconds = *parts.time};
    const auto note = note_of_file_name(parts.base);
    if (note) message.received = note->received;
    if (const auto more = marks.more.find(std::string(parts.base)); more != marks.more.end())
        for (const auto& keyword : more->second) add_literal_name(message.marks, keyword);
    const std::string unknown = add_maildir_letters(message.marks, parts.letters, marks.letters);
    if (!unknown.empty())
        message.warnings.push_back(
            {WarningKind::file_name, "letters in the file name without meaning: " + quote(unknown)});
    return note && note->exact;
}

}  // namespace mox::intake
