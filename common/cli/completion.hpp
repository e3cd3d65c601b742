#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/output.hpp"
#include "cli/tool.hpp"

// Completions for shells, generated from the option definitions (tools/gencompletions writes them, a test compares).
//
// Names that only the data directory knows come from the program itself: the generated scripts call
//
//   mox-import --complete accounts|mailboxes [WORDS typed so far...]
//
// which prints one name a line. It reads what it can from the words, ignores what is missing or wrong, never prints an
// error, and exits with 0 when it could look and 1 when not. It is not shown in the help, as people have no use for it.

namespace mox::cli {

enum class Shell { bash, zsh, fish };

// The whole script for one tool.
[[nodiscard]] std::string completion_script(const Tool& tool, Shell shell);

struct Command {
    std::string name;     // "backup"
    std::string summary;  // one sentence
};
// The script for the dispatcher: completes the names of commands and hands the rest to the command's own script.
[[nodiscard]] std::string dispatcher_script(const Tool& dispatcher, const std::vector<Command>& commands, Shell shell);

// Where a script belongs below completions/: "bash/mox-backup", "zsh/_mox-backup", "fish/mox-backup.fish".
[[nodiscard]] std::string completion_path(std::string_view program, Shell shell);

// Answers `--complete`; `arguments` starts with it.
[[nodiscard]] int complete(const Tool& tool, CommandLine& app, const std::vector<std::string>& arguments, Output& out);

}  // namespace mox::cli
