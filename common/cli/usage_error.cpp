#include "cli/usage_error.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "base/encoding.hpp"
#include "cli/describe.hpp"
#include "cli/nearest.hpp"
#include "cli/output.hpp"

namespace mox::cli {

namespace {

// "--jobs: Value 0 not in range": a clause of our message, without a capital or a final full stop.
std::string clause(std::string text) {
    for (const std::size_t at : {std::size_t{0}, text.find(": ") == std::string::npos ? 0 : text.find(": ") + 2})
        if (at + 1 < text.size() && text[at + 1] == ascii_lower(text[at + 1])) text[at] = ascii_lower(text[at]);
    while (text.ends_with('.') || text.ends_with('\n')) text.pop_back();
    return one_line(text);
}

Error unknown_option(const CLI::App& app, const std::string& typed) {
    const std::string name = typed.substr(0, typed.find('='));
    std::vector<std::string> names;
    for (const auto& option : describe(app))
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

}  // namespace

Error usage_error(const CLI::App& app, const CLI::ParseError& error) {
    if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr) {
        const auto extras = app.remaining();
        for (const auto& extra : extras)
            if (extra.size() > 1 && extra.starts_with('-')) return unknown_option(app, extra);
        if (!extras.empty()) return Error(Errc::usage, "unexpected operand " + quote(extras.front()));
    }
    if (dynamic_cast<const CLI::RequiredError*>(&error) != nullptr) return missing(app, error);
    if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr)
        if (const auto twice = given_twice(app)) return *twice;
    return Error(Errc::usage, clause(error.what()));
}

}  // namespace mox::cli
