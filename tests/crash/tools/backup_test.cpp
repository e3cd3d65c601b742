#include <signal.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "base/file.hpp"
#include "snapshot/destination.hpp"
#include "subjects.hpp"

using namespace mox;
using namespace mox::test;

namespace fs = std::filesystem;

namespace {

enum class Mode { copying, linking };

Command backup_command(const fs::path& dir, Mode mode) {
    Command command{MOX_BIN "/mox-backup", "--data-dir", dir / "data", dir / "snapshot"};
    if (mode == Mode::linking) command.insert(command.begin() + 1, "--link-live");
    return command;
}

// How far a run had come, as its calls tell.
enum class Phase { starting, marking, databases, messages, others, syncing, manifest, complete };

Phase phase_of(const std::vector<FaultCall>& calls, std::size_t count) {
    Phase phase = Phase::starting;
    const auto reach = [&](Phase next) { phase = std::max(phase, next); };
    for (const FaultCall& call : calls) {
        if (call.number > count) break;
        if (call.kind == "mkdir" && call.path == "snapshot") reach(Phase::marking);
        if (!call.path.starts_with("snapshot")) continue;
        if (call.kind == "create" && call.path.ends_with(".db")) reach(Phase::databases);
        if (call.path.find("/msg/") != std::string::npos) reach(Phase::messages);
        if (call.path.ends_with("/moxversion")) reach(Phase::others);
        if (call.kind == "syncfs") reach(Phase::syncing);
        if (phase >= Phase::syncing && call.path.find("manifest.json") != std::string::npos) reach(Phase::manifest);
        if (call.kind == "rename" && call.path.ends_with("manifest.json")) reach(Phase::complete);
    }
    return phase;
}

enum class Found { complete, with_problems, incomplete };

// What the destination is: a snapshot that verifies, one that says itself that it has problems, or nothing yet.
Found state_of_destination(const fs::path& destination) {
    switch (snapshot::destination_state(destination)) {
        case snapshot::DestinationState::snapshot:
            if (snapshot::parse_manifest(read_file(destination / snapshot::manifest_name)).complete()) {
                CHECK(verification_trouble(destination) == "");
                return Found::complete;
            }
            return Found::with_problems;
        case snapshot::DestinationState::missing:
        case snapshot::DestinationState::empty:
        case snapshot::DestinationState::incomplete:
            return Found::incomplete;
        case snapshot::DestinationState::other:
            break;
    }
    CHECK("neither a snapshot nor recognisably incomplete" == destination.string());
    return Found::incomplete;
}

// The next run to the same place makes a snapshot that verifies.
void check_next_backup(const fs::path& dir, Mode mode) {
    const auto again = run_tool(backup_command(dir, mode));
    INFO(describe(again, {}));
    CHECK(again.exit_code == 0);
    CHECK(verification_trouble(dir / "snapshot") == "");
    CHECK_FALSE(status_of(dir / "snapshot" / snapshot::incomplete_name));
}

class BackupTrial {
public:
    explicit BackupTrial(Mode mode, std::size_t more_messages = 0) : mode_(mode), source_(place_.path() / "data") {
        const auto data = make_data_directory(source_, Past::quiet);
        if (more_messages > 0) {
            write_mbox(place_.path() / "mbox", more_messages);
            const auto run = run_tool(import_command(data, "mbox", "Big", place_.path() / "mbox"));
            INFO(describe(run, {}));
            REQUIRE(run.exit_code == 0);
        }
        source_tree_ = tree_of(source_);
    }
    [[nodiscard]] Experiment experiment(
        std::function<void(const fs::path&, const RunResult&, const FaultCall&)> check) const {
        return {.prepare =
                    [this](const fs::path& dir) {
                        fs::copy(source_, dir / "data", fs::copy_options::recursive);
                        return backup_command(dir, mode_);
                    },
                .check = std::move(check),
                .parent = working_place()};
    }
    void check_source(const fs::path& dir) const { CHECK(tree_of(dir / "data") == source_tree_); }
    [[nodiscard]] Mode mode() const { return mode_; }

private:
    const Mode mode_;
    const TemporaryDirectory place_{working_place(), "moxcrash-"};
    const fs::path source_;
    Tree source_tree_;
};

// What must hold after a kill; returns whether the snapshot is complete.
bool check_killed(const BackupTrial& trial, const fs::path& dir) {
    trial.check_source(dir);
    const Found found = state_of_destination(dir / "snapshot");
    CHECK(found != Found::with_problems);
    if (found == Found::complete) return true;
    check_next_backup(dir, trial.mode());
    trial.check_source(dir);
    return false;
}

}  // namespace

TEST_CASE("a backup killed at every boundary is complete, or is replaced by the next one", "[crash][backup]") {
    // After one call is before the next: both forms of a kill with both modes would meet each boundary four times.
    const bool copies = GENERATE(true, false);
    const BackupTrial trial(copies ? Mode::copying : Mode::linking);
    const auto action = copies ? FaultAction::kill : FaultAction::kill_after;
    std::map<Phase, std::size_t> phases;
    const auto check = [&](const fs::path& dir, const RunResult& run, const FaultCall& at) {
        INFO(describe(run, at));
        const bool complete = check_killed(trial, dir);
        if (at.number == 0) {
            CHECK(complete);
            return;
        }
        CHECK(run.signal == SIGKILL);
        const Phase phase = phase_of(run.calls, action == FaultAction::kill_after ? at.number : at.number - 1);
        ++phases[phase];
        CHECK(complete == (phase == Phase::complete));
    };
    (void)for_every_boundary(trial.experiment(check), {.action = action, .every = every(1)});
    if (sample != 1) return;
    for (const Phase phase : {Phase::starting, Phase::marking, Phase::databases, Phase::messages, Phase::others,
                              Phase::syncing, Phase::manifest, Phase::complete}) {
        INFO("phase " << static_cast<int>(phase));
        CHECK(phases[phase] > 0);
    }
}

