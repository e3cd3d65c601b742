#include <nlohmann/json.hpp>

#include "fixture.hpp"
#include "support/run_program.hpp"

using namespace mox;
using namespace mox::test;

namespace {

const std::string program = MOX_BIN "/mox-import";
constexpr std::string_view two =
    "From ann Mon Jan  2 15:04:05 2006\nX-Keywords: () yes\n\nx\n\nFrom ann Mon Jan  2 15:04:05 2006\n\ny\n";

std::vector<nlohmann::json> json_lines(const std::string& text) {
    std::vector<nlohmann::json> lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) lines.push_back(nlohmann::json::parse(line));
    return lines;
}

std::vector<std::string> words(const ImportFixture& fixture, const std::vector<std::string>& rest) {
    std::vector<std::string> all{program, "--data-dir", fixture.layout().root().string()};
    all.insert(all.end(), rest.begin(), rest.end());
    return all;
}

}  // namespace

TEST_CASE("mox-import reads an mbox from standard input", "[import]") {
    const ImportFixture fixture;
    const auto mbox = fixture.folder().write("in.mbox", two);
    const auto from_file =
        run_program(words(fixture, {"mbox", "alice", "Inbox", "-"}), {.redirection = "<" + shell_word(mbox.string())});
    INFO(from_file.err);
    CHECK(from_file.exit_code == 0);
    CHECK(from_file.out.starts_with("imported 2 messages ("));
    CHECK(from_file.err == "mox-import: warning: standard input:1: '()' cannot be a keyword: " +
                               std::string(model::keyword_problem("()")) + "\n");
    std::string pipe;
    for (const auto& word : words(fixture, {"-q", "mbox", "alice", "Inbox", "-"})) pipe += " " + shell_word(word);
    const auto from_pipe = run_program({"sh", "-c", "cat " + shell_word(mbox.string()) + " |" + pipe});
    CHECK(from_pipe.exit_code == 0);
    CHECK(from_pipe.out.empty());
    CHECK(fixture.messages().size() == 4);
    CHECK(run_program(words(fixture, {"mbox", "alice", "Inbox", "-"}))
              .out.starts_with("imported 0 messages (0 bytes) into 'Inbox'"));
    fixture.require_consistent();
}

TEST_CASE("mox-import fails when standard input does", "[import]") {
    const ImportFixture fixture;
    const auto before = fixture.state();
    const auto closed = run_program(words(fixture, {"mbox", "alice", "New", "-"}), {.redirection = "<&-"});
    INFO(closed.err);
    CHECK(closed.exit_code == 1);
    CHECK(closed.err.find("standard input") != std::string::npos);
    const auto folder = run_program(words(fixture, {"mbox", "alice", "New", "-"}), {.redirection = "</"});
    CHECK(folder.exit_code == 1);
    CHECK(folder.err.find("standard input") != std::string::npos);
    CHECK(run_program(words(fixture, {"maildir", "alice", "New", "-"})).exit_code == 2);
    CHECK(fixture.state() == before);
}

TEST_CASE("mox-import is undone by the signals that stop a program", "[import]") {
    const ImportFixture fixture;
    const auto before = fixture.state();
    std::string command;
    for (const auto& word : words(fixture, {"mbox", "alice", "New", "-"})) command += " " + shell_word(word);
    // The pipe stays open: the import waits for more when the signal comes.
    const auto fifo = (fixture.folder() / "fifo").string();
    const auto messages = fixture.layout().messages("alice").string();
    const auto script =
        "mkfifo " + shell_word(fifo) + "; " + command + " <" + shell_word(fifo) + " & pid=$!; exec 3>" +
        shell_word(fifo) +
        "; i=0; while [ $i -lt 50 ]; do printf 'From a Mon Jan  2 15:04:05 2006\\n\\nx\\n\\n' >&3; i=$((i+1)); done; "
        "until [ -n \"$(find " +
        shell_word(messages) +
        " -type f 2>/dev/null)\" ]; do sleep 0.05; done; "
        "kill -TERM $pid; wait $pid";
    const auto done = run_program({"bash", "-c", script});
    INFO(done.err);
    CHECK(done.exit_code == 143);
    CHECK(done.out.empty());
    CHECK(done.err == "mox-import: error: interrupted\n");
    CHECK(fixture.state() == before);
}

TEST_CASE("mox-import --json says everything in lines with a summary at the end", "[import]") {
    const ImportFixture fixture;
    const auto mbox = fixture.folder().write("in.mbox", two);
    const auto lines = json_lines(run_program(words(fixture, {"--json", "mbox", "alice", "inbox", mbox.string()})).out);
    REQUIRE(lines.size() == 2);
    CHECK(lines[0]["type"] == "warning");
    CHECK(lines[1]["type"] == "summary");
    CHECK(lines[1]["account"] == "alice");
    CHECK(lines[1]["mailbox"] == "Inbox");
    CHECK(lines[1]["messages"] == 2);
    CHECK(lines[1]["size_bytes"] == 30);
    CHECK(lines[1]["failed"] == 0);
    CHECK(lines[1]["rejected_keywords"] == 1);
    CHECK(lines[1]["dry_run"] == false);
    CHECK(lines[1]["elapsed_seconds"].is_number_float());
    CHECK(lines[1]["exit_code"] == 0);
    CHECK(lines[1]["warnings"] == 1);

    const auto failed = json_lines(run_program(words(fixture, {"--json", "mbox", "bob", "inbox", mbox.string()})).out);
    REQUIRE(failed.size() == 2);
    CHECK(failed[0]["type"] == "error");
    CHECK(failed[0]["code"] == "not_found");
    CHECK(failed[1]["exit_code"] == 10);
}

TEST_CASE("--dry-run writes nothing and reports the numbers of the real run", "[import]") {
    const ImportFixture fixture;
    const fs::path mail = fs::path(MOX_TESTDATA) / "mail";
    const std::string format = GENERATE("mbox", "maildir");
    const auto run = [&](const std::vector<std::string>& options) {
        auto all = words(fixture, options);
        all.insert(all.end(), {"--json", format, "alice", "New/Mailbox", (mail / ("sample." + format)).string()});
        const auto done = run_program(all);
        CHECK(done.exit_code == 0);
        auto lines = json_lines(done.out);
        lines.back().erase("elapsed_seconds");
        lines.back().erase("dry_run");
        return lines;
    };
    const auto before = dump_tree(fixture.layout().root());
    const auto dry = run({"--dry-run"});
    CHECK(dump_tree(fixture.layout().root()) == before);
    CHECK(run({}) == dry);
    CHECK(dry.back()["messages"] > 20);
    fixture.require_consistent();
}

TEST_CASE("a flood of warnings is cut short and counted", "[import]") {
    const ImportFixture fixture;
    std::string mbox;
    for (int i = 0; i < 30; ++i) mbox += "From ann Mon Jan  2 15:04:05 2006\n\na\rb\n\n";
    const auto done = fixture.import_text(mbox);
    CHECK(done.exit_code == 0);
    CHECK(std::count(done.err.begin(), done.err.end(), '\n') == 6);
    CHECK(done.err.find("warning: 25 more of the kind: messages with odd bytes, kept as they are\n") !=
          std::string::npos);
}
