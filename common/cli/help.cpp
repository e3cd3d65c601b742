#include "cli/help.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cli/describe.hpp"

namespace mox::cli {

namespace {

constexpr std::size_t line_width = 100;
constexpr std::size_t text_column = 26;

// `text` from the column on, broken between words; what stands left of it is on the line already or does not fit.
std::string in_column(std::string left, std::string_view text) {
    std::string out;
    std::string line = std::move(left);
    if (line.size() + 2 > text_column) {
        out += line + "\n";
        line.clear();
    }
    line.resize(text_column, ' ');
    bool is_empty = true;
    while (!text.empty()) {
        const std::string_view word = text.substr(0, text.find(' '));
        if (!is_empty && line.size() + 1 + word.size() > line_width) {
            out += line + "\n";
            line.assign(text_column, ' ');
            is_empty = true;
        }
        if (!is_empty) line += ' ';
        line += word;
        is_empty = false;
        text.remove_prefix(std::min(text.size(), word.size() + 1));
    }
    return out + line + "\n";
}

std::string with_default(std::string text, const OptionDescription& option) {
    if (option.default_text.empty()) return text;
    return fmt::format("{} (default: {})", text, option.default_text);
}

// "mbox, maildir or archive"
std::string alternatives(const std::vector<std::string>& choices) {
    if (choices.size() == 1) return choices.front();
    return fmt::format("{} or {}", fmt::join(choices.begin(), choices.end() - 1, ", "), choices.back());
}

// Choices belong to the sentence of the description: "Form of the mail: mbox or maildir."
std::string operand_text(const OptionDescription& option) {
    if (option.choices.empty()) return with_default(option.description, option);
    const bool is_sentence = option.description.ends_with('.');
    const std::string_view what =
        std::string_view(option.description).substr(0, option.description.size() - is_sentence);
    return with_default(fmt::format("{}: {}{}", what, alternatives(option.choices), is_sentence ? "." : ""), option);
}

// Long names line up when there is no short one.
std::string option_column(const OptionDescription& option) {
    const bool has_short = !option.names.empty() && option.names.front().size() == 2;
    return "  " + (has_short ? "" : std::string("    ")) + synopsis(option);
}

std::string sections(const std::vector<OptionDescription>& options) {
    std::string operands;
    std::string own;
    std::string common;
    for (const auto& option : options) {
        if (option.is_operand)
            operands += in_column("  " + synopsis(option), operand_text(option));
        else
            (option.is_common ? common : own) +=
                in_column(option_column(option), with_default(option.description, option));
    }
    std::string out;
    if (!operands.empty()) out += "\nOperands:\n" + operands;
    return out + "\nOptions:\n" + own + common;
}

}  // namespace

std::string usage_line(const Tool& tool, const CommandLine& app) {
    std::string out = program_name(tool) + " [options]";
    for (const auto& option : app.describe())
        if (option.is_operand) out += " " + synopsis(option);
    return out;
}

std::string help_text(const Tool& tool, const CommandLine& app) {
    std::string out = tool.summary + "\n\nUsage: " + usage_line(tool, app) + "\n";
    if (!tool.description.empty()) out += "\n" + tool.description + "\n";
    out += sections(app.describe());
    if (!tool.examples.empty()) out += "\nExamples:\n";
    for (const auto& example : tool.examples) out += fmt::format("  {}\n      {}\n", example.command, example.meaning);
    out += "\nExit codes:\n";
    for (const Exit exit : tool.exits) out += fmt::format("  {:<4}{}\n", code(exit), meaning_of(exit));
    return out;
}

}  // namespace mox::cli
