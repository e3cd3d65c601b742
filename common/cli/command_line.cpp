#include "cli/command_line.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <utility>

#include "base/encoding.hpp"
#include "cli/nearest.hpp"
#include "cli/output.hpp"

namespace mox::cli {

namespace {

constexpr std::string_view common_group = "Common options";

// "--jobs: Value 0 not in range": a clause of our message, without a capital or a final full stop.
std::string clause(std::string text) {
    for (const std::size_t at : {std::size_t{0}, text.find(": ") == std::string::npos ? 0 : text.find(": ") + 2})
        if (at + 1 < text.size() && text[at + 1] == ascii_lower(text[at + 1])) text[at] = ascii_lower(text[at]);
    while (text.ends_with('.') || text.ends_with('\n')) text.pop_back();
    return one_line(text);
}

Error unknown_option(const std::vector<OptionDescription>& options, const std::string& typed) {
    const std::string name = typed.substr(0, typed.find('='));
    std::vector<std::string> names;
    for (const auto& option : options)
        for (const auto& known : option.names)
            if (known.size() > 2) names.push_back(known);
    const auto similar = nearest(name, names);
    return Error(Errc::usage, "unknown option " + quote(name),
                 similar ? fmt::format("did you mean '{}'?", *similar) : std::string());
}

Error missing(const CLI::App& app, const CLI::ParseError& error) {
    for (const CLI::Option* option : app.get_options()) {
        if (!option->get_required() || option->count() > 0) continue;
        if (option->nonpositional())
            return Error(Errc::usage, "missing option " + quote("--" + option->get_lnames().at(0)));
        return Error(Errc::usage, "missing operand " + option->get_name(true));
    }
    return Error(Errc::usage, clause(error.what()));
}

// nullopt when no option that takes one value was given several.
std::optional<Error> given_twice(const CLI::App& app) {
    for (const CLI::Option* option : app.get_options())
        if (option->nonpositional() && option->get_items_expected_max() == 1 && option->count() > 1)
            return Error(Errc::usage, "option " + quote(option->get_name()) + " may be given only once");
    return std::nullopt;
}

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

OptionDescription describe_option(CLI::Option& option) {
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
        out.value_name = out.choices.empty() ? plain_type : fmt::format("{}", fmt::join(out.choices, "|"));
    out.completion = completion_for(plain_type);
    if (out.completion == Completion::none && out.is_operand) out.completion = completion_for(out.value_name);
    if (!out.choices.empty()) out.completion = Completion::choices;
    return out;
}

// An option that may be repeated takes one value (or a list with a delimiter) each time, as CLI11's lists would take
// operands, too.
void take_one_value_each(CLI::App& app) {
    for (CLI::Option* option : app.get_options())
        if (option->nonpositional()) option->allow_extra_args(false);
}

}  // namespace

Option& Option::type_name(std::string_view name) {
    option_->type_name(std::string(name));
    return *this;
}

Option& Option::required() {
    option_->required();
    return *this;
}

Option& Option::range(std::int64_t least, std::int64_t most) {
    option_->check(CLI::Range(least, most).description(""));
    return *this;
}

Option& Option::one_of(const std::vector<std::string>& choices) {
    option_->check(CLI::Validator(
        [choices](const std::string& text) {
            return std::find(choices.begin(), choices.end(), text) != choices.end()
                       ? std::string()
                       : fmt::format("{} is not one of {}", quote(text), fmt::join(choices, ", "));
        },
        fmt::format("{{{}}}", fmt::join(choices, ","))));
    return *this;
}

Option& Option::expected(int least, int most) {
    option_->expected(least, most);
    return *this;
}

Option& Option::delimiter(char separator) {
    option_->delimiter(separator);
    return *this;
}

Option& Option::excludes(const Option& other) {
    option_->excludes(other.option_);
    return *this;
}

Option& Option::default_text(std::string_view text) {
    option_->default_str(std::string(text));
    return *this;
}

Option& Option::default_text() {
    option_->capture_default_str();
    return *this;
}

Option& Option::hidden() {
    option_->group("");
    return *this;
}

// --help and --version are ordinary flags: what they print goes through the reporter's outputs, whose failures are
// noticed, and they work beside other errors.
CommandLine::CommandLine(const std::string& summary, const std::string& program)
    : app_(std::make_unique<CLI::App>(summary, program)) {
    app_->set_help_flag();
    app_->option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::Throw);
}

CommandLine::~CommandLine() = default;

