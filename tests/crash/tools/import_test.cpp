#include <signal.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "base/file.hpp"
#include "subjects.hpp"
#include "support/promises.hpp"

using namespace mox;
using namespace mox::test;

namespace fs = std::filesystem;

namespace {

const std::string account_path = "data/accounts/alice";

// How far a run had come, as its calls tell.
enum class Phase { recovery, reserving, writing, syncing, synced, committing, committed };

bool is_sync(const FaultCall& call) {
    return call.kind == "fsync" || call.kind == "fdatasync";
}

// The phase after the first `count` calls; `next` is the one that was disturbed.
Phase phase_of(const std::vector<FaultCall>& calls, std::size_t count, const FaultCall& next) {
    const std::string log = account_path + "/index.db-wal";
    Phase phase = Phase::recovery;
    for (const FaultCall& call : calls) {
        if (call.number > count) break;
        if (phase == Phase::recovery && call.path.find("locks/reservation-") != std::string::npos)
            phase = Phase::reserving;
        if (phase <= Phase::reserving && call.kind == "create" && call.path.starts_with(account_path + "/msg/"))
            phase = Phase::writing;
        if (call.kind == "syncfs") phase = Phase::synced;
        if (phase == Phase::synced && call.path == log) phase = Phase::committing;
        if (phase == Phase::committing && call.path == log && is_sync(call)) phase = Phase::committed;
    }
    if (phase == Phase::writing && next.kind == "syncfs") return Phase::syncing;
    if (phase == Phase::synced && next.path == log) return Phase::committing;
    return phase;
}

// The calls that were made: all before the disturbed one, and that one too unless it was prevented.
std::size_t made_calls(const RunResult& run, const FaultCall& at, FaultAction action) {
    if (at.number == 0) return run.calls.size();
    return action == FaultAction::kill_after ? at.number : at.number - 1;
}

struct Kind {
    std::string form, mailbox;
    fs::path source;
};
Kind mbox_import() {
    return {"mbox", "Inbox", small_mbox()};
}
Kind maildir_import() {
    return {"maildir", "New/Import", small_maildir()};
}
Kind generated_kind() {
    switch (GENERATE(0, 1, 2, 3)) {
        case 0:
            return mbox_import();
        case 1:
            return maildir_import();
        case 2:
            return {"auto", "", small_tree()};
        default:
            return {"archive", "", small_archive()};
    }
}

// One kind of import, disturbed in one way.
class ImportTrial {
public:
    ImportTrial(Kind kind, Past past) : kind_(std::move(kind)), past_(past) {
        const TemporaryDirectory dir(working_place(), "moxcrash-");
        const auto data = make_data_directory(dir.path() / "data", past_);
        before_ = state_of(data, "alice");
        const auto run = run_tool(command(data));
        INFO(describe(run, {}));
        REQUIRE(run.exit_code == 0);
        after_ = state_of(data, "alice");
        REQUIRE(after_.mail.size() > before_.mail.size());
    }

    [[nodiscard]] Experiment experiment(
        std::function<void(const fs::path&, const RunResult&, const FaultCall&)> check) const {
        return {.prepare = [this](const fs::path& dir) { return command(make_data_directory(dir / "data", past_)); },
                .check = std::move(check),
                .parent = working_place()};
    }
    [[nodiscard]] Command command(const datadir::Layout& data) const {
        return import_command(data, kind_.form, kind_.mailbox, kind_.source);
    }
    [[nodiscard]] const AccountState& before() const { return before_; }
    [[nodiscard]] const AccountState& after() const { return after_; }

    // Whether the account has the import; it must have all of it or nothing.
    [[nodiscard]] bool is_imported(const AccountState& state) const {
        const bool all = state.has_same_mail(after_), none = state.has_same_mail(before_);
        CHECK((all || none));
        return all;
    }
    // The next program finds an account that it can work with, and leaves nothing of what was disturbed. Returns
    // whether the import is there.
    bool check_recovery(const fs::path& dir, const RunResult& run) const {
        const datadir::Layout data(dir / "data");
        CHECK(next_import_trouble(data) == "");
        CHECK(verification_trouble(data.root()) == "");
        CHECK(temporary_files(data).empty());
        const AccountState state = state_of(data, "alice", after_mailbox);
        CHECK(state.id_blocks == 0);
        CHECK(state.next_id > before_.next_id);
        // Ids that files ever had are never given out again: the newest message is that of the next import.
        CHECK(state.ids.back() > highest_file_id(run));
        return is_imported(state);
    }

private:
    static std::int64_t highest_file_id(const RunResult& run) {
        std::int64_t highest = 0;
        for (const auto& call : run.calls)
            if (call.kind == "create" && call.path.starts_with(account_path + "/msg/"))
                highest = std::max(highest, std::int64_t(std::stoll(fs::path(call.path).filename())));
        return highest;
    }

    Kind kind_;
    Past past_;
    AccountState before_, after_;
};

}  // namespace

