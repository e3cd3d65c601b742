#include <catch2/catch.hpp>

#include "base/file.hpp"
#include "support/run_program.hpp"
#include "tools/all_tools.hpp"
#include "tools/gencompletions/scripts.hpp"

using namespace mox;

namespace {

const std::filesystem::path completions = MOX_SOURCE_DIR "/completions";

}  // namespace

TEST_CASE("completions are those that the option definitions give", "[completions]") {
    for (const auto& [path, text] : gencompletions::all_scripts()) {
        INFO(path << " differs: run 'ninja completions' and commit the result");
        REQUIRE(status_of(completions / path));
        CHECK(read_file(completions / path) == text);
    }
}

TEST_CASE("no completion is left of a command that is gone", "[completions]") {
    const auto scripts = gencompletions::all_scripts();
    for (const auto& entry : std::filesystem::recursive_directory_iterator(completions)) {
        if (!entry.is_regular_file()) continue;
        INFO(entry.path());
        CHECK(scripts.contains(std::filesystem::relative(entry.path(), completions).string()));
    }
}

TEST_CASE("each shell accepts its completions", "[completions]") {
    for (const auto& [path, text] : gencompletions::all_scripts()) {
        const std::string shell = path.substr(0, path.find('/'));
        INFO(path);
        const auto done = test::run_program({shell, "-n", (completions / path).string()});
        CHECK(done.exit_code == 0);
        CHECK(done.err.empty());
    }
}

TEST_CASE("the table of commands says what the commands say", "[all]") {
    for (const auto name : tools::built_tools()) {
        INFO(name << " is missing in tools/all_tools.hpp");
        CHECK(std::any_of(tools::all_tools.begin(), tools::all_tools.end(),
                          [&](const auto& entry) { return entry.name == name; }));
    }
    for (const auto& entry : tools::all_tools) {
        const auto tool = tools::tool_named(entry.name);
        if (!tool) continue;
        CHECK(tool->name == entry.name);
        CHECK(tool->summary == entry.summary);
        CHECK(tool->summary.ends_with("."));
        CHECK(tool->examples.size() >= 2);
    }
}
