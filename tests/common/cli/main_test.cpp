#include "cli/main.hpp"

#include <catch2/catch.hpp>
#include <csignal>
#include <new>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/encoding.hpp"
#include "cli/testing.hpp"
#include "common/cli/example_tool.hpp"

using namespace mox;
using cli::Exit;
using cli::run_tool;
using test::example_tool;
using test::ExampleOptions;

namespace {

std::vector<nlohmann::json> json_lines(const std::string& text) {
    std::vector<nlohmann::json> out;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) out.push_back(nlohmann::json::parse(line));
    return out;
}

}  // namespace

TEST_CASE("options and operands reach the tool", "[cli]") {
    ExampleOptions seen;
    const auto tool = example_tool([&](const ExampleOptions& options, cli::Reporter&) {
        seen = options;
        return Exit::ok;
    });
    const auto done = run_tool(tool, {"--data-dir", "/srv/mox", "-j", "3", "-n", "--lock-timeout=5", "--only", "a,b",
                                      "--only", "c", "--sample", "--", "maildir", "alice", "-odd"});
    CHECK(done.exit_code == 0);
    CHECK(done.out.empty());
    CHECK(done.err == "");
    CHECK(seen.where.data_dir == "/srv/mox");
    CHECK_FALSE(seen.where.config);
    CHECK(seen.jobs == 3);
    CHECK(seen.dry_run);
    CHECK(seen.lock_timeout == std::chrono::seconds(5));
    CHECK(seen.only == std::vector<std::string>{"a", "b", "c"});
    CHECK(seen.percent == 100);
    CHECK(seen.shape == test::Shape::maildir);
    CHECK(seen.account == "alice");
    CHECK(seen.mailbox == "-odd");
}

TEST_CASE("a wrong command line is one line and a pointer, and nothing runs", "[cli]") {
    struct Row {
        std::vector<std::string> arguments;
        std::string message;
        std::string hint = "see 'mox-example --help'";
    };
    const auto row = GENERATE(values<Row>({
        {{}, "missing operand SHAPE"},
        {{"mbox"}, "missing operand ACCOUNT"},
        {{"mbox", "a", "b", "c"}, "unexpected operand 'c'"},
        {{"mbox", "a", "b", "c\nd"}, "unexpected operand 'c\\nd'"},
        {{"mbox", "a", "--dry-rum"}, "unknown option '--dry-rum'", "did you mean '--dry-run'?"},
        {{"mbox", "a", "--jbos=3"}, "unknown option '--jbos'", "did you mean '--jobs'?"},
        {{"mbox", "a", "--entirely-different"}, "unknown option '--entirely-different'"},
        {{"mbox", "a", "-x"}, "unknown option '-x'"},
        {{"tar", "a"}, "SHAPE: 'tar' is not one of mbox, maildir, archive"},
        {{"mbox", "a", "-j", "many"}, "--jobs: value many not in range 0 to 1024"},
        {{"mbox", "a", "-j", "5000"}, "--jobs: value 5000 not in range 0 to 1024"},
        {{"mbox", "a", "-j", "-1"}, "--jobs: value -1 not in range 0 to 1024"},
        {{"mbox", "a", "--lock-timeout", "-1"}, "--lock-timeout: value -1 not in range 0 to 604800"},
        {{"mbox", "a", "--jobs"}, "--jobs: 1 required N missing"},
        {{"mbox", "a", "-j", "1", "-j", "2"}, "option '--jobs' may be given only once"},
        {{"mbox", "a", "-c", "x", "--data-dir", "y"}, "--config excludes --data-dir"},
        {{"mbox", "a", "-q", "-v"}, "--quiet excludes --verbose"},
        {{"mbox", "a", "--dry-run=perhaps"}, ""},
    }));
    bool ran = false;
    const auto tool = example_tool([&](const auto&, auto&) {
        ran = true;
        return Exit::ok;
    });
    CAPTURE(row.arguments);
    const auto done = run_tool(tool, row.arguments);
    CHECK(done.exit_code == 2);
    CHECK_FALSE(ran);
    CHECK(done.out.empty());
    if (!row.message.empty())
        CHECK(done.err == "mox-example: error: " + row.message + "\nmox-example: hint: " + row.hint + "\n");
    CHECK(std::count(done.err.begin(), done.err.end(), '\n') == 2);
}

