#include "tools/printservice/printservice.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "base/error.hpp"
#include "base/file.hpp"
#include "cli/testing.hpp"
#include "support/temp_dir.hpp"
#include "tools/shared/unit.hpp"

using namespace mox;

namespace {

cli::ToolRun run_printservice(const std::vector<std::string>& arguments) {
    return cli::run_tool(printservice::tool(), arguments);
}

std::vector<std::string> lines_with(const std::string& unit, std::string_view start) {
    std::vector<std::string> found;
    std::istringstream lines(unit);
    for (std::string line; std::getline(lines, line);)
        if (line.starts_with(start)) found.push_back(line.substr(start.size()));
    return found;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("the unit of a usual installation is as expected", "[printservice]") {
    const std::string unit = tools::unit_for(
        {.directory = "/home/mox", .program = "/home/mox/mox", .config = "/home/mox/config", .data = "/home/mox/data"});
    CHECK(unit == read_file(MOX_TESTDATA "/service/mox.service"));
}

TEST_CASE("odd characters in paths are written as systemd reads them", "[printservice]") {
    const std::string unit = tools::unit_for({.directory = "/srv/a b%c",
                                              .program = "/opt/$x \"y\"/mox",
                                              .config = "/srv/a b%c/config",
                                              .data = "/srv/back\\slash"});
    CHECK(lines_with(unit, "WorkingDirectory=") == Lines{"/srv/a b%%c"});
    CHECK(lines_with(unit, "ExecStart=") == Lines{R"(!"/opt/$$x \"y\"/mox" serve)"});
    CHECK(lines_with(unit, "ReadWritePaths=") == Lines{R"("/srv/a b%%c/config" "/srv/back\\slash")"});
    for (const std::string bad : {"/srv/a\nb", "/srv/\x7f", "/srv/\xff"})
        CHECK_THROWS_AS(tools::unit_for({.directory = bad, .program = "/mox", .config = "/c", .data = "/d"}), Error);
}

TEST_CASE("the user of mox.conf stops and reloads the server that root starts", "[printservice]") {
    struct Row {
        std::string user;
        bool is_named;
    };
    const auto row = GENERATE(values<Row>({{"mox", true},
                                           {"_mail-1", true},
                                           {"65534", true},
                                           {"4711", false},  // nobody's number
                                           {"99999999999999999999", false},
                                           {"", false},
                                           {"-x", false},
                                           {"a b", false},
                                           {"a%n", false}}));
    const std::string unit = tools::unit_for(
        {.directory = "/srv/mox", .program = "/mox", .config = "/srv/mox/c", .data = "/srv/mox/d", .user = row.user});
    CHECK(lines_with(unit, "User=") == (row.is_named ? Lines{row.user} : Lines{}));
    CHECK(lines_with(unit, "ExecStart=") == Lines{row.is_named ? "!/mox serve" : "/mox serve"});
}

TEST_CASE("homes are hidden unless the installation is in one", "[printservice]") {
    const auto protect = [](const std::string& directory) {
        return lines_with(tools::unit_for({.directory = directory,
                                           .program = "/usr/bin/mox",
                                           .config = directory + "/config",
                                           .data = directory + "/data"}),
                          "ProtectHome=");
    };
    CHECK(protect("/home/mox") == Lines{"read-only"});
    CHECK(protect("/root") == Lines{"read-only"});
    CHECK(protect("/srv/mox") == Lines{"yes"});
    CHECK(protect("/homes/mox") == Lines{"yes"});
}

TEST_CASE("printservice finds program, configuration and data of an installation", "[printservice]") {
    const test::TempDir dir;
    dir.write("mox", "#!/bin/sh\n");
    std::filesystem::permissions(dir / "mox", std::filesystem::perms::owner_all);
    dir.write("config/mox.conf", "DataDir: ../elsewhere/data\nLogLevel: info\nUser: post\n");
    dir.write("config/domains.conf", "");
    const std::string root = dir.path().native();
    const auto run = run_printservice({root + "/config/.."});
    CHECK(run.exit_code == 0);
    CHECK(run.err.empty());
    CHECK(lines_with(run.out, "WorkingDirectory=") == Lines{root});
    CHECK(lines_with(run.out, "ExecStart=") == Lines{"!" + root + "/mox serve"});
    CHECK(lines_with(run.out, "ReadWritePaths=") == Lines{root + "/config " + root + "/elsewhere/data"});
    CHECK(lines_with(run.out, "User=") == Lines{"post"});
    std::filesystem::remove_all(dir / "config");
    const auto bare = run_printservice({root, "--program", "/usr/local/bin/mox"});
    CHECK(lines_with(bare.out, "ExecStart=") == Lines{"!/usr/local/bin/mox serve"});
    CHECK(lines_with(bare.out, "ReadWritePaths=") == Lines{root + "/config " + root + "/data"});
    const std::string records = run_printservice({root, "--json", "--program", "/m"}).out;
    const auto json = nlohmann::json::parse(records.substr(0, records.find('\n')));
    CHECK(json["type"] == "service");
    CHECK(json["text"].get<std::string>().starts_with("[Unit]\n"));
}

TEST_CASE("exit codes of printservice", "[printservice]") {
    const test::TempDir dir;
    CHECK(run_printservice({(dir / "missing").native()}).exit_code == 10);
    CHECK(run_printservice({"--unknown"}).exit_code == 2);
    CHECK(run_printservice({dir.path().native(), "--program", "/a\nb"}).exit_code == 2);
}
