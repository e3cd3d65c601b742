// Commands that fail or die at any call that changes a file.

#include <catch2/catch.hpp>

#include "common/admin/fixture.hpp"
#include "support/fault_run.hpp"
#include "support/run_program.hpp"

using namespace mox;
using namespace mox::test;

namespace fs = std::filesystem;

namespace {

const std::string bin = MOX_BIN;

void prepare(const fs::path& dir) {
    const Installation sample;
    fs::copy(sample.dir / "config", dir / "config", fs::copy_options::recursive);
}

std::string domains_text(const fs::path& dir) {
    return read_file(dir / "config/domains.conf");
}

std::vector<std::string> names_in(const fs::path& directory) {
    std::vector<std::string> names;
    for (const auto& entry : list_directory(directory)) names.push_back(entry.name);
    return names;
}

// The whole configuration, and the names of the keys' files.
std::string problems(const fs::path& dir) {
    auto config = config::read(dir / "config/mox.conf");
    config::validate(config);
    return config::render(config.problems);
}

const Experiment account_add{
    .prepare =
        [](const fs::path& dir) {
            prepare(dir);
            return Command{bin + "/mox-account", "-c", dir / "config/mox.conf", "add", "carl", "carl@mox.example"};
        },
    .check =
        [](const fs::path& dir, const RunResult& run, const FaultCall& at) {
            INFO(describe(run, at));
            CHECK(problems(dir) == "");
            const bool is_there = config::load(dir / "config/mox.conf").domains.accounts.contains("carl");
            CHECK((is_there || domains_text(dir) == Installation::domains_text));
            if (run.exit_code == 0) CHECK(is_there);
            // The next command leaves nothing of a killed one.
            const auto again =
                run_program({bin + "/mox-account", "-c", dir / "config/mox.conf", "add", "dora", "dora@mox.example"});
            CHECK(again.exit_code == 0);
            CHECK(names_in(dir / "config") == std::vector<std::string>{"domains.conf", "mox.conf"});
        },
};

const Experiment domain_add{
    .prepare =
        [](const fs::path& dir) {
            prepare(dir);
            return Command{bin + "/mox-domain", "-c", dir / "config/mox.conf", "add", "one.example", "ana"};
        },
    .check =
        [](const fs::path& dir, const RunResult& run, const FaultCall& at) {
            INFO(describe(run, at));
            CHECK(problems(dir) == "");  // so that no key is named that is not there
            const bool is_there = config::load(dir / "config/mox.conf").domains.domains.contains("one.example");
            CHECK((is_there || domains_text(dir) == Installation::domains_text));
            if (run.exit_code == 0) CHECK(is_there);
            if (run.signal == 0 && !is_there)
                CHECK(names_in(dir / "config") == std::vector<std::string>{"domains.conf", "mox.conf"});
        },
};

const Experiment quickstart{
    .prepare =
        [](const fs::path& dir) {
            return Command{bin + "/mox-quickstart", "--skip-dns", "--dir", dir, "--user", "1001", "you@one.example"};
        },
    .check =
        [](const fs::path& dir, const RunResult& run, const FaultCall& at) {
            INFO(describe(run, at));
            if (run.exit_code == 0)
                CHECK(problems(dir) == "");
            else if (run.signal == 0)
                CHECK(names_in(dir).empty());
        },
};

}  // namespace

TEST_CASE("an account is added or not when mox-account dies", "[faults]") {
    const Phases phases = for_every_boundary(account_add, {.action = FaultAction::kill});
    CHECK(met(phases, "rename", "domains.conf") > 0);
    CHECK(met(phases, "fsync", "config") + met(phases, "fdatasync", "config") > 0);
}

TEST_CASE("an account is added or not when files cannot be written", "[faults]") {
    (void)for_every_boundary(account_add, {.action = FaultAction::io_error});
    (void)for_every_boundary(account_add, {.action = FaultAction::no_space, .sticky = true});
}

TEST_CASE("a domain never names a key that is not there", "[faults]") {
    (void)for_every_boundary(domain_add, {.action = FaultAction::kill, .every = 3});
    (void)for_every_boundary(domain_add, {.action = FaultAction::no_space, .sticky = true, .every = 3});
    (void)for_every_boundary(domain_add, {.action = FaultAction::io_error});
}

TEST_CASE("a quickstart that fails leaves nothing", "[faults]") {
    (void)for_every_boundary(quickstart, {.action = FaultAction::no_space, .sticky = true, .every = 41});
    (void)for_every_boundary(quickstart, {.action = FaultAction::terminate, .every = 67});
}
