#include <fmt/format.h>

#include <algorithm>

#include "cli/completion_scripts.hpp"

namespace mox::cli {

namespace {

std::string in_quotes(std::string_view text) {
    std::string out = "'";
    for (const char c : text) {
        if (c == '\'' || c == '\\') out += '\\';
        out += c;
    }
    return out + "'";
}

std::string function_prefix(std::string program) {
    std::replace(program.begin(), program.end(), '-', '_');
    return "__" + program;
}

std::string candidates(const ScriptInput& input, const OptionDescription& option) {
    const std::string prefix = function_prefix(input.program);
    switch (option.completion) {
        case Completion::choices:
            return fmt::format("-x -a '{}'", fmt::join(option.choices, " "));
        case Completion::files:
            return "-r -F";
        case Completion::directories:
            return "-x -a '(__fish_complete_directories (commandline -ct))'";
        case Completion::accounts:
            return fmt::format("-x -a '({}_names accounts)'", prefix);
        case Completion::mailboxes:
            return fmt::format("-x -a '({}_names mailboxes)'", prefix);
        case Completion::none:
            break;
    }
    return "-x";
}

std::string option_line(const ScriptInput& input, const OptionDescription& option) {
    std::string out = "complete -c " + input.program;
    for (const auto& name : option.names)
        out += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
    if (!option.value_name.empty() && !option.value_is_optional) out += " " + candidates(input, option);
    return out + " -d " + in_quotes(option.description) + "\n";
}

std::string operand_line(const ScriptInput& input, const OptionDescription& option, int index) {
    if (option.completion == Completion::none) return {};
    const std::string prefix = function_prefix(input.program);
    const char* comparison = option.is_repeatable ? "-ge" : "-eq";
    return fmt::format("complete -c {} -n 'test ({}_operands) {} {}' {} -d {}\n", input.program, prefix, comparison,
                       index, candidates(input, option), in_quotes(option.value_name));
}

// Names of options whose value is the next word, for the counting of operands.
std::string options_with_value(const ScriptInput& input) {
    std::string out;
    for (const auto& option : input.options)
        if (!option.is_operand && !option.value_name.empty() && !option.value_is_optional)
            for (const auto& name : option.names) out += " " + name;
    return out;
}

std::string heading(const ScriptInput& input) {
    return fmt::format("# fish completion for {}. Written by gencompletions from the option definitions.\n",
                       input.program);
}

std::string lines(const ScriptInput& input) {
    std::string out;
    for (const auto& option : input.options)
        if (!option.is_operand) out += option_line(input, option);
    int index = 0;
    for (const auto& option : input.options)
        if (option.is_operand) out += operand_line(input, option, index++);
    return out;
}

}  // namespace

std::string fish_script(const ScriptInput& input) {
    return heading(input) +
           fmt::format(R"(
# Names that only the data directory knows.
function {0}_names
    set -l words (commandline -opc)
    $words[1] --complete $argv[1] $words[2..] 2>/dev/null
end

# How many operands stand before the cursor.
function {0}_operands
    set -l words (commandline -opc)
    set -l count 0
    set -l skip no
    set -l only_operands no
    for word in $words[2..]
        if test $skip = yes
            set skip no
        else if test $only_operands = yes
            set count (math $count + 1)
        else if test "$word" = --
            set only_operands yes
        else if contains -- "$word"{1}
            set skip yes
        else if not string match -q -- '-?*' "$word"
            set count (math $count + 1)
        end
    end
    echo $count
end

complete -c {2} -f
)",
                       function_prefix(input.program), options_with_value(input), input.program) +
           lines(input);
}

std::string fish_dispatcher_script(const ScriptInput& input) {
    std::vector<std::string> names;
    std::string commands;
    const auto command_line = [&](std::string_view name, std::string_view summary) {
        commands += fmt::format("complete -c {} -n '__fish_is_first_token' -a {} -d {}\n", input.program, name,
                                in_quotes(summary));
    };
    for (const auto& command : input.commands) {
        command_line(command.name, command.summary);
        names.push_back(command.name);
    }
    command_line("help", "List the commands, or show the help of one.");
    command_line("version", "Show the version.");
    std::string options;
    for (const auto& option : input.options) {
        std::string line = option_line(input, option);
        line.replace(0, line.find(" -", 10),
                     fmt::format("complete -c {} -n 'not {}_command'", input.program, function_prefix(input.program)));
        options += line;
    }
    return heading(input) + fmt::format(R"(
# True when a command with a program of its own was typed.
function {0}_command
    set -l words (commandline -opc)
    test (count $words) -gt 1; and contains -- $words[2] {1}
end

# What the command's own program would complete.
function {0}_delegate
    set -l words (commandline -opc)
    set -l program (string replace -r '{2}$' "{2}-$words[2]" -- $words[1])
    complete -C (string join ' ' -- (string escape -- $program $words[3..]) (commandline -ct))
end

complete -c {2} -f
{3}complete -c {2} -n '__fish_seen_subcommand_from help; and not {0}_command' -a '{1}'
complete -c {2} -n '{0}_command' -a '({0}_delegate)'
{4})",
                                        function_prefix(input.program), fmt::join(names, " "), input.program, commands,
                                        options);
}

}  // namespace mox::cli