template <class T>
Option CommandLine::add_option(std::string_view name, T& value, std::string_view description) {
    return Option(app_->add_option(std::string(name), value, std::string(description)));
}

Option CommandLine::add_option_function(std::string_view name, std::function<void(const std::string&)> take,
                                        std::string_view description) {
    return Option(app_->add_option_function<std::string>(std::string(name), std::move(take), std::string(description)));
}

template <class T>
Option CommandLine::add_flag(std::string_view name, T& value, std::string_view description) {
    return Option(app_->add_flag(std::string(name), value, std::string(description)));
}

Option CommandLine::add_flag_function(std::string_view name, std::function<void(const std::string&)> take,
                                      std::string_view description) {
    texts_.push_back(std::make_unique<std::string>());
    auto* const option = app_->add_flag(std::string(name), *texts_.back(), std::string(description));
    option->each(std::move(take));
    return Option(option);
}

void CommandLine::begin_common_options() {
    app_->option_defaults()->group(std::string(common_group));
}

std::optional<Error> CommandLine::parse(std::vector<std::string> arguments) {
    take_one_value_each(*app_);
    std::reverse(arguments.begin(), arguments.end());  // the order that CLI11 wants
    try {
        app_->parse(std::move(arguments));
        return std::nullopt;
    } catch (const CLI::ExtrasError& error) {
        const auto extras = app_->remaining();
        for (const auto& extra : extras)
            if (extra.size() > 1 && extra.starts_with('-')) return unknown_option(describe(), extra);
        if (!extras.empty()) return Error(Errc::usage, "unexpected operand " + quote(extras.front()));
        return Error(Errc::usage, clause(error.what()));
    } catch (const CLI::RequiredError& error) {
        return missing(*app_, error);
    } catch (const CLI::ParseError& error) {
        if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr)
            if (auto twice = given_twice(*app_)) return twice;
        return Error(Errc::usage, clause(error.what()));
    }
}

void CommandLine::parse_leniently(std::vector<std::string> arguments) {
    for (CLI::Option* option : app_->get_options()) option->required(false);
    app_->allow_extras();
    (void)parse(std::move(arguments));
}

std::optional<std::string> CommandLine::value_of(std::string_view name) const {
    const CLI::Option* const option = app_->get_option_no_throw(std::string(name));
    if (option == nullptr || option->count() == 0) return std::nullopt;
    return option->as<std::string>();
}

std::vector<OptionDescription> CommandLine::describe() const {
    std::vector<OptionDescription> out;
    for (CLI::Option* option : app_->get_options([](CLI::Option* option) { return !option->get_group().empty(); }))
        out.push_back(describe_option(*option));
    std::stable_partition(out.begin(), out.end(), [](const auto& option) { return !option.is_common; });
    return out;
}

// The types that an option's value may have.
template Option CommandLine::add_option(std::string_view, int&, std::string_view);
template Option CommandLine::add_option(std::string_view, unsigned&, std::string_view);
template Option CommandLine::add_option(std::string_view, std::int64_t&, std::string_view);
template Option CommandLine::add_option(std::string_view, std::uint64_t&, std::string_view);
template Option CommandLine::add_option(std::string_view, std::uint16_t&, std::string_view);
template Option CommandLine::add_option(std::string_view, double&, std::string_view);
template Option CommandLine::add_option(std::string_view, std::string&, std::string_view);
template Option CommandLine::add_option(std::string_view, std::filesystem::path&, std::string_view);
template Option CommandLine::add_option(std::string_view, std::optional<int>&, std::string_view);
template Option CommandLine::add_option(std::string_view, std::optional<std::int64_t>&, std::string_view);
template Option CommandLine::add_option(std::string_view, std::optional<std::uint64_t>&, std::string_view);
template Option CommandLine::add_option(std::string_view, std::optional<std::string>&, std::string_view);
template Option CommandLine::add_option(std::string_view, std::optional<std::filesystem::path>&, std::string_view);
template Option CommandLine::add_option(std::string_view, std::vector<std::int64_t>&, std::string_view);
template Option CommandLine::add_option(std::string_view, std::vector<std::string>&, std::string_view);
template Option CommandLine::add_flag(std::string_view, bool&, std::string_view);
template Option CommandLine::add_flag(std::string_view, int&, std::string_view);
template Option CommandLine::add_flag(std::string_view, std::string&, std::string_view);
template Option CommandLine::add_flag(std::string_view, std::optional<std::string>&, std::string_view);

}  // namespace mox::cli
