#include "tools/verifydata/verifydata.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <sstream>

#include "check/verify.hpp"
#include "cli/testing.hpp"
#include "snapshot/take.hpp"
#include "support/healthy_directory.hpp"

using namespace mox;
namespace fs = std::filesystem;

namespace {

using Directory = test::HealthyDirectory;

cli::ToolRun run_verifydata(const std::vector<std::string>& arguments) {
    return cli::run_tool(verifydata::tool(), arguments);
}
std::string root_of(const Directory& directory) {
    return directory.layout().root().native();
}
std::string first_line(const std::string& text) {
    return text.substr(0, text.find('\n'));
}

}  // namespace

TEST_CASE("verifydata says OK in one line", "[verifydata]") {
    const Directory directory;
    for (const std::string slash : {"", "/"}) {
        const auto run = run_verifydata({root_of(directory) + slash, "--read-data"});
        CHECK(run.exit_code == 0);
        CHECK(run.out.starts_with(root_of(directory) + ": OK, 2 accounts, 16 messages, "));
        CHECK(std::count(run.out.begin(), run.out.end(), '\n') == 1);
        CHECK(run.err.empty());
    }
    CHECK(run_verifydata({root_of(directory), "--quiet"}).out.empty());
}

TEST_CASE("verifydata names each problem with its path and its check", "[verifydata]") {
    const Directory directory;
    fs::remove(directory / "accounts/bob/msg/a/2");
    directory.sql("alice", "UPDATE account SET message_size = 0");
    const auto run = run_verifydata({root_of(directory)});
    CHECK(run.exit_code == 1);
    const std::string all = run.out + run.err;
    CHECK(all.find("accounts/bob/msg/a/2: error: is missing [message-file]\n") != std::string::npos);
    CHECK(all.find("accounts/alice/index.db: error: says 0 bytes") != std::string::npos);
    CHECK(all.find(": 2 problems, 2 accounts") != std::string::npos);
}

TEST_CASE("warnings alone are no failure", "[verifydata]") {
    const Directory directory;
    std::ofstream(directory / "readme") << "x";
    const auto run = run_verifydata({root_of(directory)});
    CHECK(run.exit_code == 0);
    CHECK((run.out + run.err).find("readme: warning: ") != std::string::npos);
    CHECK((run.out + run.err).find(": OK, 1 warning, ") != std::string::npos);
}

TEST_CASE("verifydata of a folder of snapshots names the newest", "[verifydata]") {
    const test::TempDir series;
    series.write("2026-11-20T030000Z/manifest.json", "x");
    series.write("2026-11-21T030000Z/manifest.json", "x");
    const auto run = run_verifydata({series.path()});
    CHECK(run.exit_code == 12);
    CHECK(run.err.find("is a folder of snapshots") != std::string::npos);
    CHECK(run.err.find("the newest is '" + (series / "2026-11-21T030000Z").native() + "'") != std::string::npos);
}

TEST_CASE("exit codes of verifydata", "[verifydata]") {
    const Directory directory;
    const test::TempDir other;
    other.write("bolt/accounts/a/index.db", std::string(16, '\0') + "\xed\xda\x0c\xed");
    other.write("plain/file", "x");
    CHECK(run_verifydata({other / "missing"}).exit_code == 10);
    CHECK(run_verifydata({other / "plain"}).exit_code == 12);
    CHECK(run_verifydata({other / "bolt"}).exit_code == 12);
    CHECK(run_verifydata({}).exit_code == 2);
    CHECK(run_verifydata({root_of(directory), "--only", "uid-nexd"}).exit_code == 2);
    CHECK(run_verifydata({root_of(directory), "--unknown"}).exit_code == 2);
    directory.sql("alice", "PRAGMA user_version = 1000");
    const auto newer = run_verifydata({root_of(directory)});
    CHECK(newer.exit_code == 12);
    CHECK((newer.out + newer.err).find("schema version 1000, newer than") != std::string::npos);
    fs::remove(directory / "accounts/bob/msg/a/2");
    CHECK(run_verifydata({root_of(directory)}).exit_code == 1);
}