TEST_CASE("each way to end has its exit code", "[cli]") {
    struct Row {
        std::function<Exit()> work;
        int exit_code;
        std::string err;
        std::string json_code;
    };
    const auto failing = [](Errc code) { return [code]() -> Exit { throw Error(code, "it"); }; };
    const std::string it = "mox-example: error: it\n";
    const auto row = GENERATE_COPY(values<Row>({
        {[] { return Exit::ok; }, 0, "", ""},
        {[] { return Exit::failed; }, 1, "", ""},
        {[] { return Exit::incomplete; }, 3, "", ""},
        {failing(Errc::failed), 1, it, "failed"},
        {failing(Errc::corrupt), 1, it, "corrupt"},
        {failing(Errc::no_space), 1, it, "no_space"},
        {failing(Errc::usage), 2, it + "mox-example: hint: see 'mox-example --help'\n", "usage"},
        {failing(Errc::not_found), 10, it, "not_found"},
        {failing(Errc::locked), 11, it, "locked"},
        {failing(Errc::newer_version), 12, it, "newer_version"},
        {failing(Errc::unknown_format), 12, it, "unknown_format"},
        {[]() -> Exit { throw Error(Errc::locked, "it", "wait"); }, 11, it + "mox-example: hint: wait\n", "locked"},
        {[]() -> Exit { throw Interrupted(SIGINT); }, 130, "mox-example: error: interrupted\n", "interrupted"},
        {[]() -> Exit { throw Interrupted(SIGTERM); }, 143, "mox-example: error: interrupted\n", "interrupted"},
        {[]() -> Exit { throw std::bad_alloc(); }, 1, "mox-example: error: not enough memory\n", "failed"},
        {[]() -> Exit { throw std::logic_error("oops"); }, 70,
         "mox-example: error: internal error: oops\n"
         "mox-example: hint: this is a bug; please report it with the command that led to it\n",
         "internal"},
    }));
    const auto tool = example_tool([&](const auto&, auto&) { return row.work(); });
    const auto text = run_tool(tool, {"mbox", "alice"});
    CHECK(text.exit_code == row.exit_code);
    CHECK(text.err == row.err);
    CHECK(text.out.empty());

    const auto json = run_tool(tool, {"mbox", "alice", "--json"});
    CHECK(json.exit_code == row.exit_code);
    CHECK(json.err.empty());
    const auto lines = json_lines(json.out);
    REQUIRE(lines.size() == (row.json_code.empty() ? 1 : 2));
    CHECK(lines.back()["type"] == "summary");
    CHECK(lines.back()["exit_code"] == row.exit_code);
    CHECK(lines.back()["errors"] == (row.json_code.empty() ? 0 : 1));
    if (row.json_code.empty()) return;
    CHECK(lines.front()["type"] == "error");
    CHECK(lines.front()["code"] == row.json_code);
}

TEST_CASE("a wrong command line is told as JSON where that was asked for", "[cli]") {
    const auto done = run_tool(example_tool(), {"--json", "mbox", "a", "--nonsense"});
    CHECK(done.exit_code == 2);
    CHECK(done.err.empty());
    const auto lines = json_lines(done.out);
    REQUIRE(lines.size() == 2);
    CHECK(lines[0] == nlohmann::json{{"type", "error"},
                                     {"code", "usage"},
                                     {"message", "unknown option '--nonsense'"},
                                     {"hint", "see 'mox-example --help'"}});
    CHECK(done.out.starts_with("{\"type\":\"error\","));
}

TEST_CASE("help fits a screen and tells operands, defaults, units, examples and exit codes", "[cli]") {
    const auto done = run_tool(example_tool(), {"mbox", "--help", "--nonsense"});
    CHECK(done.exit_code == 0);
    CHECK(done.err.empty());
    for (const std::string part :
         {"Show what a command can have.\n", "Usage: mox-example [options] SHAPE ACCOUNT [MAILBOX]\n",
          "form of the mail: mbox, maildir or archive\n", "-c, --config FILE", "--lock-timeout SECONDS",
          "(default: 30)", "--only CHECK", "--sample[=PERCENT]", "Examples:", "  mox-example mbox alice Inbox\n",
          "Exit codes:\n", "  11  locked by another process\n"}) {
        INFO(part);
        CHECK(done.out.find(part) != std::string::npos);
    }
    CHECK(done.out.find("hidden") == std::string::npos);
    CHECK(std::count(done.out.begin(), done.out.end(), '\n') < 50);
    std::istringstream in(done.out);
    for (std::string line; std::getline(in, line);) CHECK(line.size() <= 100);
}

TEST_CASE("the version is one line", "[cli]") {
    const auto done = run_tool(example_tool(), {"--version"});
    CHECK(done.exit_code == 0);
    CHECK(done.out.starts_with("mox-example 0."));
    const auto lines = json_lines(run_tool(example_tool(), {"--version", "--json"}).out);
    REQUIRE(lines.size() == 2);
    CHECK(lines[0]["type"] == "version");
    CHECK(lines[0]["program"] == "mox-example");
}

TEST_CASE("--help after -- is an operand", "[cli]") {
    std::string account;
    const auto tool = example_tool([&](const ExampleOptions& options, auto&) {
        account = options.account;
        return Exit::ok;
    });
    CHECK(run_tool(tool, {"mbox", "--", "--help"}).exit_code == 0);
    CHECK(account == "--help");
}

TEST_CASE("the configuration file is the option, the environment, or the default", "[cli]") {
    ::unsetenv("MOXCONF");
    CHECK(cli::config_file({}) == "config/mox.conf");
    ::setenv("MOXCONF", "", 1);
    CHECK(cli::config_file({}) == "config/mox.conf");
    ::setenv("MOXCONF", "/etc/mox.conf", 1);
    CHECK(cli::config_file({}) == "/etc/mox.conf");
    CHECK(cli::config_file({.config = "x"}) == "x");
    ::unsetenv("MOXCONF");
}

TEST_CASE("results that standard output does not take turn success into failure", "[cli]") {
    class Full final : public cli::Output {
    public:
        void write(std::string_view) override {}
        void flush() override { throw Error(Errc::no_space, "write 'standard output': no space left on device"); }
    };
    const auto result = GENERATE(Exit::ok, Exit::incomplete, Exit::not_found);
    const auto tool = example_tool([&](const auto&, cli::Reporter& out) {
        out.result(cli::Record("row", "row"));
        return result;
    });
    Full full;
    cli::StringOutput err;
    const int exit_code = cli::run(tool, {"mbox", "alice"}, full, err);
    CHECK(exit_code == (result == Exit::not_found ? 10 : 1));
    CHECK(err.text() == "mox-example: error: write 'standard output': no space left on device\n");
}