TEST_CASE("a backup of which calls fail says so, and leaves nothing that looks complete", "[crash][backup]") {
    struct Row {
        Mode mode;
        FaultAction action;
        bool sticky;
        std::size_t every;
    };
    const Row row = GENERATE(
        Row{Mode::copying, FaultAction::io_error, false, 1}, Row{Mode::copying, FaultAction::no_space, false, 1},
        Row{Mode::linking, FaultAction::io_error, false, 2}, Row{Mode::linking, FaultAction::no_space, false, 3},
        Row{Mode::copying, FaultAction::io_error, true, 3}, Row{Mode::linking, FaultAction::no_space, true, 3});
    const BackupTrial trial(row.mode);
    std::size_t failed = 0;
    const auto check = [&](const fs::path& dir, const RunResult& run, const FaultCall& at) {
        INFO(describe(run, at));
        trial.check_source(dir);
        CHECK(run.signal == 0);
        const Found found = state_of_destination(dir / "snapshot");
        // Whoever cannot remove anything any more leaves a complete snapshot if only the last sync is missing.
        const bool stays = row.sticky && at.number != 0 && phase_of(run.calls, at.number - 1) == Phase::complete;
        if (!stays) CHECK((run.exit_code == 0) == (found == Found::complete));
        CHECK((run.exit_code == 3) == (found == Found::with_problems));
        if (run.exit_code == 0) return;
        ++failed;
        CHECK(run.err.find(found == Found::with_problems ? ".db'" : dir.native()) != std::string::npos);
        if (stays || found == Found::with_problems) return;
        if (!row.sticky) CHECK_FALSE(status_of(dir / "snapshot"));
        check_next_backup(dir, row.mode);
    };
    (void)for_every_boundary(trial.experiment(check),
                             {.action = row.action, .sticky = row.sticky, .every = every(row.every)});
    CHECK(failed > 0);
}

TEST_CASE("a backup that is asked to stop leaves nothing", "[crash][backup]") {
    struct Row {
        FaultAction action;
        int signal;
    };
    const Row row = GENERATE(Row{FaultAction::interrupt, SIGINT}, Row{FaultAction::terminate, SIGTERM});
    const BackupTrial trial(GENERATE(Mode::copying, Mode::linking));
    std::size_t stopped = 0;
    const auto check = [&](const fs::path& dir, const RunResult& run, const FaultCall& at) {
        INFO(describe(run, at));
        trial.check_source(dir);
        CHECK((run.exit_code == 0 || run.exit_code == 128 + row.signal));
        if (run.exit_code == 0) {
            CHECK(state_of_destination(dir / "snapshot") == Found::complete);
        } else {
            ++stopped;
            CHECK_FALSE(status_of(dir / "snapshot"));
        }
        if (at.number != 0 && phase_of(run.calls, at.number - 1) < Phase::others)
            CHECK(run.exit_code == 128 + row.signal);
    };
    (void)for_every_boundary(trial.experiment(check), {.action = row.action, .every = sample == 1 ? 10 : 30});
    CHECK(stopped > 0);
}

TEST_CASE("a bigger backup killed at random moments is complete, or is replaced by the next one", "[crash][backup]") {
    const BackupTrial trial(Mode::copying, 3000);
    std::size_t complete_ones = 0, others = 0;
    const auto check = [&](const fs::path& dir, const RunResult& run, const FaultCall&) {
        INFO("signal " << run.signal << ", exit " << run.exit_code << ", after " << run.calls.size() << " calls");
        const bool complete = check_killed(trial, dir);
        if (run.exit_code == 0) CHECK(complete);
        if (run.signal != 0) ++(complete ? complete_ones : others);
    };
    (void)kill_at_random_moments(trial.experiment(check), {.runs = std::max<std::size_t>(25 / sample, 5), .seed = 12});
    CHECK(others > 0);
}

TEST_CASE("a backup syncs everything before its manifest, and that before its name", "[crash][backup]") {
    const BackupTrial trial(GENERATE(Mode::copying, Mode::linking));
    const TemporaryDirectory dir(working_place(), "moxcrash-");
    const auto calls = count_calls(trial.experiment({}).prepare(dir.path()), {.directories = {dir.path()}});
    bool synced = false, manifest_synced = false, named = false;
    for (const auto& call : calls) {
        if (!call.path.starts_with("snapshot")) continue;
        INFO(call.number << " " << call.kind << " " << call.path);
        const bool is_manifest = call.path.find("manifest.json") != std::string::npos;
        if (synced) CHECK((is_manifest || call.path == "snapshot" || call.path == "snapshot/.incomplete"));
        if (is_manifest && call.kind != "unlink") CHECK(synced);
        if (call.kind == "syncfs") synced = true;
        if (is_manifest && call.kind == "fsync") manifest_synced = true;
        if (is_manifest && call.kind == "rename") {
            CHECK(manifest_synced);
            named = true;
        }
        // The mark goes only when the name is on disk.
        if (call.kind == "unlink" && call.path == "snapshot/.incomplete") {
            CHECK(named);
            CHECK(calls[call.number - 2].kind == "fsync");
        }
    }
    CHECK(named);
}
