#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/flags.hpp"

// The field X-Gmail-Labels of Google Takeout: a list of labels separated by commas, in double quotes where a label has
// a comma, the whole or parts of it in encoded words (RFC 2047).

namespace mox::intake {

// The labels of the field's value (still folded), decoded, each once, in their order. At most 1,000.
[[nodiscard]] std::vector<std::string> parse_gmail_labels(std::string_view value);

// What labels mean: those of the system are flags or places, the others are the user's.
struct GmailLabels {
    model::Flags flags;                    // \Seen (no label "Unread"), \Flagged ("Starred"), \Draft
    std::vector<std::string> mailboxes;    // names with '/' between parts, the first of them the main one; never empty
    std::vector<std::string> user_labels;  // without those of the system
};
// Places of the system are "Inbox", "Sent", "Drafts", "Spam" (as "Junk"), "Trash"; without any place and label it is
// "Archive". English names, and those of a few other languages.
[[nodiscard]] GmailLabels interpret(const std::vector<std::string>& labels);

}  // namespace mox::intake
