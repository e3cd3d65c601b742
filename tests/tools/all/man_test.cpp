#include <catch2/catch.hpp>
#include <set>
#include <sstream>

#include "base/file.hpp"
#include "cli/application.hpp"
#include "cli/describe.hpp"
#include "support/run_program.hpp"
#include "tools/all_tools.hpp"
#include "tools/mox/dispatcher.hpp"

using namespace mox;

namespace {

using Words = std::vector<std::string>;

std::filesystem::path page_of(const std::string& program) {
    return MOX_SOURCE_DIR "/man/" + program + ".8";
}

std::vector<cli::Tool> every_tool() {
    std::vector<cli::Tool> out{dispatcher::tool()};
    for (const auto name : tools::built_tools()) out.push_back(*tools::tool_named(name));
    return out;
}

Words lines_of(const std::string& text) {
    Words out;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) out.push_back(line);
    return out;
}

// The lines of one section (".Sh OPTIONS"), without its heading.
Words section(const std::string& page, const std::string& name) {
    Words out;
    bool is_inside = false;
    for (const auto& line : lines_of(page)) {
        if (line.starts_with(".Sh "))
            is_inside = line == ".Sh " + name;
        else if (is_inside)
            out.push_back(line);
    }
    return out;
}

// The names that an entry such as ".It Fl c , Fl -config Ar FILE" explains.
std::set<std::string> documented_options(const std::string& page) {
    std::set<std::string> out;
    for (const auto& line : section(page, "OPTIONS")) {
        if (!line.starts_with(".It Fl")) continue;
        std::istringstream in(line.substr(4));
        std::string word;
        while (in >> word) {
            if (word != "Fl" || !(in >> word)) continue;
            out.insert("-" + word.substr(0, word.find('=')));
        }
    }
    return out;
}

std::set<std::string> defined_options(const cli::Tool& tool) {
    cli::CommonOptions common;
    std::set<std::string> out;
    for (const auto& option : cli::make_application(tool, common)->describe())
        out.insert(option.names.begin(), option.names.end());
    return out;
}

// From ".It Fl h , Fl -help" up to the end of the list.
Words common_options(const std::string& page) {
    const auto lines = section(page, "OPTIONS");
    const auto start = std::find(lines.begin(), lines.end(), ".It Fl h , Fl -help");
    return {start, std::find(start, lines.end(), ".El")};
}

}  // namespace

TEST_CASE("every command has a manual page with the usual sections", "[man]") {
    for (const auto& tool : every_tool()) {
        INFO("man/" << cli::program_name(tool) << ".8");
        REQUIRE(status_of(page_of(cli::program_name(tool))));
        const std::string page = read_file(page_of(cli::program_name(tool)));
        for (const char* name :
             {"NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "ENVIRONMENT", "EXIT STATUS", "EXAMPLES", "SEE ALSO"}) {
            INFO(name);
            CHECK_FALSE(section(page, name).empty());
        }
        CHECK(page.find("crontab 5") != std::string::npos);
    }
}

TEST_CASE("manual pages explain exactly the options that exist", "[man]") {
    for (const auto& tool : every_tool()) {
        INFO("man/" << cli::program_name(tool) << ".8");
        CHECK(documented_options(read_file(page_of(cli::program_name(tool)))) == defined_options(tool));
    }
}

TEST_CASE("manual pages explain the exit codes of the help text", "[man]") {
    for (const auto& tool : every_tool()) {
        const auto lines = section(read_file(page_of(cli::program_name(tool))), "EXIT STATUS");
        for (const auto exit : tool.exits) {
            INFO("man/" << cli::program_name(tool) << ".8: " << cli::code(exit));
            CHECK(std::find(lines.begin(), lines.end(), ".It " + std::to_string(cli::code(exit))) != lines.end());
        }
    }
}

TEST_CASE("common options read alike in all manual pages and come last", "[man]") {
    const auto expected = common_options(read_file(page_of("mox")));
    REQUIRE(expected.size() > 6);
    for (const auto& tool : every_tool()) {
        INFO("man/" << cli::program_name(tool) << ".8");
        CHECK(common_options(read_file(page_of(cli::program_name(tool)))) == expected);
    }
}

TEST_CASE("manual pages are free of warnings", "[man]") {
    for (const auto& entry : std::filesystem::directory_iterator(MOX_SOURCE_DIR "/man")) {
        const auto done = test::run_program({"mandoc", "-T", "lint", "-W", "warning", entry.path().string()});
        CHECK(done.out == "");
        CHECK(done.exit_code == 0);
    }
}
