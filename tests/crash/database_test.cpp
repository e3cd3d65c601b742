#include <signal.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <set>

#include "base/error.hpp"
#include "db/database.hpp"
#include "support/fault_run.hpp"
#include "support/temp_dir.hpp"

using namespace mox;
using namespace mox::test;

namespace {

constexpr int rows = 5;

Command insert_rows(const std::filesystem::path& dir, int count) {
    return {MOX_FAULT_SUBJECT, "rows", (dir / "t.db").string(), std::to_string(count)};
}

// Number of the last row whose commit the program reported.
int last_reported(const RunResult& run) {
    int last = 0;
    for (std::size_t begin = 0, end = 0; (end = run.out.find('\n', begin)) != std::string::npos; begin = end + 1)
        last = std::atoi(run.out.c_str() + begin);
    return last;
}

// Number of rows in the database, which must be 1, 2, 3 … and sound.
int stored_rows(const std::filesystem::path& path) {
    if (!status_of(path)) return 0;
    db::Database database(path, {.access = db::Access::read_write});
    CHECK(database.value<std::string>("PRAGMA integrity_check") == "ok");
    if (database.value<int>("SELECT count(*) FROM sqlite_schema WHERE name = 't'") == 0) return 0;
    const auto count = database.value<int>("SELECT count(*) FROM t");
    CHECK(count == database.value<int>("SELECT coalesce(max(a), 0) FROM t"));
    return count.value_or(-1);
}

void check_database(const std::filesystem::path& dir, const RunResult& run, const FaultCall& at) {
    INFO(describe(run, at));
    const int stored = stored_rows(dir / "t.db");
    CHECK(stored >= last_reported(run));      // what was reported is there
    CHECK(stored <= last_reported(run) + 1);  // and at most the commit that was under way
}

}  // namespace

TEST_CASE("the calls of SQLite's commits are seen, those on its shared memory are not", "[crash]") {
    const TempDir dir;
    const auto calls = count_calls(insert_rows(dir.path(), rows), {.directories = {dir.path()}});
    int commits = 0;
    for (const auto& call : calls) {
        CHECK(call.path != "t.db-shm");
        if (call.kind == "fdatasync" && call.path == "t.db-wal") ++commits;
    }
    CHECK(commits >= rows);
    const auto with_shared = count_calls(insert_rows(dir.path(), rows),
                                         {.directories = {dir.path()}, .environment = {{"MOX_FAULT_SKIP", ""}}});
    std::set<std::string> paths;
    for (const auto& call : with_shared) paths.insert(call.path);
    CHECK(paths.count("t.db-shm") == 1);
}

TEST_CASE("a database killed at every boundary keeps what was committed", "[crash]") {
    const Experiment inserting{.prepare = [](const auto& dir) { return insert_rows(dir, rows); },
                               .check = check_database};
    const auto action = GENERATE(FaultAction::kill, FaultAction::kill_after);
    const auto phases = for_every_boundary(inserting, {.action = action});
    CHECK(phases.at("fdatasync t.db-wal") >= static_cast<std::size_t>(rows));
    CHECK(phases.at("write t.db-wal") >= static_cast<std::size_t>(rows));
    CHECK(phases.at("write t.db") >= 1);  // checkpoint
}

TEST_CASE("a database whose calls fail keeps what was committed", "[crash]") {
    const Experiment inserting{.prepare = [](const auto& dir) { return insert_rows(dir, rows); },
                               .check = check_database};
    struct Row {
        FaultAction action;
        bool sticky;
    };
    const Row row =
        GENERATE(Row{FaultAction::no_space, false}, Row{FaultAction::no_space, true}, Row{FaultAction::io_error, true});
    (void)for_every_boundary(inserting, {.action = row.action, .sticky = row.sticky});
}

TEST_CASE("a database killed at random moments keeps what was committed", "[crash]") {
    const Experiment inserting{.prepare = [](const auto& dir) { return insert_rows(dir, 200); },
                               .check = check_database};
    const auto phases = kill_at_random_moments(inserting, {.runs = 20, .seed = 7});
    std::size_t runs = 0;
    for (const auto& [phase, count] : phases) runs += count;
    CHECK(runs == 20);
}
