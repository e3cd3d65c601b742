#include <fmt/format.h>

#include <algorithm>

#include "cli/completion_scripts.hpp"

namespace mox::cli {

namespace {

// What every script has: they are loaded one at a time, in any order.
constexpr std::string_view common_part = R"(
# Sets _mox_line to the words up to the cursor without their quotes, with "--option=value" in one piece again.
_mox_read_line() {
    local i word
    _mox_line=()
    for ((i = 0; i <= COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        case $word in
            \'*) word=${word#\'} word=${word%\'} ;;
            \"*) word=${word#\"} word=${word%\"} ;;
            *) word=${word//\\/} ;;
        esac
        [[ $word == '~/'* ]] && word=$HOME/${word:2}
        if ((i > 1)) && [[ ${_mox_line[-1]} == --*= || ($word == = && ${_mox_line[-1]} == --*) ]]; then
            _mox_line[-1]+=$word
        else
            _mox_line+=("$word")
        fi
    done
}

# Offers the lines of standard input that start with $1, quoted for the command line.
_mox_offer_lines() {
    local line typed=${COMP_WORDS[COMP_CWORD]}
    while IFS= read -r line; do
        [[ $line == "$1"* ]] || continue
        [[ $typed == [\'\"]* ]] || printf -v line %q "$line"
        COMPREPLY+=("$line")
    done
}

# Offers values of the kind $1 (the choices follow) that start with $_mox_current.
_mox_offer() {
    case $1 in
        choices) mapfile -t COMPREPLY < <(compgen -W "${*:2}" -- "$_mox_current") ;;
        files)
            compopt -o filenames 2>/dev/null
            mapfile -t COMPREPLY < <(compgen -f -- "$_mox_current")
            ;;
        directories)
            compopt -o filenames 2>/dev/null
            mapfile -t COMPREPLY < <(compgen -d -- "$_mox_current")
            ;;
        accounts | mailboxes)
            _mox_offer_lines "$_mox_current" < <(
                "${_mox_line[0]}" --complete "$1" "${_mox_line[@]:1:${#_mox_line[@]}-2}" 2>/dev/null
            )
            ;;
    esac
}
)";

std::string function_name(std::string program) {
    std::replace(program.begin(), program.end(), '-', '_');
    return "_" + program;
}

std::string heading(const ScriptInput& input) {
    return fmt::format("# bash completion for {}. Written by gencompletions from the option definitions.\n",
                       input.program);
}

std::string offer(const OptionDescription& option) {
    switch (option.completion) {
        case Completion::choices:
            return fmt::format("_mox_offer choices {}", fmt::join(option.choices, " "));
        case Completion::files:
            return "_mox_offer files";
        case Completion::directories:
            return "_mox_offer directories";
        case Completion::accounts:
            return "_mox_offer accounts";
        case Completion::mailboxes:
            return "_mox_offer mailboxes";
        case Completion::none:
            break;
    }
    return ":";
}

bool takes_next_word(const OptionDescription& option) {
    return !option.is_operand && !option.value_name.empty() && !option.value_is_optional;
}

// "-c|--config|--data-dir", the options whose value may be the next word.
std::string options_with_value(const ScriptInput& input) {
    std::string out;
    for (const auto& option : input.options)
        if (takes_next_word(option))
            for (const auto& name : option.names) out += (out.empty() ? "" : "|") + name;
    return out;
}

std::string names_of(const ScriptInput& input) {
    std::string out;
    for (const auto& option : input.options)
        for (const auto& name : option.names) out += (out.empty() ? "" : " ") + name;
    return out;
}

std::string value_cases(const ScriptInput& input) {
    std::string out;
    for (const auto& option : input.options)
        if (!option.is_operand && !option.value_name.empty())
            out += fmt::format("        {}) {}; return ;;\n", fmt::join(option.names, " | "), offer(option));
    return out;
}

std::string operand_cases(const ScriptInput& input) {
    std::string out;
    int index = 0;
    for (const auto& option : input.options) {
        if (!option.is_operand) continue;
        out += option.is_repeatable ? fmt::format("        *) {} ;;\n", offer(option))
                                    : fmt::format("        {}) {} ;;\n", index, offer(option));
        ++index;
    }
    return out;
}

}  // namespace

std::string bash_script(const ScriptInput& input) {
    const std::string with_value = options_with_value(input);
    const std::string skip = with_value.empty() ? "" : fmt::format("            {}) ((i++)) ;;\n", with_value);
    std::string out = heading(input);
    out += common_part;
    out += fmt::format(R"(
{0}() {{
    local _mox_line=() _mox_current previous i operands=0 only_operands=
    COMPREPLY=()
    _mox_read_line
    _mox_current=${{_mox_line[-1]}}
    previous=${{_mox_line[-2]-}}
    for ((i = 1; i < ${{#_mox_line[@]}} - 1; i++)); do
        case ${{only_operands:-${{_mox_line[i]}}}} in
            --) only_operands=yes ;;
{1}            -?*) ;;
            *) ((operands++)) ;;
        esac
    done
    if [[ -z $only_operands && $_mox_current == --*=* ]]; then
        previous=${{_mox_current%%=*}}
        _mox_current=${{_mox_current#*=}}
    elif [[ -z $only_operands && $_mox_current == -* ]]; then
        _mox_offer choices {2}
        return
    elif [[ $previous != @({3}) ]]; then
        previous=
    fi
    [[ -n $only_operands ]] && previous=
    case $previous in
{4}    esac
    case $operands in
{5}    esac
}}
complete -F {0} {6}
)",
                       function_name(input.program), skip, names_of(input), with_value, value_cases(input),
                       operand_cases(input), input.program);
    return out;
}

std::string bash_dispatcher_script(const ScriptInput& input) {
    std::vector<std::string> names;
    for (const auto& command : input.commands) names.push_back(command.name);
    return heading(input) + fmt::format(R"(
{0}_folder=${{BASH_SOURCE[0]%/*}}

# Completes the name of the command; what follows is completed as for the command's own program.
{0}() {{
    local command=${{COMP_WORDS[1]-}} program=${{COMP_WORDS[0]}}
    COMPREPLY=()
    if ((COMP_CWORD == 1)); then
        mapfile -t COMPREPLY < <(compgen -W "{1} help version {2}" -- "$command")
        return
    fi
    case $command in
        help)
            ((COMP_CWORD == 2)) && mapfile -t COMPREPLY < <(compgen -W "{1}" -- "${{COMP_WORDS[2]}}")
            return
            ;;
        version)
            mapfile -t COMPREPLY < <(compgen -W "{2}" -- "${{COMP_WORDS[COMP_CWORD]}}")
            return
            ;;
    esac
    if ! declare -F "{0}_$command" >/dev/null && [[ -r ${0}_folder/{3}-$command ]]; then
        source "${0}_folder/{3}-$command"
    fi
    declare -F "{0}_$command" >/dev/null || return
    COMP_WORDS=("${{program%{3}}}{3}-$command" "${{COMP_WORDS[@]:2}}")
    ((COMP_CWORD--))
    "{0}_$command"
}}
complete -F {0} {3}
)",
                                        function_name(input.program), fmt::join(names, " "), names_of(input),
                                        input.program);
}

}  // namespace mox::cli
