#include "intake/warnings.hpp"

#include <utility>

namespace mox::intake {

std::string_view describe(WarningKind kind) {
    switch (kind) {
        case WarningKind::odd_bytes:
            return "messages with odd bytes, kept as they are";
        case WarningKind::header_field:
            return "fields of headers that were not looked at as a whole";
        case WarningKind::keyword:
            return "keywords repaired or left out";
        case WarningKind::file_name:
            return "file names with a part that means nothing";
        case WarningKind::keywords_file:
            return "problems of dovecot-keywords files";
        case WarningKind::from_line:
            return "lines that look like the start of a message and are text";
        case WarningKind::content_length:
            return "wrong Content-Length fields";
        case WarningKind::skipped:
            return "files and folders that are no mail";
        case WarningKind::mailbox_name:
            return "mailboxes that got another name";
        case WarningKind::folder_metadata:
            return "problems of files about a folder";
        case WarningKind::other:
            break;
    }
    return "other oddities";
}

void Warnings::add(WarningKind kind, std::string text) {
    constexpr std::size_t most_kept = 1000;
    if (list.size() < most_kept)
        list.push_back({kind, std::move(text)});
    else
        ++not_kept[kind];
    ++count;
}

void Warnings::add(Warnings&& more) {
    for (auto& warning : more.list) add(warning.kind, std::move(warning.text));
    for (const auto& [kind, number] : more.not_kept) {
        not_kept[kind] += number;
        count += number;
    }
}

}  // namespace mox::intake
