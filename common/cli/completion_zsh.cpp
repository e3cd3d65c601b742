#include <fmt/format.h>

#include <algorithm>

#include "cli/completion_scripts.hpp"

namespace mox::cli {

namespace {

std::string function_name(const std::string& program) {
    return "_" + program;
}

std::string names_function(const ScriptInput& input) {
    std::string name = input.program;
    std::replace(name.begin(), name.end(), '-', '_');
    return "_" + name + "_names";
}

// Inside an _arguments specification: brackets and colons have a meaning, and it stands in single quotes.
std::string escaped_text(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
        if (c == '\'')
            out += "'\\''";
        else
            out += c;
    }
    return out;
}

std::string action(const ScriptInput& input, const OptionDescription& option) {
    switch (option.completion) {
        case Completion::choices:
            return fmt::format("({})", fmt::join(option.choices, " "));
        case Completion::files:
            return "_files";
        case Completion::directories:
            return "_directories";
        case Completion::accounts:
            return names_function(input) + " accounts";
        case Completion::mailboxes:
            return names_function(input) + " mailboxes";
        case Completion::none:
            break;
    }
    return " ";
}

std::string option_specifications(const ScriptInput& input, const OptionDescription& option) {
    std::string out;
    const std::string excluded = option.is_repeatable ? "*" : fmt::format("({})", fmt::join(option.names, " "));
    for (const auto& name : option.names) {
        const bool is_long = name.starts_with("--");
        std::string value;
        std::string joint;
        if (!option.value_name.empty()) {
            joint = option.value_is_optional ? "=-" : is_long ? "=" : "+";
            value = fmt::format("{}{}:{}", option.value_is_optional ? "::" : ":", escaped_text(option.value_name),
                                action(input, option));
        }
        out +=
            fmt::format(" \\\n        '{}{}{}[{}]{}'", excluded, name, joint, escaped_text(option.description), value);
    }
    return out;
}

std::string specifications(const ScriptInput& input) {
    std::string out;
    for (const auto& option : input.options)
        if (!option.is_operand) out += option_specifications(input, option);
    int index = 1;
    for (const auto& option : input.options) {
        if (!option.is_operand) continue;
        const std::string place = option.is_repeatable ? "*" : std::to_string(index++);
        out += fmt::format(" \\\n        '{}:{}{}:{}'", place, option.is_required || option.is_repeatable ? "" : ":",
                           escaped_text(option.value_name), action(input, option));
    }
    return out;
}

std::string heading(const ScriptInput& input) {
    return fmt::format("#compdef {}\n# Written by gencompletions from the option definitions.\n", input.program);
}

// Run when it is the function that is being autoloaded; defined only when the file is sourced.
std::string start(const ScriptInput& input) {
    return fmt::format("\nif [[ $funcstack[1] == {0} ]]; then\n    {0} \"$@\"\nelse\n    compdef {0} {1}\nfi\n",
                       function_name(input.program), input.program);
}

}  // namespace

std::string zsh_script(const ScriptInput& input) {
    return heading(input) +
           fmt::format(R"(
# Names that only the data directory knows; the kind comes last, after what _arguments gives to compadd.
{0}() {{
    local -a names
    names=("${{(@f)$("${{(Q)words[1]}}" --complete $argv[-1] "${{(@Q)words[2,CURRENT-1]}}" 2>/dev/null)}}")
    compadd "${{(@)argv[1,-2]}}" -a names
}}

{1}() {{
    _arguments -s -S :{2}
}}
)",
                       names_function(input), function_name(input.program), specifications(input)) +
           start(input);
}

std::string zsh_dispatcher_script(const ScriptInput& input) {
    std::string commands;
    for (const auto& command : input.commands)
        commands += fmt::format("        '{}:{}'\n", command.name, escaped_text(command.summary));
    return heading(input) +
           fmt::format(R"(
# Completes the name of the command; what follows is completed as for the command's own program.
{0}() {{
    local -a commands
    commands=(
{1}        'help:List the commands, or show the help of one.'
        'version:Show the version.'
    )
    if ((CURRENT == 2)); then
        _describe command commands
        _arguments -s -S :{2}
        return
    fi
    local command=$words[2]
    case $command in
        help) ((CURRENT == 3)) && _describe command commands ;;
        version)
            words=("$words[1]" "${{(@)words[3,-1]}}")
            ((CURRENT--))
            _arguments -s -S :{2}
            ;;
        *)
            (($+functions[_{3}-$command])) || return
            words=("${{words[1]%{3}}}{3}-$command" "${{(@)words[3,-1]}}")
            ((CURRENT--))
            _{3}-$command
            ;;
    esac
}}
)",
                       function_name(input.program), commands, specifications(input), input.program) +
           start(input);
}

}  // namespace mox::cli
