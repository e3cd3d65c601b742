#include <signal.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "base/error.hpp"
#include "base/file.hpp"
#include "subjects.hpp"
#include "support/promises.hpp"
#include "support/temp_dir.hpp"

using namespace mox;
using namespace mox::test;

namespace fs = std::filesystem;

namespace {

// A snapshot of the usual directory, with a configuration.
struct Snapshot {
    TemporaryDirectory place{working_place(), "moxcrash-"};
    fs::path path = place.path() / "snapshot";
    Tree tree;

    Snapshot() {
        (void)make_data_directory(place.path() / "data", Past::quiet);
        fs::create_directory(place.path() / "etc");
        for (const auto& [name, text] : {std::pair("mox.conf", "DataDir: ../data\n"), std::pair("domains.conf", ""),
                                         std::pair("key.pem", "secret\n")})
            write_all(create_file(place.path() / "etc" / name).get(), std::string_view(text), name);
        const auto run = run_tool({MOX_BIN "/mox-backup", "-c", place.path() / "etc/mox.conf", path});
        INFO(describe(run, {}));
        REQUIRE(run.exit_code == 0);
        tree = tree_of(path);
    }
    void check_untouched() const { CHECK(tree_of(path) == tree); }
};

enum class Found { nothing, incomplete, complete };

// What is there instead of a data directory and its configuration.
Found found_in(const fs::path& dir) {
    if (!status_of(dir / "data") || fs::is_empty(dir / "data")) return Found::nothing;
    if (status_of(dir / "data/.restoring")) {
        CHECK_THROWS_AS(datadir::open(dir / "data"), Error);
        return Found::incomplete;
    }
    CHECK(verification_trouble(dir / "data") == "");
    CHECK(read_file(dir / "etc/key.pem") == "secret\n");
    CHECK_FALSE(status_of(dir / "etc/.restoring"));
    return Found::complete;
}

Command restore_command(const Snapshot& snapshot, const fs::path& dir) {
    return {MOX_BIN "/mox-restore", "-j1", snapshot.path, dir / "data", "--config-dir", dir / "etc"};
}

Experiment whole_restore(const Snapshot& snapshot,
                         std::function<void(const fs::path&, const RunResult&, const FaultCall&)> check) {
    return {.prepare = [&snapshot](const fs::path& dir) { return restore_command(snapshot, dir); },
            .check = std::move(check),
            .parent = working_place()};
}

void check_next_restore(const Snapshot& snapshot, const fs::path& dir) {
    const auto again = run_tool(restore_command(snapshot, dir));
    INFO(describe(again, {}));
    CHECK(again.exit_code == 0);
    CHECK(found_in(dir) == Found::complete);
}

}  // namespace

TEST_CASE("a restore killed at every boundary is complete, or is replaced by the next one", "[crash][restore]") {
    const Snapshot snapshot;
    std::map<Found, std::size_t> states;
    const auto check = [&](const fs::path& dir, const RunResult& run, const FaultCall& at) {
        INFO(describe(run, at));
        const Found found = found_in(dir);
        ++states[found];
        if (run.exit_code == 0) CHECK(found == Found::complete);
        if (found != Found::complete) check_next_restore(snapshot, dir);
    };
    const auto phases =
        for_every_boundary(whole_restore(snapshot, check), {.action = FaultAction::kill, .every = every(2)});
    snapshot.check_untouched();
    CHECK(states[Found::incomplete] > 0);
    if (sample != 1) return;
    CHECK(met(phases, "mkdir", "data/accounts") > 0);
    CHECK(met(phases, "fsync", "") > 0);
}

TEST_CASE("a restore of which calls fail leaves nothing, or all of it", "[crash][restore]") {
    struct Row {
        FaultAction action;
        bool sticky;
        std::size_t every;
    };
    const Row row = GENERATE(Row{FaultAction::io_error, false, 2}, Row{FaultAction::no_space, false, 3},
                             Row{FaultAction::io_error, true, 5});
    const Snapshot snapshot;
    std::size_t failed = 0;
    const auto check = [&](const fs::path& dir, const RunResult& run, const FaultCall& at) {
        INFO(describe(run, at));
        CHECK(run.signal == 0);
        const Found found = found_in(dir);
        if (run.exit_code == 0) CHECK(found == Found::complete);
        if (run.exit_code == 0) return;
        ++failed;
        CHECK(run.err.find(dir.native()) != std::string::npos);
        // Only the last sync of all can fail when everything is there.
        if (found == Found::complete) CHECK((at.kind == "fsync" || row.sticky));
        if (!row.sticky) CHECK(found != Found::incomplete);
        if (found != Found::complete) check_next_restore(snapshot, dir);
    };
    (void)for_every_boundary(whole_restore(snapshot, check),
                             {.action = row.action, .sticky = row.sticky, .every = every(row.every)});
    snapshot.check_untouched();
    CHECK(failed > 0);
}

