#include "support/fault_run.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <stdexcept>

#include "base/fd.hpp"
#include "base/file.hpp"
#include "base/random.hpp"

extern char** environ;

namespace mox::test {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

namespace {

const char* name_of(FaultAction action) {
    switch (action) {
        case FaultAction::kill:
            return "kill";
        case FaultAction::kill_after:
            return "kill-after";
        case FaultAction::io_error:
            return "EIO";
        case FaultAction::no_space:
            return "ENOSPC";
        case FaultAction::read_only:
            return "EROFS";
        case FaultAction::terminate:
            return "SIGTERM";
        case FaultAction::interrupt:
            return "SIGINT";
    }
    return "?";
}

[[noreturn]] void fail(const std::string& what) {
    throw std::runtime_error(what);
}

std::map<std::string, std::string> environment_for(const RunOptions& options, const fs::path& log) {
    std::map<std::string, std::string> all;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view text = *entry;
        const auto equals = text.find('=');
        if (equals != std::string_view::npos) all.emplace(text.substr(0, equals), text.substr(equals + 1));
    }
    for (const auto& [name, value] : options.environment) all[name] = value;
    if (options.directories.empty()) return all;

    auto& preload = all["LD_PRELOAD"];
    preload = MOX_FAULT_SHIM + (preload.empty() ? "" : ":" + preload);
    auto& sanitizer = all["ASAN_OPTIONS"];  // its runtime is not the first library then
    sanitizer += std::string(sanitizer.empty() ? "" : ":") + "verify_asan_link_order=0";
    std::string directories;
    for (const auto& directory : options.directories)
        directories += (directories.empty() ? "" : ":") + fs::absolute(directory).string();
    all["MOX_FAULT_DIRS"] = directories;
    all["MOX_FAULT_LOG"] = log.string();
    if (const auto& fault = options.fault) {
        all["MOX_FAULT_ACTION"] = name_of(fault->action);
        if (fault->kind.empty())
            all["MOX_FAULT_AT"] = std::to_string(fault->at);
        else
            all["MOX_FAULT_AT_KIND"] = fault->kind + ":" + std::to_string(fault->at);
        all["MOX_FAULT_STICKY"] = fault->sticky ? "1" : "0";
    }
    return all;
}

pid_t spawn(const Command& command, const std::map<std::string, std::string>& environment, const fs::path& directory,
            const fs::path& out, const fs::path& err) {
    std::vector<std::string> variables;
    for (const auto& [name, value] : environment) variables.push_back(name + "=" + value);
    std::vector<char*> variable_pointers, arguments;
    for (auto& text : variables) variable_pointers.push_back(text.data());
    variable_pointers.push_back(nullptr);
    for (const auto& text : command) arguments.push_back(const_cast<char*>(text.c_str()));
    arguments.push_back(nullptr);

    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_addopen(&actions, 1, out.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ::posix_spawn_file_actions_addopen(&actions, 2, err.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (!directory.empty()) ::posix_spawn_file_actions_addchdir_np(&actions, directory.c_str());
    pid_t pid = 0;
    const int error = ::posix_spawnp(&pid, arguments[0], &actions, nullptr, arguments.data(), variable_pointers.data());
    ::posix_spawn_file_actions_destroy(&actions);
    if (error != 0) fail("cannot start " + command.at(0) + ": " + std::strerror(error));
    return pid;
}

// True when the process ended within `limit`.
bool wait_until_ended(pid_t pid, std::chrono::nanoseconds limit) {
    const UniqueFd process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    if (!process) fail(std::string("pidfd_open: ") + std::strerror(errno));
    const auto end = Clock::now() + limit;
    for (;;) {
        const auto left = std::max(end - Clock::now(), Clock::duration::zero());
        const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
        const timespec time{.tv_sec = seconds.count(), .tv_nsec = (left - seconds).count()};
        pollfd waiting{.fd = process.get(), .events = POLLIN, .revents = 0};
        const int count = ::ppoll(&waiting, 1, &time, nullptr);
        if (count >= 0) return count > 0;
        if (errno != EINTR) fail(std::string("poll: ") + std::strerror(errno));
    }
}

// Waits until the log has that many lines; true when the process ended before.
bool wait_for_calls(pid_t pid, const fs::path& log, std::size_t calls, std::chrono::nanoseconds limit) {
    const auto end = Clock::now() + limit;
    UniqueFd file;
    std::size_t lines = 0;
    std::vector<char> buffer(64 * 1024);
    while (lines < calls && Clock::now() < end) {
        if (!file) file = UniqueFd(::open(log.c_str(), O_RDONLY | O_CLOEXEC));
        const ssize_t count = file ? ::read(file.get(), buffer.data(), buffer.size()) : 0;
        if (count > 0)
            lines += static_cast<std::size_t>(std::count(buffer.begin(), buffer.begin() + count, '\n'));
        else if (wait_until_ended(pid, std::chrono::microseconds(50)))
            return true;
    }
    return false;
}

std::vector<FaultCall> read_log(const fs::path& log, const std::vector<fs::path>& directories) {
    std::vector<FaultCall> calls;
    if (!status_of(log)) return calls;
    const std::string root = fs::weakly_canonical(directories.at(0)).string();
    const std::string text = read_file(log);
    for (std::size_t begin = 0, end = 0; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1) {
        const std::string line = text.substr(begin, end - begin);
        const auto first = line.find(' '), second = line.find(' ', first + 1);
        if (first == std::string::npos || second == std::string::npos) fail("broken line in the log of calls: " + line);
        FaultCall call{.number = std::stoul(line),
                       .kind = line.substr(first + 1, second - first - 1),
                       .path = line.substr(second + 1)};
        if (call.path == root)
            call.path = ".";
        else if (call.path.starts_with(root + "/"))
            call.path.erase(0, root.size() + 1);
        calls.push_back(std::move(call));
    }
    // Threads may write their lines in another order than they were counted.
    std::sort(calls.begin(), calls.end(), [](const auto& a, const auto& b) { return a.number < b.number; });
    return calls;
}

std::string phase_of(const FaultCall& call) {
    std::string text = call.kind + " ";
    const std::string_view path = call.path, digits = "0123456789abcdef";
    for (std::size_t begin = 0; begin < path.size();) {
        const auto end = std::min(path.find_first_not_of(digits, begin), path.size());
        if (end - begin >= 16) {
            text += '*';
        } else {
            text += path.substr(begin, end - begin);
        }
        if (end < path.size()) text += path[end];
        begin = end + 1;
    }
    return text;
}

// One run of an experiment on a directory of its own.
RunResult run_once(const Experiment& experiment, RunOptions options,
                   const std::function<FaultCall(const RunResult&)>& disturbed) {
    const TemporaryDirectory directory(experiment.parent, "moxfault-");
    const Command command = experiment.prepare(directory.path());
    options.directories = {directory.path()};
    options.environment = experiment.environment;
    RunResult run = run_with_fault(command, options);
    experiment.check(directory.path(), run, disturbed(run));
    return run;
}

RunResult run_undisturbed(const Experiment& experiment) {
    RunResult run = run_once(experiment, {}, [](const RunResult&) { return FaultCall{}; });
    if (run.exit_code != 0) fail("the undisturbed run failed: " + describe(run, {}));
    if (run.calls.empty()) fail("the undisturbed run makes no counted call");
    return run;
}

}  // namespace

RunResult run_with_fault(const Command& command, const RunOptions& options) {
    const TemporaryDirectory scratch(fs::temp_directory_path(), "moxrun-");
    const auto log = scratch.path() / "calls", out = scratch.path() / "out", err = scratch.path() / "err";
    const auto start = Clock::now();
    const pid_t pid = spawn(command, environment_for(options, log), options.working_directory, out, err);

    bool ended = false, hangs = false;
    if (options.kill_after || options.kill_after_calls != 0) {
        if (options.kill_after_calls != 0) ended = wait_for_calls(pid, log, options.kill_after_calls, options.timeout);
        if (!ended && options.kill_after) ended = wait_until_ended(pid, *options.kill_after);
        if (!ended) ::kill(pid, SIGKILL);
    }
    if (!ended && !wait_until_ended(pid, options.timeout)) {
        hangs = true;
        ::kill(pid, SIGKILL);
    }
    int status = 0;
    while (::waitpid(pid, &status, 0) < 0)
        if (errno != EINTR) fail(std::string("waitpid: ") + std::strerror(errno));

    RunResult result;
    result.duration = Clock::now() - start;
    if (WIFEXITED(status)) result.exit_code = WEXITSTATUS(status);
    if (WIFSIGNALED(status)) result.signal = WTERMSIG(status);
    result.out = read_file(out);
    result.err = read_file(err);
    if (!options.directories.empty()) result.calls = read_log(log, options.directories);
    if (hangs) fail(command.at(0) + " does not end: " + describe(result, {}));
    return result;
}

std::vector<FaultCall> count_calls(const Command& command, const RunOptions& options) {
    RunOptions undisturbed = options;
    undisturbed.fault.reset();
    undisturbed.kill_after.reset();
    RunResult run = run_with_fault(command, undisturbed);
    if (run.exit_code != 0) fail("the undisturbed run failed: " + describe(run, {}));
    return std::move(run.calls);
}

Phases for_every_boundary(const Experiment& experiment, const Boundaries& boundaries) {
    const RunResult undisturbed = run_undisturbed(experiment);
    Phases phases;
    std::size_t runs = 0, missed = 0;
    for (std::size_t number = 1; number <= undisturbed.calls.size(); number += boundaries.every) {
        const Fault fault{.action = boundaries.action, .at = number, .kind = {}, .sticky = boundaries.sticky};
        ++runs;
        (void)run_once(experiment, {.directories = {}, .fault = fault}, [&](const RunResult& run) {
            // Another thread may not have written its own line yet when the process was killed.
            const auto found = std::ranges::find(run.calls, number, &FaultCall::number);
            if (found == run.calls.end()) {
                if (run.exit_code != 0) fail("call " + std::to_string(number) + " not reached: " + describe(run, {}));
                ++missed;
                return FaultCall{};
            }
            ++phases[phase_of(*found)];
            return *found;
        });
    }
    if (missed * 10 > runs)
        fail(std::to_string(missed) + " of " + std::to_string(runs) + " runs did not reach their call");
    return phases;
}

std::size_t met(const Phases& phases, std::string_view kind, std::string_view part) {
    std::size_t sum = 0;
    for (const auto& [phase, count] : phases) {
        const std::string_view text = phase;
        const auto space = text.find(' ');
        if (text.substr(0, space) == kind && text.substr(space + 1).find(part) != std::string_view::npos) sum += count;
    }
    return sum;
}

Phases kill_at_random_moments(const Experiment& experiment, const RandomKills& kills) {
    const RunResult undisturbed = run_undisturbed(experiment);
    auto duration = static_cast<std::uint64_t>(undisturbed.duration.count());
    SeededRandom random(kills.seed);
    Phases phases;
    std::size_t killed = 0;
    for (std::size_t attempt = 0; killed < kills.runs; ++attempt) {
        if (attempt == 5 * kills.runs) fail("most runs end before the moment at which they should be killed");
        RunOptions options;
        options.kill_after = std::chrono::nanoseconds(random.below(duration + 1));
        if (attempt % 2 != 0) {
            options.kill_after_calls = random.below(undisturbed.calls.size()) + 1;
            options.kill_after = *options.kill_after / static_cast<std::int64_t>(undisturbed.calls.size());
        }
        const auto last_call = [](const RunResult& run) { return run.calls.empty() ? FaultCall{} : run.calls.back(); };
        const RunResult run = run_once(experiment, options, last_call);
        if (run.signal != SIGKILL) {
            duration = std::min(duration, static_cast<std::uint64_t>(run.duration.count()));
            continue;
        }
        ++killed;
        ++phases[run.calls.empty() ? "start" : phase_of(run.calls.back())];
    }
    return phases;
}

std::string describe(const RunResult& run, const FaultCall& at) {
    std::string text =
        run.signal != 0 ? "signal " + std::to_string(run.signal) : "exit " + std::to_string(run.exit_code);
    if (at.number != 0) text += " at call " + std::to_string(at.number) + " (" + phase_of(at) + ")";
    text += " of " + std::to_string(run.calls.size());
    if (!run.out.empty()) text += "\nout: " + run.out;
    if (!run.err.empty()) text += "\nerr: " + run.err;
    return text;
}

}  // namespace mox::test
