#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mox::cli {

// How a shell completes the value of an option or an operand. It follows from the name of the value: FILE, PATH
// (files), DIR, DEST, SNAPSHOT (directories), ACCOUNT, MAILBOX; a list of choices; anything else is not completed.
enum class Completion { none, choices, files, directories, accounts, mailboxes };

struct OptionDescription {
    std::vector<std::string> names;  // "-c", "--config"; empty for an operand
    std::string value_name;          // "FILE", "mbox|maildir"; of an operand its name; empty for a flag
    std::string description;
    std::string default_text;          // empty: none, or told in the description
    std::vector<std::string> choices;  // empty: anything
    Completion completion = Completion::none;
    bool is_operand = false;
    bool is_required = false;
    bool is_repeatable = false;
    bool value_is_optional = false;  // --read-data[=PERCENT]
    bool is_common = false;          // of every command
};

[[nodiscard]] Completion completion_for(std::string_view value_name);

// "-c, --config FILE"; for an operand "DEST", "[MAILBOX]" or "ID...".
[[nodiscard]] std::string synopsis(const OptionDescription& option);

}  // namespace mox::cli
