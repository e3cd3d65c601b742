#include <signal.h>

#include <catch2/catch.hpp>

#include "base/file.hpp"
#include "snapshot/destination.hpp"
#include "subjects.hpp"

using namespace mox;
using namespace mox::test;

namespace fs = std::filesystem;

namespace {

fs::path archive_in(const fs::path& dir) {
    return dir / "mox.tar.zst";
}
fs::path partial_in(const fs::path& dir) {
    return dir / "mox.tar.zst.partial";
}

Command archive_command(const fs::path& dir) {
    return {MOX_BIN "/mox-backup", "--data-dir", dir / "data", "--archive", archive_in(dir)};
}

class ArchiveTrial {
public:
    ArchiveTrial() : source_(place_.path() / "data") {
        (void)make_data_directory(source_, Past::quiet);
        source_tree_ = tree_of(source_);
    }
    [[nodiscard]] Experiment experiment(
        std::function<void(const fs::path&, const RunResult&, const FaultCall&)> check) const {
        return {.prepare =
                    [this](const fs::path& dir) {
                        fs::copy(source_, dir / "data", fs::copy_options::recursive);
                        return archive_command(dir);
                    },
                .check = std::move(check),
                .parent = working_place()};
    }
    // The source is untouched, and what has the archive's name is complete. Returns whether anything has it.
    [[nodiscard]] bool check_archive(const fs::path& dir) const {
        CHECK(tree_of(dir / "data") == source_tree_);
        if (!status_of(archive_in(dir))) return false;
        CHECK(verification_trouble(archive_in(dir)) == "");
        return true;
    }
    static void check_next_backup(const fs::path& dir) {
        const auto again = run_tool(archive_command(dir));
        INFO(describe(again, {}));
        CHECK(again.exit_code == 0);
        CHECK(verification_trouble(archive_in(dir)) == "");
        CHECK_FALSE(status_of(partial_in(dir)));
    }

private:
    const TemporaryDirectory place_{working_place(), "moxcrash-"};
    const fs::path source_;
    Tree source_tree_;
};

}  // namespace

TEST_CASE("an archive killed at any boundary is complete or not there, and the next run makes it", "[crash][backup]") {
    const ArchiveTrial trial;
    std::size_t complete = 0, missing = 0;
    const auto check = [&](const fs::path& dir, const RunResult& run, const FaultCall& at) {
        INFO(describe(run, at));
        if (trial.check_archive(dir)) {
            ++complete;
        } else {
            ++missing;
            CHECK(run.signal == SIGKILL);
            ArchiveTrial::check_next_backup(dir);
        }
    };
    (void)for_every_boundary(trial.experiment(check), {.action = FaultAction::kill, .every = every(3)});
    CHECK(complete > 0);
    CHECK(missing > 0);
}

TEST_CASE("an archive of which calls fail says so, and leaves nothing", "[crash][backup]") {
    const auto action = GENERATE(FaultAction::io_error, FaultAction::no_space);
    const ArchiveTrial trial;
    std::size_t failed = 0;
    const auto check = [&](const fs::path& dir, const RunResult& run, const FaultCall& at) {
        INFO(describe(run, at));
        CHECK(run.signal == 0);
        if (run.exit_code == 3) {  // a database that could not be copied as one: its bytes are there
            CHECK(run.err.find(".db'") != std::string::npos);
            return;
        }
        const bool is_there = trial.check_archive(dir);
        if (run.exit_code == 0) {
            CHECK(is_there);
            return;
        }
        ++failed;
        CHECK_FALSE(status_of(partial_in(dir)));
        CHECK(run.err.find(dir.native()) != std::string::npos);
        // Only the last sync, of the folder that has the name, may fail when it is there.
        if (!is_there) ArchiveTrial::check_next_backup(dir);
    };
    (void)for_every_boundary(trial.experiment(check), {.action = action, .every = every(3)});
    CHECK(failed > 0);
}

TEST_CASE("an archive that is asked to stop leaves nothing", "[crash][backup]") {
    const ArchiveTrial trial;
    std::size_t stopped = 0;
    const auto check = [&](const fs::path& dir, const RunResult& run, const FaultCall& at) {
        INFO(describe(run, at));
        const bool is_there = trial.check_archive(dir);
        CHECK((run.exit_code == 0 || run.exit_code == 128 + SIGINT));
        CHECK(is_there == (run.exit_code == 0));
        CHECK_FALSE(status_of(partial_in(dir)));
        if (run.exit_code != 0) ++stopped;
    };
    (void)for_every_boundary(trial.experiment(check),
                             {.action = FaultAction::interrupt, .every = sample == 1 ? 10 : 30});
    CHECK(stopped > 0);
}

TEST_CASE("an archive is on disk before it has its name", "[crash][backup]") {
    const ArchiveTrial trial;
    const TemporaryDirectory dir(working_place(), "moxcrash-");
    const auto calls = count_calls(trial.experiment({}).prepare(dir.path()), {.directories = {dir.path()}});
    std::string last_of_archive;
    bool named = false, name_synced = false;
    for (const auto& call : calls) {
        INFO(call.number << " " << call.kind << " " << call.path);
        if (call.kind == "rename") {
            CHECK(last_of_archive == "fsync");
            named = true;
        } else if (call.path.ends_with("/archive")) {
            CHECK_FALSE(named);
            last_of_archive = call.kind;
        } else if (named && call.kind == "fsync") {
            name_synced = true;
        }
    }
    CHECK(named);
    CHECK(name_synced);
}
