#include "cli/completion.hpp"

#include <algorithm>

#include "base/error.hpp"
#include "base/file.hpp"
#include "cli/application.hpp"
#include "cli/completion_scripts.hpp"

namespace mox::cli {

namespace {

std::vector<std::string> accounts_below(const std::filesystem::path& data_dir) {
    std::vector<std::string> names;
    for (const auto& entry : list_directory(data_dir / "accounts"))
        if (directory_exists(data_dir / "accounts" / entry.name)) names.push_back(entry.name);
    return names;
}

std::vector<std::string> names_for(const Tool& tool, const CommandLine& app, const std::string& what) {
    if (tool.complete) return tool.complete(what);
    const auto data_dir = app.value_of("--data-dir");
    if (what != "accounts" || !data_dir) return {};
    return accounts_below(*data_dir);
}

}  // namespace

int complete(const Tool& tool, CommandLine& app, const std::vector<std::string>& arguments, Output& out) try {
    if (arguments.size() < 2) return code(Exit::usage);
    app.parse_leniently({arguments.begin() + 2, arguments.end()});
    for (const auto& name : names_for(tool, app, arguments[1]))
        if (one_line(name) == name) out.write(name + "\n");
    out.flush();
    return code(Exit::ok);
} catch (const std::exception&) {
    return code(Exit::failed);
}

std::string completion_script(const Tool& tool, Shell shell) {
    CommonOptions common;
    const auto app = make_application(tool, common);
    const ScriptInput input{program_name(tool), tool.summary, app->describe(), {}};
    switch (shell) {
        case Shell::bash:
            return bash_script(input);
        case Shell::zsh:
            return zsh_script(input);
        case Shell::fish:
            return fish_script(input);
    }
    return {};
}

std::string dispatcher_script(const Tool& dispatcher, const std::vector<Command>& commands, Shell shell) {
    CommonOptions common;
    const auto app = make_application(dispatcher, common);
    const ScriptInput input{program_name(dispatcher), dispatcher.summary, app->describe(), commands};
    switch (shell) {
        case Shell::bash:
            return bash_dispatcher_script(input);
        case Shell::zsh:
            return zsh_dispatcher_script(input);
        case Shell::fish:
            return fish_dispatcher_script(input);
    }
    return {};
}

std::string completion_path(std::string_view program, Shell shell) {
    const std::string name(program);
    switch (shell) {
        case Shell::bash:
            return "bash/" + name;
        case Shell::zsh:
            return "zsh/_" + name;
        case Shell::fish:
            return "fish/" + name + ".fish";
    }
    return {};
}

}  // namespace mox::cli
