#include <signal.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <sstream>

#include "base/file.hpp"
#include "db/database.hpp"
#include "subjects.hpp"
#include "support/promises.hpp"

using namespace mox;
using namespace mox::test;

namespace fs = std::filesystem;

namespace {

constexpr std::size_t steps = 9;

Command subject(const datadir::Layout& data, std::size_t count = steps) {
    return {MOX_ACCOUNT_SUBJECT, data.root(), "alice", std::to_string(count)};
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
}

// The account after 0, 1, 2 … steps.
std::vector<AccountState> states_by_step() {
    std::vector<AccountState> states;
    for (std::size_t count = 0; count <= steps; ++count) {
        const TemporaryDirectory dir(working_place(), "moxcrash-");
        const auto data = make_data_directory(dir.path() / "data", Past::crashed);
        const auto run = run_tool(subject(data, count));
        INFO(describe(run, {}));
        REQUIRE(run.exit_code == 0);
        states.push_back(state_of(data, "alice"));
    }
    return states;
}

// Every step that was reported is there, and of the one that was under way all or nothing.
void check_steps(const std::vector<AccountState>& states, const datadir::Layout& data, const RunResult& run) {
    const std::vector<std::string> said = lines_of(run.out);
    const AccountState state = state_of(data, "alice", after_mailbox);
    const bool before = state.has_same_mail(states.at(said.size()));
    const bool with_next = said.size() < steps && state.has_same_mail(states.at(said.size() + 1));
    CHECK((before || with_next));
    CHECK(state.id_blocks == 0);
    // Messages 2 and 3 are gone once the seventh step expunges them; others stay.
    for (const auto& line : said) {
        if (!line.starts_with("delivered ") || said.size() >= 6) continue;
        CHECK(std::ranges::binary_search(state.ids, std::stoll(line.substr(10))));
    }
}

}  // namespace

TEST_CASE("an account whose writer is killed at every boundary has what was reported", "[crash][account]") {
    const auto action = GENERATE(FaultAction::kill, FaultAction::kill_after);
    const auto states = states_by_step();
    const Experiment changing{
        .prepare = [](const fs::path& dir) { return subject(make_data_directory(dir / "data", Past::crashed)); },
        .check =
            [&](const fs::path& dir, const RunResult& run, const FaultCall& at) {
                INFO(describe(run, at));
                const datadir::Layout data(dir / "data");
                CHECK(next_import_trouble(data) == "");
                CHECK(broken_promises(data) == std::vector<std::string>{});
                CHECK(temporary_files(data).empty());
                check_steps(states, data, run);
            },
        .parent = working_place()};
    // After one call is before the next, so one form of the kill meets every boundary.
    const bool all = action == FaultAction::kill;
    const auto phases = for_every_boundary(changing, {.action = action, .every = every(all ? 1 : 4)});
    if (sample != 1 || !all) return;
    CHECK(met(phases, "create", "tmp/") == 4);
    CHECK(met(phases, "link", "alice/msg/") == 4);
    CHECK(met(phases, "fsync", "alice/msg/a") >= 4);
    CHECK(met(phases, "unlink", "alice/msg/") >= 2);  // erased
    CHECK(met(phases, "fdatasync", "alice/index.db-wal") + met(phases, "fsync", "alice/index.db-wal") >= steps);
}

TEST_CASE("an account whose writer fails has what was reported", "[crash][account]") {
    struct Row {
        FaultAction action;
        bool sticky;
    };
    const Row row = GENERATE(Row{FaultAction::io_error, false}, Row{FaultAction::no_space, false},
                             Row{FaultAction::io_error, true}, Row{FaultAction::no_space, true});
    const auto states = states_by_step();
    const Experiment changing{
        .prepare = [](const fs::path& dir) { return subject(make_data_directory(dir / "data", Past::crashed)); },
        .check =
            [&](const fs::path& dir, const RunResult& run, const FaultCall& at) {
                INFO(describe(run, at));
                const datadir::Layout data(dir / "data");
                CHECK((run.exit_code == 0 || run.exit_code == 1));
                CHECK(next_import_trouble(data) == "");
                CHECK(broken_promises(data) == std::vector<std::string>{});
                CHECK(temporary_files(data).empty());
                check_steps(states, data, run);
            },
        .parent = working_place()};
    (void)for_every_boundary(changing, {.action = row.action, .sticky = row.sticky, .every = every(3)});
}

TEST_CASE("changes of an account sync files and folders before the commit that shows them", "[crash][account]") {
    const TemporaryDirectory dir(working_place(), "moxcrash-");
    const auto calls =
        count_calls(subject(make_data_directory(dir.path() / "data", Past::crashed)), {.directories = {dir.path()}});
    CHECK(unsynced_at_commits(calls, "data/accounts/alice") == std::vector<std::string>{});
    CHECK(std::ranges::count(calls, "syncfs", &FaultCall::kind) == 0);
}

TEST_CASE("a log of calls without a needed sync is noticed", "[crash][account]") {
    const std::string file = "a/msg/a/1", log = "a/index.db-wal";
    const FaultCall commit{9, "fdatasync", log};
    struct Row {
        std::vector<FaultCall> calls;
        std::size_t unsynced;
    };
    const std::vector<Row> rows{
        {{{1, "create", file}, {2, "write", file}, {3, "fsync", file}, {4, "fsync", "a/msg/a"}, commit}, 0},
        {{{1, "create", file}, {2, "write", file}, {3, "syncfs", "a"}, commit}, 0},
        {{{1, "create", file}, {2, "syncfs", "a"}, {3, "write", file}, commit}, 1},
        {{{1, "create", file}, {2, "fsync", "a/msg/a"}, commit}, 1},
        {{{1, "create", file}, {2, "fsync", file}, commit}, 1},
        {{{1, "create", "d/tmp/x"}, {2, "link", file}, {3, "fsync", "a/msg/a"}, commit}, 1},
        {{{1, "create", "d/tmp/x"}, {2, "fsync", "d/tmp/x"}, {3, "link", file}, commit}, 1},
        {{{1, "mkdir", "a/msg/a"}, {2, "fsync", "a/msg/a"}, commit}, 1},
        {{{1, "unlink", file}, commit}, 1},
    };
    for (const auto& row : rows) {
        INFO("row " << &row - rows.data());
        CHECK(unsynced_at_commits(row.calls, "a").size() == row.unsynced);
    }
}
