#include "cli/completion.hpp"

#include <CLI/CLI.hpp>
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

// Reads `words` as far as they make sense: everything is optional, and a word that does not fit ends the reading.
void read_leniently(CLI::App& app, std::vector<std::string> words) {
    for (CLI::Option* option : app.get_options()) option->required(false);
    app.allow_extras();
    std::reverse(words.begin(), words.end());
    try {
        app.parse(std::move(words));
    } catch (const CLI::ParseError&) {
    }
}

std::vector<std::string> names_for(const Tool& tool, const CLI::App& app, const std::string& what) {
    if (tool.complete) return tool.complete(what);
    const CLI::Option* data_dir = app.get_option_no_throw("--data-dir");
    if (what != "accounts" || data_dir == nullptr || data_dir->count() == 0) return {};
    return accounts_below(data_dir->as<std::string>());
}

}  // namespace

int complete(const Tool& tool, CLI::App& app, const std::vector<std::string>& arguments, Output& out) try {
    if (arguments.size() < 2) return code(Exit::usage);
    read_leniently(app, {arguments.begin() + 2, arguments.end()});
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
    const ScriptInput input{program_name(tool), tool.summary, describe(*app), {}};
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
    const ScriptInput input{program_name(dispatcher), dispatcher.summary, describe(*app), commands};
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
