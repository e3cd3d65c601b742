#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace mox::intake {

// What looked odd but did not stop anything, sorted by what it is, so that a hundred thousand of one kind take one
// line.
enum class WarningKind {
    other,
    odd_bytes,        // CR without LF, NUL
    header_field,     // a field that was not looked at as a whole
    keyword,          // a keyword repaired or left out
    file_name,        // letters without meaning, names that are no messages
    keywords_file,    // a dovecot-keywords file with a problem
    from_line,        // text that looks like the start of an entry
    content_length,   // a Content-Length that is wrong
    skipped,          // files and folders that are no mail
    mailbox_name,     // a mailbox that got another name
    folder_metadata,  // subscriptions, dovecot-uidlist
};
// For people, in the plural: "keywords repaired or left out".
[[nodiscard]] std::string_view describe(WarningKind kind);

struct Warning {
    WarningKind kind = WarningKind::other;
    std::string text;
    friend bool operator==(const Warning&, const Warning&) = default;
};

// Warnings about a source. Only the first thousand are kept, all are counted.
struct Warnings {
    std::vector<Warning> list;  // each text begins with its place: "in.mbox:1042: …"
    std::uint64_t count = 0;
    std::map<WarningKind, std::uint64_t> not_kept;  // how many, by kind

    void add(WarningKind kind, std::string text);
    void add(Warnings&& more);
};

}  // namespace mox::intake