TEST_CASE("an import killed at every boundary is there as a whole or not at all", "[crash][import]") {
    const auto action = GENERATE(FaultAction::kill, FaultAction::kill_after);
    const ImportTrial trial(generated_kind(), Past::crashed);
    std::map<Phase, std::size_t> phases;
    std::size_t cleaning = 0;
    const auto check = [&](const fs::path& dir, const RunResult& run, const FaultCall& at) {
        INFO(describe(run, at));
        const bool imported = trial.check_recovery(dir, run);
        if (at.number == 0) {
            CHECK(imported);
            return;
        }
        CHECK(run.signal == SIGKILL);
        const Phase phase = phase_of(run.calls, made_calls(run, at, action), at);
        ++phases[phase];
        if (phase == Phase::committed) {
            CHECK(imported);
            if (at.kind == "unlink") ++cleaning;
        }
        if (phase < Phase::committing) CHECK_FALSE(imported);
    };
    (void)for_every_boundary(trial.experiment(check), {.action = action, .every = every(1)});
    if (sample != 1) return;
    for (const Phase phase : {Phase::recovery, Phase::reserving, Phase::writing, Phase::syncing, Phase::synced,
                              Phase::committing, Phase::committed}) {
        INFO("phase " << static_cast<int>(phase));
        // A kill after the last sync is after its phase; and what comes next is the commit.
        if (phase == (action == FaultAction::kill_after ? Phase::syncing : Phase::synced)) continue;
        CHECK(phases[phase] > 0);
    }
    CHECK(cleaning > 0);
}

TEST_CASE("an import of which one call fails leaves the account as it was, or complete", "[crash][import]") {
    const auto action = GENERATE(FaultAction::io_error, FaultAction::no_space);
    const ImportTrial trial(generated_kind(), Past::quiet);
    std::size_t failed = 0;
    const auto check = [&](const fs::path& dir, const RunResult& run, const FaultCall& at) {
        INFO(describe(run, at));
        const datadir::Layout data(dir / "data");
        CHECK(run.signal == 0);
        CHECK(broken_promises(data) == std::vector<std::string>{});
        CHECK(temporary_files(data).empty());
        const bool imported = trial.is_imported(state_of(data, "alice"));
        CHECK(imported == (run.exit_code == 0));
        if (run.exit_code != 0) {
            ++failed;
            CHECK(run.err.find(dir.string()) != std::string::npos);
        }
    };
    (void)for_every_boundary(trial.experiment(check), {.action = action, .every = every(1)});
    CHECK(failed > 0);
}

TEST_CASE("an import whose calls all fail from one on recovers with the next program", "[crash][import]") {
    const auto action = GENERATE(FaultAction::io_error, FaultAction::no_space, FaultAction::read_only);
    const ImportTrial trial(mbox_import(), Past::crashed);
    const auto check = [&](const fs::path& dir, const RunResult& run, const FaultCall& at) {
        INFO(describe(run, at));
        CHECK(run.signal == 0);
        if (run.exit_code != 0) CHECK(run.err.find(dir.string()) != std::string::npos);
        const bool imported = trial.check_recovery(dir, run);
        if (run.exit_code == 0) CHECK(imported);
        if (phase_of(run.calls, made_calls(run, at, action), at) < Phase::committing) CHECK_FALSE(imported);
    };
    (void)for_every_boundary(
        trial.experiment(check),
        {.action = action, .sticky = true, .every = every(action == FaultAction::io_error ? 1 : 2)});
}

TEST_CASE("an import that is asked to stop cleans up by itself", "[crash][import]") {
    struct Row {
        FaultAction action;
        int signal;
    };
    const Row row = GENERATE(Row{FaultAction::interrupt, SIGINT}, Row{FaultAction::terminate, SIGTERM});
    const ImportTrial trial(generated_kind(), Past::quiet);
    std::size_t stopped = 0;
    const auto check = [&](const fs::path& dir, const RunResult& run, const FaultCall& at) {
        INFO(describe(run, at));
        const datadir::Layout data(dir / "data");
        CHECK(broken_promises(data) == std::vector<std::string>{});
        CHECK(temporary_files(data).empty());
        CHECK((run.exit_code == 0 || run.exit_code == 128 + row.signal));
        CHECK(trial.is_imported(state_of(data, "alice")) == (run.exit_code == 0));
        if (run.exit_code != 0) ++stopped;
        const Phase phase = phase_of(run.calls, made_calls(run, at, row.action), at);
        if (at.number != 0 && phase < Phase::synced) CHECK(run.exit_code == 128 + row.signal);
    };
    (void)for_every_boundary(trial.experiment(check), {.action = row.action, .every = sample == 1 ? 10 : 20});
    CHECK(stopped > 0);
}

TEST_CASE("a bigger import killed at random moments is there as a whole or not at all", "[crash][import]") {
    const TemporaryDirectory place(working_place(), "moxcrash-");
    write_mbox(place.path() / "big.mbox", 3000);
    const ImportTrial trial({"mbox", "Big", place.path() / "big.mbox"}, Past::quiet);
    std::size_t before_commit = 0, after_commit = 0;
    const auto check = [&](const fs::path& dir, const RunResult& run, const FaultCall&) {
        INFO("signal " << run.signal << ", exit " << run.exit_code << ", after " << run.calls.size() << " calls");
        const bool imported = trial.check_recovery(dir, run);
        if (run.exit_code == 0) CHECK(imported);
        if (run.signal != 0) ++(imported ? after_commit : before_commit);
    };
    (void)kill_at_random_moments(trial.experiment(check), {.runs = std::max<std::size_t>(25 / sample, 5), .seed = 11});
    // Hardly anything is left to do after the commit: random moments may all miss it. The tests that kill at every call
    // assert that they meet it.
    CHECK(before_commit > 0);
    CHECK(before_commit + after_commit >= std::max<std::size_t>(25 / sample, 5));
}

TEST_CASE("an import syncs files and folders before the commit that shows them", "[crash][import]") {
    const ImportTrial trial(generated_kind(), Past::crashed);
    const TemporaryDirectory dir(working_place(), "moxcrash-");
    const auto calls = count_calls(trial.command(make_data_directory(dir.path() / "data", Past::crashed)),
                                   {.directories = {dir.path()}});
    CHECK(unsynced_at_commits(calls, account_path) == std::vector<std::string>{});
    CHECK(std::ranges::count(calls, "syncfs", &FaultCall::kind) == 1);
}
