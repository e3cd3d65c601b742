#include <catch2/catch.hpp>

#include "cli/options.hpp"
#include "cli/testing.hpp"

using namespace mox;
using namespace mox::cli;

namespace {

enum class Kind { one, two, three };
struct KindOptions {
    Kind kind = Kind::one;
};
using Choices = std::initializer_list<std::pair<std::string_view, Kind>>;

std::string help_of(std::string_view name, std::string_view description, Choices choices) {
    const auto tool = make_tool<KindOptions>(
        {.name = "kinds", .summary = "Show choices."},
        [=](CommandLine& app, KindOptions& options) { add_choice(app, name, options.kind, choices, description); },
        [](const KindOptions&, Reporter&) { return Exit::ok; });
    return run_tool(tool, {"--help"}).out;
}

}  // namespace

TEST_CASE("the choices of an operand end its description", "[cli]") {
    struct Row {
        std::string description;
        Choices choices;
        std::string line;
    };
    const Choices one{{"mbox", Kind::one}};
    const Choices two{{"mbox", Kind::one}, {"maildir", Kind::two}};
    const Choices three{{"mbox", Kind::one}, {"maildir", Kind::two}, {"archive", Kind::three}};
    const auto row = GENERATE_COPY(values<Row>({
        {"Form of PATH.", one, "Form of PATH: mbox."},
        {"Form of PATH.", two, "Form of PATH: mbox or maildir."},
        {"Form of PATH.", three, "Form of PATH: mbox, maildir or archive."},
        {"form of PATH", two, "form of PATH: mbox or maildir"},
        {"form of PATH", three, "form of PATH: mbox, maildir or archive"},
    }));
    const std::string help = help_of("KIND", row.description, row.choices);
    INFO(help);
    CHECK(help.find("  KIND                    " + row.line + "\n") != std::string::npos);
}

TEST_CASE("the choices of an option stand at its name, with the default behind its description", "[cli]") {
    const std::string help = help_of("--kind", "form of PATH", {{"mbox", Kind::one}, {"maildir", Kind::two}});
    INFO(help);
    CHECK(help.find("      --kind mbox|maildir\n") != std::string::npos);
    CHECK(help.find("form of PATH (default: mbox)\n") != std::string::npos);
}
