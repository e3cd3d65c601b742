#include "tools/gencompletions/scripts.hpp"

#include "cli/completion.hpp"
#include "tools/all_tools.hpp"
#include "tools/mox/dispatcher.hpp"

namespace mox::gencompletions {

std::map<std::string, std::string> all_scripts() {
    std::map<std::string, std::string> scripts;
    std::vector<cli::Command> commands;
    for (const auto& entry : tools::all_tools) {
        const auto tool = tools::tool_named(entry.name);
        if (!tool) continue;
        commands.push_back({std::string(entry.name), std::string(entry.summary)});
        for (const auto shell : {cli::Shell::bash, cli::Shell::zsh, cli::Shell::fish})
            scripts[cli::completion_path(cli::program_name(*tool), shell)] = cli::completion_script(*tool, shell);
    }
    for (const auto shell : {cli::Shell::bash, cli::Shell::zsh, cli::Shell::fish})
        scripts[cli::completion_path("mox", shell)] = cli::dispatcher_script(dispatcher::tool(), commands, shell);
    return scripts;
}

}  // namespace mox::gencompletions