TEST_CASE("verifydata looks only at what --only names", "[verifydata]") {
    const Directory directory;
    directory.sql("alice", "UPDATE account SET message_size = 0");
    CHECK(run_verifydata({root_of(directory), "--only", "uid-next,seal"}).exit_code == 0);
    CHECK(run_verifydata({root_of(directory), "--only", "uid-next,account-size"}).exit_code == 1);
}

TEST_CASE("sizes can be left out", "[verifydata]") {
    const Directory directory;
    fs::resize_file(directory / "accounts/bob/msg/a/2", 3);
    CHECK(run_verifydata({root_of(directory)}).exit_code == 1);
    CHECK(run_verifydata({root_of(directory), "--skip-size-check"}).exit_code == 0);
}

TEST_CASE("a snapshot is verified together with its manifest", "[verifydata]") {
    const Directory directory;
    const test::TempDir backup;
    const fs::path taken = backup / "snapshot";
    snapshot::Observer silent;
    (void)snapshot::take({.data_dir = directory.layout().root()}, taken, silent);
    CHECK(run_verifydata({taken, "--read-data"}).exit_code == 0);

    struct Row {
        std::string what, path;
        void (*damage)(const fs::path&);
    };
    for (const auto& row : {Row{"a file that the manifest does not name",
                                "../extra: error: ", [](const fs::path& s) { std::ofstream(s / "extra") << "x"; }},
                            Row{"a file that is gone",
                                "moxversion: error: ", [](const fs::path& s) { fs::remove(s / "data/moxversion"); }},
                            Row{"a file with other contents of the same size", "moxversion: error: ",
                                [](const fs::path& s) {
                                    const auto size = fs::file_size(s / "data/moxversion");
                                    std::ofstream(s / "data/moxversion") << std::string(size, '9');
                                }},
                            Row{"a manifest that was changed", "../manifest.json: error: ", [](const fs::path& s) {
                                    std::ofstream(s / "manifest.json", std::ios::app) << " ";
                                }}}) {
        INFO(row.what);
        fs::remove_all(backup / "copy");
        fs::copy(taken, backup / "copy", fs::copy_options::recursive);
        fs::permissions(backup / "copy/data", fs::status(taken / "data").permissions());
        row.damage(backup / "copy");
        const auto run = run_verifydata({backup / "copy", "--only", "manifest"});
        CHECK(run.exit_code == 1);
        CHECK(run.out.find(row.path) != std::string::npos);
        CHECK(run.out.find("[manifest]") != std::string::npos);
    }
}

TEST_CASE("verifydata writes JSON lines", "[verifydata]") {
    const Directory directory;
    fs::remove(directory / "accounts/bob/msg/a/2");
    const auto run = run_verifydata({root_of(directory), "--json"});
    std::istringstream lines(run.out);
    std::string line;
    std::vector<nlohmann::json> objects;
    while (std::getline(lines, line)) objects.push_back(nlohmann::json::parse(line));
    REQUIRE(objects.size() == 2);
    CHECK(objects[0]["type"] == "finding");
    CHECK(objects[0]["path"] == "accounts/bob/msg/a/2");
    CHECK(objects[0]["check"] == "message-file");
    CHECK(objects[1]["type"] == "summary");
    CHECK(objects[1]["problems"] == 1);
}

TEST_CASE("the list of checks in the documentation is the one in the program", "[verifydata]") {
    const auto run = run_verifydata({"--list-checks"});
    CHECK(run.exit_code == 0);
    CHECK(run.out == check::check_table());
    const std::string document = read_file(fs::path(MOX_SOURCE_DIR) / "docs/verification.md");
    CHECK(document.find(check::check_table()) != std::string::npos);
    CHECK(first_line(run_verifydata({"--list-checks", "--json"}).out).find("\"id\":\"folder\"") != std::string::npos);
}
