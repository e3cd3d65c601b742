#include <signal.h>

#include <catch2/catch.hpp>
#include <set>

#include "support/fault_run.hpp"
#include "support/temp_dir.hpp"

using namespace mox;
using namespace mox::test;

namespace {

Command subject(std::string what, const std::filesystem::path& path) {
    return {MOX_FAULT_SUBJECT, std::move(what), path.string()};
}

std::vector<std::string> kinds_of(const std::vector<FaultCall>& calls) {
    std::vector<std::string> kinds;
    for (const auto& call : calls) kinds.push_back(call.kind);
    return kinds;
}

}  // namespace

TEST_CASE("every kind of call that changes a file is counted, alike in every run", "[crash]") {
    std::vector<std::string> first;
    for (int i = 0; i < 3; ++i) {
        const TempDir dir;
        const auto calls = count_calls(subject("files", dir.path()), {.directories = {dir.path()}});
        for (std::size_t n = 0; n < calls.size(); ++n) CHECK(calls[n].number == n + 1);
        const auto kinds = kinds_of(calls);
        if (i == 0) first = kinds;
        CHECK(kinds == first);
    }
    const std::set<std::string> met(first.begin(), first.end());
    for (const char* kind : {"mkdir", "create", "write", "fdatasync", "truncate", "attr", "copy", "link", "symlink",
                             "rename", "unlink", "rmdir", "fsync"})
        CHECK(met.count(kind) == 1);
    CHECK(met.count("syncfs") + met.count("sync") == 1);
}

TEST_CASE("paths in the log are relative to the directory", "[crash]") {
    const TempDir dir;
    const auto calls = count_calls(subject("files", dir.path()), {.directories = {dir.path()}});
    CHECK(calls.at(0).kind == "mkdir");
    CHECK(calls.at(0).path == "folder");
    CHECK(calls.at(1).path == "a");
    std::set<std::string> renamed;
    for (const auto& call : calls)
        if (call.kind == "rename") renamed.insert(call.path);
    CHECK(renamed == std::set<std::string>{"d"});
    // Also what the C++ library does on behalf of the program.
    std::vector<std::string> of_stream;
    for (const auto& call : calls)
        if (call.path == "stream") of_stream.push_back(call.kind);
    CHECK(of_stream == std::vector<std::string>{"create", "write"});
}

TEST_CASE("relative paths and links to the directory are counted like its own path", "[crash]") {
    const TempDir dir, other;
    std::filesystem::create_directory_symlink(dir.path(), other / "link");
    const std::vector<Command> commands{
        {MOX_FAULT_SUBJECT, "atomic", (dir / "f").string(), "text"},
        {MOX_FAULT_SUBJECT, "atomic", (other / "link" / "f").string(), "text"},
        {MOX_FAULT_SUBJECT, "atomic", "f", "text"},
        {MOX_FAULT_SUBJECT, "atomic", "../" + dir.path().filename().string() + "/./f", "text"},
    };
    for (const auto& command : commands) {
        const auto calls = count_calls(command, {.directories = {dir.path()}, .working_directory = dir.path()});
        INFO(command[2]);
        CHECK(kinds_of(calls) == kinds_of(count_calls(commands[0], {.directories = {dir.path()}})));
    }
    CHECK(count_calls(commands[2], {.directories = {dir.path()}, .working_directory = other.path()}).empty());
}

TEST_CASE("a directory that does not exist yet is counted from its making on", "[crash]") {
    const TempDir dir;
    const auto calls = count_calls({"mkdir", (dir / "later").string()}, {.directories = {dir / "later"}});
    REQUIRE(calls.size() == 1);
    CHECK(calls[0].kind == "mkdir");
    CHECK(calls[0].path == ".");
}

TEST_CASE("what lies outside of the directories is not counted", "[crash]") {
    const TempDir dir;
    dir.write("there", "contents");
    const auto run = run_with_fault(subject("nothing", dir.path()), {.directories = {dir.path()}});
    CHECK(run.exit_code == 0);
    CHECK(run.out == "contents\n");
    CHECK(run.calls.empty());
}

