#include "cli/describe.hpp"

#include <algorithm>
#include <string_view>

namespace mox::cli {

namespace {

std::string joined(const std::vector<std::string>& parts, std::string_view separator) {
    std::string out;
    for (const auto& part : parts) {
        if (!out.empty()) out += separator;
        out += part;
    }
    return out;
}

}  // namespace

Completion completion_for(std::string_view value_name) {
    value_name = value_name.substr(0, value_name.find_first_of(".:"));
    if (value_name == "FILE" || value_name == "PATH") return Completion::files;
    if (value_name == "DIR" || value_name == "DEST" || value_name == "SNAPSHOT") return Completion::directories;
    if (value_name == "ACCOUNT") return Completion::accounts;
    if (value_name == "MAILBOX") return Completion::mailboxes;
    return Completion::none;
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