TEST_CASE("a restore that is asked to stop cleans up by itself", "[crash][restore]") {
    const Snapshot snapshot;
    std::size_t stopped = 0;
    const auto check = [&](const fs::path& dir, const RunResult& run, const FaultCall& at) {
        INFO(describe(run, at));
        CHECK((run.exit_code == 0 || run.exit_code == 128 + SIGTERM));
        CHECK(found_in(dir) == (run.exit_code == 0 ? Found::complete : Found::nothing));
        if (run.exit_code != 0) ++stopped;
    };
    (void)for_every_boundary(whole_restore(snapshot, check),
                             {.action = FaultAction::terminate, .every = sample == 1 ? 15 : 40});
    CHECK(stopped > 0);
}

TEST_CASE("a restore syncs everything before its marks go", "[crash][restore]") {
    const Snapshot snapshot;
    const TemporaryDirectory dir(working_place(), "moxcrash-");
    const auto calls = count_calls(restore_command(snapshot, dir.path()), {.directories = {dir.path()}});
    std::size_t synced = 0, last_write = 0, unmarked = 0;
    for (const auto& call : calls) {
        const bool is_mark = call.path.ends_with(".restoring");
        if (call.kind == "syncfs") synced = call.number;
        if (call.path.starts_with("data/") && !is_mark && call.kind != "unlink") last_write = call.number;
        if (is_mark && call.kind == "unlink") unmarked = call.number;
    }
    REQUIRE(synced > 0);
    CHECK(last_write < synced);
    CHECK(synced < unmarked);
    CHECK(calls.back().kind == "fsync");
}

namespace {

// Messages of a snapshot into an account that is in use.
class MessagesTrial {
public:
    MessagesTrial() {
        const TemporaryDirectory dir(working_place(), "moxcrash-");
        const auto data = make_data_directory(dir.path() / "data", Past::quiet);
        before_ = state_of(data, "alice");
        const auto run = run_tool(command(data));
        INFO(describe(run, {}));
        REQUIRE(run.exit_code == 0);
        after_ = state_of(data, "alice");
        REQUIRE(after_.mail.size() > before_.mail.size());
    }
    [[nodiscard]] Command command(const datadir::Layout& data) const {
        return {MOX_BIN "/mox-restore", "-j1",       snapshot_.path, "--account",      "bob",       "--into", "alice",
                "--data-dir",           data.root(), "--duplicates", "--into-mailbox", "Back/Again"};
    }
    [[nodiscard]] Experiment experiment(
        std::function<void(const fs::path&, const RunResult&, const FaultCall&)> check) const {
        return {
            .prepare = [this](const fs::path& dir) { return command(make_data_directory(dir / "data", Past::quiet)); },
            .check = std::move(check),
            .parent = working_place()};
    }
    // All of it or nothing; whether it is all.
    [[nodiscard]] bool is_restored(const AccountState& state) const {
        const bool all = state.has_same_mail(after_), none = state.has_same_mail(before_);
        CHECK((all || none));
        return all;
    }

private:
    Snapshot snapshot_;
    AccountState before_, after_;
};

}  // namespace

TEST_CASE("restored messages are there as a whole or not at all, whenever the program is killed", "[crash][restore]") {
    const MessagesTrial trial;
    std::size_t without = 0;
    const auto check = [&](const fs::path& dir, const RunResult& run, const FaultCall& at) {
        INFO(describe(run, at));
        const datadir::Layout data(dir / "data");
        CHECK(next_import_trouble(data) == "");
        CHECK(verification_trouble(data.root()) == "");
        CHECK(temporary_files(data).empty());
        const bool restored = trial.is_restored(state_of(data, "alice", after_mailbox));
        if (run.exit_code == 0) CHECK(restored);
        if (!restored) ++without;
    };
    (void)for_every_boundary(trial.experiment(check), {.action = FaultAction::kill, .every = every(2)});
    CHECK(without > 0);
}

TEST_CASE("restored messages are there as a whole or not at all, whichever call fails", "[crash][restore]") {
    const auto action = GENERATE(FaultAction::io_error, FaultAction::no_space);
    const MessagesTrial trial;
    std::size_t failed = 0;
    const auto check = [&](const fs::path& dir, const RunResult& run, const FaultCall& at) {
        INFO(describe(run, at));
        const datadir::Layout data(dir / "data");
        CHECK(run.signal == 0);
        CHECK(broken_promises(data) == std::vector<std::string>{});
        CHECK(temporary_files(data).empty());
        CHECK(trial.is_restored(state_of(data, "alice")) == (run.exit_code == 0));
        if (run.exit_code != 0) ++failed;
    };
    (void)for_every_boundary(trial.experiment(check), {.action = action, .every = every(2)});
    CHECK(failed > 0);
}
