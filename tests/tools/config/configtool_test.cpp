#include "tools/config/configtool.hpp"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "base/file.hpp"
#include "cli/testing.hpp"
#include "config/load.hpp"
#include "keys/certificate.hpp"
#include "support/temp_dir.hpp"

using namespace mox;

namespace {

const std::string sample = MOX_TESTDATA "/config/localserve";

cli::ToolRun run_config(const std::vector<std::string>& arguments) {
    return cli::run_tool(configtool::tool(), arguments);
}

// A copy of a sample with the files that it names.
struct Host {
    test::TempDir dir;
    std::string file;

    Host() {
        for (const std::string name : {"mox.conf", "domains.conf"}) dir.write(name, read_file(sample + "/" + name));
        const auto key = keys::PrivateKey::generate(keys::KeyKind::ecdsa);
        dir.write("localhost.key", key.to_pem());
        dir.write("localhost.crt", keys::self_signed(key, {"localhost"}, 0, 32'503'680'000));
        dir.write("adminpasswd", "x");
        file = (dir / "mox.conf").native();
    }
    void replace(std::string_view from, std::string_view to) const {
        std::string text = read_file(file);
        const auto at = text.find(from);
        REQUIRE(at != std::string::npos);
        dir.write("mox.conf", text.replace(at, from.size(), to));
    }
};

}  // namespace

TEST_CASE("config test says OK in one line", "[config]") {
    const Host host;
    host.replace("LogLevel: traceauth", "LogLevel: info\nUser: 1001");
    const auto run = run_config({"test", "-c", host.file});
    CHECK(run.exit_code == 0);
    CHECK(run.out == host.file + ": OK, 1 domain, 1 account\n");
    CHECK(run.err.empty());
    CHECK(run_config({"test", "-q", "-c", host.file}).out.empty());
}

TEST_CASE("config test names every problem with file and line", "[config]") {
    const Host host;
    host.replace("LogLevel: traceauth", "LogLevel: loud\nUser: 1001");
    host.replace("Hostname: localhost", "Hostname: local host");
    std::filesystem::remove(host.dir / "localhost.key");
    const auto run = run_config({"test", "-c", host.file});
    CHECK(run.exit_code == 1);
    const std::string all = run.out + run.err;
    CHECK_THAT(all, Catch::Contains(host.file + ":2: error: LogLevel cannot be 'loud'\n"));
    CHECK_THAT(all, Catch::Contains(host.file + ":4: error: domain 'local host' has characters"));
    CHECK_THAT(all, Catch::Contains(":21: error: there is no file '" + (host.dir / "localhost.key").native() + "'\n"));
    CHECK_THAT(all, Catch::Contains(host.file + ": 3 problems\n"));
    CHECK(run_config({"test", "--no-files", "-c", host.file}).out.find(": 2 problems") != std::string::npos);
}

TEST_CASE("config test as JSON has a line for each problem", "[config]") {
    const Host host;
    host.replace("LogLevel: traceauth", "LogLevel: loud\nUser: 1001");
    const auto run = run_config({"test", "--json", "-c", host.file});
    std::istringstream lines(run.out);
    std::string line;
    std::vector<nlohmann::json> records;
    while (std::getline(lines, line)) records.push_back(nlohmann::json::parse(line));
    REQUIRE(records.size() == 2);
    CHECK(records[0]["type"] == "finding");
    CHECK(records[0]["path"] == host.file + ":2");
    CHECK(records[1]["type"] == "summary");
    CHECK(records[1]["problems"] == 1);
    CHECK(records[1]["exit_code"] == 1);
}

TEST_CASE("exit codes of config", "[config]") {
    const Host host;
    CHECK(run_config({}).exit_code == 2);
    CHECK(run_config({"check"}).exit_code == 2);
    CHECK(run_config({"test", "-c", (host.dir / "other.conf").native()}).exit_code == 10);
    std::filesystem::remove(host.dir / "domains.conf");
    CHECK(run_config({"test", "-c", host.file}).exit_code == 10);
}

TEST_CASE("config describes both files as templates that can be read", "[config]") {
    const auto settings = run_config({"describe-static"});
    CHECK(settings.exit_code == 0);
    CHECK(settings.out == read_file(MOX_SOURCE_DIR "/docs/mox.conf.example"));
    const auto domains = run_config({"describe-domains"});
    CHECK(domains.exit_code == 0);
    CHECK(domains.out == read_file(MOX_SOURCE_DIR "/docs/domains.conf.example"));
}
