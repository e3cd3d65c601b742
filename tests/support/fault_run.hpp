#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// Runs programs that fail or die at a chosen call. Linux only: it preloads libmoxfault.so (fault_shim.c tells what is
// counted and which kinds of calls there are).
//
// A kill test of a tool states how a directory is prepared, which command runs on it, and what must hold afterwards,
// whatever happened; the harness runs the command once for every call that changes a file, each time on a new
// directory. For an import:
//
//   Experiment import{
//       .prepare = [](const fs::path& dir) {
//           make_data_directory(dir / "data");                      // everything is below `dir`: only that is counted
//           return Command{MOX_BIN "/mox-import", "mbox", "--data-dir", dir / "data", "alice", "Inbox", mbox};
//       },
//       .check = [](const fs::path& dir, const RunResult& run, const FaultCall& at) {
//           INFO(describe(run, at));
//           CHECK(verifies(dir / "data"));                          // the next run finds a directory that verifies,
//           const auto count = message_count(dir / "data");
//           CHECK((count == before || count == before + imported));  // with all or none of the import,
//           CHECK(stray_files(dir / "data").empty());               // and nothing else
//           if (run.exit_code == 0) CHECK(count == before + imported);
//       },
//   };
//   const Phases phases = for_every_boundary(import, {.action = FaultAction::kill});
//   CHECK(met(phases, "create", "msg/") > 0);                         // each phase was met
//   CHECK(met(phases, "fdatasync", "index.db-wal") > 0);
//
// and the same with FaultAction::no_space, io_error, terminate. A bigger run is killed at random moments by
// kill_at_random_moments(). Tests that run built tools belong to the preset release (label `release`), where a run
// takes milliseconds; under sanitizers they work too, with fewer boundaries (`every`).
//
// A killed program loses nothing that it wrote: the system still has it. What would be lost with the power is not
// simulated; that the right things are synced before others happen can be asserted on RunResult::calls.

namespace mox::test {

using Command = std::vector<std::string>;

// One counted call. `path` is relative to the first of RunOptions::directories when it is below it ("." for itself).
struct FaultCall {
    std::size_t number = 0;  // from 1
    std::string kind;
    std::string path;
};

enum class FaultAction {
    kill,        // SIGKILL just before the call
    kill_after,  // just after it
    io_error,    // the call is not made and fails with EIO
    no_space,    // with ENOSPC
    read_only,   // with EROFS
    terminate,   // SIGTERM just before the call, which is then made
    interrupt,   // SIGINT likewise
};

struct Fault {
    FaultAction action = FaultAction::kill;
    std::size_t at = 1;     // the number of the call, from 1
    std::string kind = {};  // counting only this kind; empty: all
    bool sticky = false;    // errors: later calls fail too (no_space: those that need space)
};

struct RunOptions {
    std::vector<std::filesystem::path> directories;  // calls below these count; empty: the shim is not loaded
    std::optional<Fault> fault = {};
    std::optional<std::chrono::nanoseconds> kill_after = {};  // SIGKILL from outside, this long after the start,
    std::size_t kill_after_calls = 0;                         // or after so many calls were seen in the log
    std::map<std::string, std::string> environment = {};      // added to this process's
    std::filesystem::path working_directory = {};
    std::chrono::milliseconds timeout{120'000};  // then SIGKILL and an exception: the program hangs
};

struct RunResult {
    int exit_code = -1;  // -1 when a signal ended it
    int signal = 0;      // 0 when it exited
    std::string out, err;
    // By number; with a kill, the last one is where it died, and of other threads one or two may be missing.
    std::vector<FaultCall> calls;
    std::chrono::nanoseconds duration{};
};

// Runs a program (looked up in PATH) to its end, with nothing as standard input. Throws std::runtime_error when it
// cannot be started or does not end in time.
[[nodiscard]] RunResult run_with_fault(const Command& command, const RunOptions& options);

// The calls of an undisturbed run; throws std::runtime_error when that fails.
[[nodiscard]] std::vector<FaultCall> count_calls(const Command& command, const RunOptions& options);

struct Experiment {
    // Fills an empty directory and gives the command that shall be disturbed.
    std::function<Command(const std::filesystem::path& directory)> prepare;
    // What must hold afterwards. `at`: the call that was disturbed, or the last one before a random kill.
    std::function<void(const std::filesystem::path& directory, const RunResult& run, const FaultCall& at)> check;
    std::map<std::string, std::string> environment = {};
    std::filesystem::path parent = std::filesystem::temp_directory_path();  // of the directories
};

struct Boundaries {
    FaultAction action = FaultAction::kill;
    bool sticky = false;
    std::size_t every = 1;  // only every nth call, beginning with the first
};

// How often a call was disturbed, by "KIND PATH", so that tests can assert that each phase was met. Random parts of
// names (16 or more hexadecimal digits) are written as "*".
using Phases = std::map<std::string, std::size_t>;
// The sum of those of this kind whose path contains `part`.
[[nodiscard]] std::size_t met(const Phases& phases, std::string_view kind, std::string_view part);

// Runs the experiment once undisturbed (check sees that run too, with `at.number` 0), then once for every counted call
// of that run. Programs with threads may make a call more or less: a run that succeeds without reaching its call is
// checked as undisturbed. Throws std::runtime_error when that is so for more than a tenth of the runs, and when the
// first run fails or makes no counted call.
[[nodiscard]] Phases for_every_boundary(const Experiment& experiment, const Boundaries& boundaries);

struct RandomKills {
    std::size_t runs = 50;
    std::uint64_t seed = 1;  // the same seed chooses the same moments
};

// Kills at random moments from outside: every other one spread over the time that an undisturbed run takes, the others
// over its calls, which meets all phases also on a busy machine. A run that ends before its moment is checked as it is
// and another one made, five times `runs` at most. Counts by the last call that was made.
[[nodiscard]] Phases kill_at_random_moments(const Experiment& experiment, const RandomKills& kills);

// The end of a run in words, for INFO().
[[nodiscard]] std::string describe(const RunResult& run, const FaultCall& at);

}  // namespace mox::test
