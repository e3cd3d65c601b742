#include "cli/describe.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string_view>

#include "cli/application.hpp"

namespace mox::cli {

namespace {

// CLI11 lets validators describe themselves; the lists of choices are those written "{a,b,c}".
std::vector<std::string> choices_of(CLI::Option& option) {
    std::vector<std::string> choices;
    const std::string type = option.get_type_name();
    const auto open = type.find('{');
    const auto close = type.find('}');
    if (open == std::string::npos || close == std::string::npos) return choices;
    for (const auto& choice : CLI::detail::split(type.substr(open + 1, close - open - 1), ','))
        choices.push_back(choice);
    return choices;
}

Completion completion_for(std::string_view value_name) {
    value_name = value_name.substr(0, value_name.find_first_of(".:"));
    if (value_name == "FILE" || value_name == "PATH") return Completion::files;
    if (value_name == "DIR" || value_name == "DEST" || value_name == "SNAPSHOT") return Completion::directories;
    if (value_name == "ACCOUNT") return Completion::accounts;
    if (value_name == "MAILBOX") return Completion::mailboxes;
    return Completion::none;
}

std::string joined(const std::vector<std::string>& parts, std::string_view separator) {
    std::string out;
    for (const auto& part : parts) {
        if (!out.empty()) out += separator;
        out += part;
    }
    return out;
}

OptionDescription describe(CLI::Option& option) {
    OptionDescription out;
    out.is_operand = option.get_positional() && !option.nonpositional();
    for (const auto& name : option.get_snames()) out.names.push_back("-" + name);
    for (const auto& name : option.get_lnames()) out.names.push_back("--" + name);
    out.description = option.get_description();
    out.default_text = option.get_default_str();
    out.choices = choices_of(option);
    out.is_required = option.get_required();
    out.is_repeatable = option.get_expected_max() > 1;
    out.is_common = option.get_group() == common_group;
    const std::string type = option.get_type_name();
    const std::string plain_type = type.substr(0, type.find(':'));
    const bool is_flag = !out.is_operand && option.get_items_expected_max() == 0;
    if (is_flag) out.default_text.clear();
    if (is_flag && plain_type.empty()) return out;
    out.value_is_optional = is_flag;
    if (out.is_operand)
        out.value_name = option.get_name(true);
    else
        out.value_name = out.choices.empty() ? plain_type : joined(out.choices, "|");
    out.completion = completion_for(plain_type);
    if (out.completion == Completion::none && out.is_operand) out.completion = completion_for(out.value_name);
    if (!out.choices.empty()) out.completion = Completion::choices;
    return out;
}

}  // namespace

std::vector<OptionDescription> describe(const CLI::App& app) {
    std::vector<OptionDescription> out;
    for (const CLI::Option* option : app.get_options())
        if (!option->get_group().empty()) out.push_back(describe(*const_cast<CLI::Option*>(option)));
    std::stable_partition(out.begin(), out.end(), [](const auto& option) { return !option.is_common; });
    return out;
}

std::string synopsis(const OptionDescription& option) {
    if (option.is_operand) {
        const std::string name = option.value_name + (option.is_repeatable ? "..." : "");
        return option.is_required ? name : "[" + name + "]";
    }
    std::string out = joined(option.names, ", ");
    if (option.value_name.empty()) return out;
    return out + (option.value_is_optional ? "[=" + option.value_name + "]" : " " + option.value_name);
}

}  // namespace mox::cli
