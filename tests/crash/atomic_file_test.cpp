#include <signal.h>

#include <catch2/catch.hpp>

#include "support/fault_run.hpp"
#include "support/temp_dir.hpp"

using namespace mox;
using namespace mox::test;

// AtomicFile (base/file.hpp) promises: the old contents or the complete new ones, and nothing left behind.
TEST_CASE("an atomic file survives a fault at every boundary", "[crash]") {
    struct Row {
        FaultAction action;
        bool sticky;
        bool ends_normally;  // the program may clean up
        bool may_remove;     // and its unlink is let through
    };
    const Row row =
        GENERATE(Row{FaultAction::kill, false, false, false}, Row{FaultAction::kill_after, false, false, false},
                 Row{FaultAction::io_error, false, true, true}, Row{FaultAction::no_space, false, true, true},
                 Row{FaultAction::no_space, true, true, true}, Row{FaultAction::read_only, true, true, false},
                 Row{FaultAction::terminate, false, false, false});
    const Experiment replacing{
        .prepare =
            [](const std::filesystem::path& dir) {
                AtomicFile old(dir / "f");
                old.write("old");
                old.commit();
                return Command{MOX_FAULT_SUBJECT, "atomic", (dir / "f").string(), "new"};
            },
        .check =
            [&](const std::filesystem::path& dir, const RunResult& run, const FaultCall& at) {
                INFO(describe(run, at));
                const auto contents = read_file(dir / "f");
                CHECK((contents == "old" || contents == "newnew"));
                if (run.exit_code == 0) CHECK(contents == "newnew");
                if (at.number != 0 && row.ends_normally) CHECK(run.exit_code == 1);
                if (at.number != 0 && !row.ends_normally) CHECK(run.signal != 0);
                if (row.ends_normally && row.may_remove) CHECK(list_directory(dir).size() == 1);
                CHECK(list_directory(dir).size() <= 2);
            },
    };
    const auto phases = for_every_boundary(replacing, {.action = row.action, .sticky = row.sticky});
    CHECK(phases.count("rename f") == 1);
    CHECK(phases.count("create f.*.tmp") == 1);
    CHECK(met(phases, "write", "f.") == 2);
    CHECK(met(phases, "fsync", ".") + met(phases, "fdatasync", ".") == 2);
}
