#pragma once

#include <string>
#include <vector>

#include "cli/completion.hpp"
#include "cli/describe.hpp"

// The generators behind cli/completion.hpp, one file for each shell.

namespace mox::cli {

struct ScriptInput {
    std::string program;  // "mox-backup"
    std::string summary;
    std::vector<OptionDescription> options;
    std::vector<Command> commands;  // of the dispatcher
};

[[nodiscard]] std::string bash_script(const ScriptInput& input);
[[nodiscard]] std::string bash_dispatcher_script(const ScriptInput& input);
[[nodiscard]] std::string zsh_script(const ScriptInput& input);
[[nodiscard]] std::string zsh_dispatcher_script(const ScriptInput& input);
[[nodiscard]] std::string fish_script(const ScriptInput& input);
[[nodiscard]] std::string fish_dispatcher_script(const ScriptInput& input);

}  // namespace mox::cli