TEST_CASE("calls of several threads are all counted, each number once", "[crash]") {
    const TempDir dir;
    const auto calls = count_calls(subject("threads", dir.path()), {.directories = {dir.path()}});
    CHECK(calls.size() == 4 * 101);
    for (std::size_t n = 0; n < calls.size(); ++n) CHECK(calls[n].number == n + 1);
}

TEST_CASE("each action happens at the call that was asked for", "[crash]") {
    struct Row {
        FaultAction action;
        int exit_code, signal;
        const char* contents;  // of the file; null: it is not there
        const char* message;
    };
    const std::vector<Row> rows{
        {FaultAction::kill, -1, SIGKILL, nullptr, ""},
        {FaultAction::kill_after, -1, SIGKILL, "twotwo", ""},
        {FaultAction::io_error, 1, 0, nullptr, "input/output error"},
        {FaultAction::no_space, 1, 0, nullptr, "no space left on device"},
        {FaultAction::read_only, 1, 0, nullptr, "read-only file system"},
        {FaultAction::terminate, -1, SIGTERM, nullptr, ""},
        {FaultAction::interrupt, -1, SIGINT, nullptr, ""},
    };
    for (const auto& row : rows) {
        const TempDir dir;
        const auto file = dir / "f";
        const auto run = run_with_fault(
            {MOX_FAULT_SUBJECT, "atomic", file.string(), "two"},
            {.directories = {dir.path()}, .fault = Fault{.action = row.action, .at = 1, .kind = "rename"}});
        INFO(describe(run, run.calls.back()));
        CHECK(run.exit_code == row.exit_code);
        CHECK(run.signal == row.signal);
        CHECK(status_of(file).has_value() == (row.contents != nullptr));
        if (row.contents != nullptr) CHECK(read_file(file) == row.contents);
        CHECK(run.err.find(row.message) != std::string::npos);
    }
}

TEST_CASE("an error happens once, or from then on when it is sticky", "[crash]") {
    struct Row {
        FaultAction action;
        bool sticky;
        bool temporary_file_stays;  // its removal fails too
    };
    for (const auto& row : {Row{FaultAction::io_error, false, false}, Row{FaultAction::io_error, true, true},
                            Row{FaultAction::read_only, true, true}, Row{FaultAction::no_space, true, false}}) {
        const TempDir dir;
        const auto run =
            run_with_fault({MOX_FAULT_SUBJECT, "atomic", (dir / "f").string(), "text"},
                           {.directories = {dir.path()},
                            .fault = Fault{.action = row.action, .at = 2, .kind = "write", .sticky = row.sticky}});
        INFO(describe(run, run.calls.back()));
        CHECK(run.exit_code == 1);
        CHECK(run.calls.back().kind == "unlink");
        CHECK(list_directory(dir.path()).size() == (row.temporary_file_stays ? 1 : 0));
    }
}

TEST_CASE("a call that is not reached disturbs nothing", "[crash]") {
    const TempDir dir;
    const auto run = run_with_fault({MOX_FAULT_SUBJECT, "atomic", (dir / "f").string(), "text"},
                                    {.directories = {dir.path()}, .fault = Fault{.at = 1000}});
    CHECK(run.exit_code == 0);
    CHECK(read_file(dir / "f") == "texttext");
}

TEST_CASE("the harness notices programs that cannot be started, fail undisturbed, or hang", "[crash]") {
    const TempDir dir;
    CHECK_THROWS(run_with_fault({(dir / "missing").string()}, {.directories = {dir.path()}}));
    CHECK_THROWS(count_calls({"false"}, {.directories = {dir.path()}}));
    CHECK_THROWS(run_with_fault({"sleep", "60"}, {.timeout = std::chrono::milliseconds(50)}));
    const auto no_check = [](const auto&, const auto&, const auto&) {};
    const Experiment quiet{.prepare = [](const auto&) { return Command{"true"}; }, .check = no_check};
    CHECK_THROWS((void)for_every_boundary(quiet, {}));
    int run = 0;  // makes fewer and fewer calls
    const Experiment unsteady{.prepare =
                                  [&](const auto& folder) {
                                      Command command{"mkdir"};
                                      for (int i = run++; i < 10; ++i)
                                          command.push_back((folder / std::to_string(i)).string());
                                      return command;
                                  },
                              .check = no_check};
    CHECK_THROWS((void)for_every_boundary(unsteady, {.action = FaultAction::kill_after}));
}
