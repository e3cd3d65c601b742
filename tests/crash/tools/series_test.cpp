#include <signal.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "base/file.hpp"
#include "snapshot/series.hpp"
#include "subjects.hpp"

using namespace mox;
using namespace mox::test;
using snapshot::SeriesState;

namespace fs = std::filesystem;

namespace {

Command series_command(const fs::path& dir) {
    return {MOX_BIN "/mox-backup", "--data-dir", dir / "data", "--keep-last", "2", dir / "backups"};
}

// A data directory, and a folder with two snapshots of it: the next run adds one and removes the older.
class SeriesTrial {
public:
    SeriesTrial() : source_(place_.path() / "data") {
        const auto data = make_data_directory(source_, Past::quiet);
        for (int i = 0; i < 2; ++i) {
            const auto run = run_tool(series_command(place_.path()));
            INFO(describe(run, {}));
            REQUIRE(run.exit_code == 0);
            if (i == 0) REQUIRE(next_import_trouble(data) == "");
        }
        for (const auto& entry : snapshot::list_series(place_.path() / "backups")) names_.push_back(entry.name);
        REQUIRE(names_.size() == 2);
        source_tree_ = tree_of(source_);
    }
    [[nodiscard]] Experiment experiment(
        std::function<void(const fs::path&, const RunResult&, const FaultCall&)> check) const {
        return {.prepare =
                    [this](const fs::path& dir) {
                        for (const char* name : {"data", "backups"})
                            fs::copy(place_.path() / name, dir / name, fs::copy_options::recursive);
                        return series_command(dir);
                    },
                .check = std::move(check),
                .parent = working_place()};
    }

    // What must hold whatever happened: the source is untouched, what has a snapshot's name is complete and verifies
    // (or says that it has problems), the newest one from before is there. Returns how many are new and complete.
    std::size_t check_promises(const fs::path& dir) const {
        CHECK(tree_of(dir / "data") == source_tree_);
        std::size_t fresh = 0;
        bool found_newest = false;
        for (const auto& entry : snapshot::list_series(dir / "backups")) {
            INFO(entry.name << ": " << entry.detail);
            CHECK(entry.state != SeriesState::unreadable);
            if (entry.state != SeriesState::complete) continue;
            CHECK(verification_trouble(dir / "backups" / entry.name) == "");
            found_newest = found_newest || entry.name == names_[1];
            if (entry.name > names_[1]) ++fresh;
        }
        CHECK(found_newest);
        CHECK(fresh <= 1);
        return fresh;
    }
    // The next run makes one more, removes what is left to remove, and leaves nothing incomplete.
    void check_next(const fs::path& dir) const {
        const auto again = run_tool(series_command(dir));
        INFO(describe(again, {}));
        CHECK(again.exit_code == 0);
        const auto entries = snapshot::list_series(dir / "backups");
        const auto is = [](SeriesState state) { return [state](const auto& entry) { return entry.state == state; }; };
        CHECK(std::ranges::count_if(entries, is(SeriesState::complete)) == 2);
        CHECK(std::ranges::none_of(entries, is(SeriesState::incomplete)));
        CHECK(verification_trouble(dir / "backups" / entries.back().name) == "");
    }
    // True when one of the calls up to `count` gave the new snapshot its name.
    [[nodiscard]] bool is_published(const std::vector<FaultCall>& calls, std::size_t count) const {
        return std::ranges::any_of(calls, [&](const FaultCall& call) {
            return call.number <= count && call.kind == "rename" && call.path.starts_with("backups/") &&
                   call.path.ends_with("Z") && call.path.substr(8) > names_[1];
        });
    }

private:
    const TemporaryDirectory place_{working_place(), "moxcrash-"};
    const fs::path source_;
    std::vector<std::string> names_;
    Tree source_tree_;
};

}  // namespace

TEST_CASE("a run killed at every boundary leaves a series of complete snapshots, and the next run goes on",
          "[crash][backup]") {
    const SeriesTrial trial;
    std::size_t with_new = 0, without_new = 0;
    const auto check = [&](const fs::path& dir, const RunResult& run, const FaultCall& at) {
        INFO(describe(run, at));
        const std::size_t fresh = trial.check_promises(dir);
        if (at.number == 0) {
            CHECK(fresh == 1);
            return;
        }
        CHECK(run.signal == SIGKILL);
        CHECK((fresh == 1) == trial.is_published(run.calls, at.number - 1));
        ++(fresh == 1 ? with_new : without_new);
        trial.check_next(dir);
    };
    // Each run is followed by four others; of the many links that are alike it meets every other one.
    (void)for_every_boundary(trial.experiment(check), {.action = FaultAction::kill, .every = every(2)});
    CHECK(without_new > 0);
    CHECK(with_new > 0);
}

TEST_CASE("a run of which calls fail leaves a series of complete snapshots, and says what failed", "[crash][backup]") {
    struct Row {
        FaultAction action;
        bool sticky;
        std::size_t every;
    };
    const Row row = GENERATE(Row{FaultAction::io_error, false, 2}, Row{FaultAction::no_space, false, 7},
                             Row{FaultAction::io_error, true, 7});
    const SeriesTrial trial;
    std::size_t failed = 0;
    const auto check = [&](const fs::path& dir, const RunResult& run, const FaultCall& at) {
        INFO(describe(run, at));
        const std::size_t fresh = trial.check_promises(dir);
        CHECK(run.signal == 0);
        const auto entries = snapshot::list_series(dir / "backups");
        if (run.exit_code == 0) {
            CHECK(fresh == 1);
            CHECK(entries.size() == 2);
            return;
        }
        ++failed;
        CHECK_FALSE(run.err.empty());
        // Whatever failed before the new snapshot had its name, nothing is removed.
        if (fresh == 0) CHECK(std::ranges::count(entries, SeriesState::complete, &snapshot::SeriesEntry::state) == 2);
        CHECK((run.exit_code == 3) == (entries.back().state == SeriesState::with_problems));
        if (!row.sticky && fresh == 0 && run.exit_code != 3) CHECK(entries.size() == 2);
        if (run.exit_code != 3) trial.check_next(dir);
    };
    (void)for_every_boundary(trial.experiment(check),
                             {.action = row.action, .sticky = row.sticky, .every = every(row.every)});
    CHECK(failed > 0);
}

TEST_CASE("a run in a series that is asked to stop has made its snapshot or leaves nothing of it", "[crash][backup]") {
    const SeriesTrial trial;
    std::size_t stopped = 0;
    const auto check = [&](const fs::path& dir, const RunResult& run, const FaultCall& at) {
        INFO(describe(run, at));
        const std::size_t fresh = trial.check_promises(dir);
        CHECK((run.exit_code == 0 || run.exit_code == 128 + SIGTERM));
        if (run.exit_code == 0) CHECK(fresh == 1);
        if (run.exit_code == 0 || fresh == 1) return;
        ++stopped;
        CHECK(snapshot::list_series(dir / "backups").size() == 2);
    };
    (void)for_every_boundary(trial.experiment(check),
                             {.action = FaultAction::terminate, .every = sample == 1 ? 20 : 40});
    CHECK(stopped > 0);
}
