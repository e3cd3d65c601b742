#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "support/run_program.hpp"
#include "support/temp_dir.hpp"

using namespace mox;
using test::run_program;

namespace {

namespace fs = std::filesystem;

const std::string mox_program = MOX_BIN "/mox";

// A folder with a copy of mox and of small programs that tell how they were called.
class Installation {
public:
    explicit Installation(const std::vector<std::string>& programs) {
        fs::copy_file(mox_program, folder_ / "mox");
        for (const auto& name : programs) {
            const auto path = folder_.write(name, "#!/bin/sh\necho \"${0##*/}\"\nprintf '<%s>\\n' \"$@\"\nexit 42\n");
            fs::permissions(path, fs::perms::owner_all);
        }
    }
    [[nodiscard]] std::string mox() const { return (folder_ / "mox").string(); }
    [[nodiscard]] fs::path folder() const { return folder_.path(); }

private:
    test::TempDir folder_;
};

}  // namespace

TEST_CASE("mox runs the program of the command with what follows", "[mox]") {
    struct Row {
        std::vector<std::string> words;
        std::string out;
    };
    const auto row = GENERATE(values<Row>({
        {{"backup"}, "mox-backup\n<>\n"},
        {{"backup", "--json", "-q", "a b", ""}, "mox-backup\n<--json>\n<-q>\n<a b>\n<>\n"},
        {{"backup", "--help"}, "mox-backup\n<--help>\n"},
        {{"help", "backup"}, "mox-backup\n<--help>\n"},
        {{"config", "printservice", "x"}, "mox-printservice\n<x>\n"},
        {{"printservice", "x"}, "mox-printservice\n<x>\n"},
        {{"extra", "x"}, "mox-extra\n<x>\n"},
    }));
    const Installation installed({"mox-backup", "mox-printservice", "mox-extra"});
    auto words = row.words;
    words.insert(words.begin(), installed.mox());
    const auto done = run_program(words);
    CHECK(done.exit_code == 42);
    CHECK(done.out == row.out);
    CHECK(done.err.empty());
}

TEST_CASE("mox is found through a link and through PATH", "[mox]") {
    const Installation installed({"mox-backup"});
    const test::TempDir elsewhere;
    fs::create_symlink(installed.mox(), elsewhere / "mox");
    CHECK(run_program({(elsewhere / "mox").string(), "backup"}).exit_code == 42);
    CHECK(run_program({"mox", "backup"}, {.environment = {{"PATH", installed.folder().string() + ":/usr/bin:/bin"}}})
              .exit_code == 42);
}

TEST_CASE("programs that are not beside mox are looked for in PATH", "[mox]") {
    const Installation alone({});
    const Installation other({"mox-backup"});
    const auto done =
        run_program({alone.mox(), "backup"}, {.environment = {{"PATH", other.folder().string() + ":/usr/bin:/bin"}}});
    CHECK(done.exit_code == 42);
}

TEST_CASE("mox refuses what it does not know, in one line and a hint", "[mox]") {
    struct Row {
        std::vector<std::string> words;
        std::string err;
    };
    const auto row = GENERATE(values<Row>({
        {{"bakcup"}, "mox: error: unknown command 'bakcup'\nmox: hint: did you mean 'mox backup'?\n"},
        {{"verifydata"}, "mox: error: unknown command 'verifydata'\nmox: hint: 'mox help' lists the commands\n"},
        {{"help", "nonsense"}, "mox: error: unknown command 'nonsense'\nmox: hint: 'mox help' lists the commands\n"},
        {{""}, "mox: error: unknown command ''\nmox: hint: 'mox help' lists the commands\n"},
        {{"../mox-backup"}, "mox: error: unknown command '../mox-backup'\nmox: hint: 'mox help' lists the commands\n"},
        {{"a\nb"}, "mox: error: unknown command 'a\\nb'\nmox: hint: 'mox help' lists the commands\n"},
        {{"--nonsense"}, "mox: error: unknown option '--nonsense'\nmox: hint: see 'mox --help'\n"},
        {{"version", "x"}, "mox: error: unexpected operand 'x'\nmox: hint: see 'mox version --help'\n"},
        {{"config", "nonsense"}, "mox: error: unknown command 'config'\nmox: hint: 'mox help' lists the commands\n"},
    }));
    const Installation installed({"mox-backup"});
    auto words = row.words;
    words.insert(words.begin(), installed.mox());
    const auto done = run_program(words);
    CHECK(done.exit_code == 2);
    CHECK(done.out.empty());
    CHECK(done.err == row.err);
}

TEST_CASE("mox help lists what is installed and nothing else", "[mox]") {
    const Installation installed({"mox-backup", "mox-import"});
    const auto done = run_program({installed.mox(), GENERATE("help", "--help", "-h")});
    CHECK(done.exit_code == 0);
    CHECK(done.err.empty());
    CHECK(done.out.find("  backup        Copy a data directory") != std::string::npos);
    CHECK(done.out.find("  import        ") != std::string::npos);
    CHECK(done.out.find("verifydata") == std::string::npos);
    CHECK(done.out.find("  version       ") != std::string::npos);
}

TEST_CASE("mox without a command shows its short help as an error", "[mox]") {
    const auto done = run_program({mox_program});
    CHECK(done.exit_code == 2);
    CHECK(done.out.empty());
    CHECK(done.err.starts_with("Usage: mox COMMAND"));
}

TEST_CASE("mox version tells version and license", "[mox]") {
    const auto done = run_program({mox_program, GENERATE("version", "--version")});
    CHECK(done.exit_code == 0);
    CHECK(done.err.empty());
    CHECK(done.out.starts_with("mox 0."));
    CHECK(done.out.find("\nlicense: MIT\n") != std::string::npos);

    const auto json = run_program({mox_program, "version", "--json"});
    const auto first = nlohmann::json::parse(json.out.substr(0, json.out.find('\n')));
    CHECK(first["type"] == "version");
    CHECK(first["license"] == "MIT");
    CHECK(json.out.find("\n{\"type\":\"summary\",\"exit_code\":0,") != std::string::npos);
}

TEST_CASE("a standard output that takes nothing is an error", "[mox]") {
    struct Row {
        std::string redirection, cause;
    };
    const auto row = GENERATE(values<Row>({
        {">/dev/full", "no space left on device"},
        {">&-", "bad file descriptor"},
        {">&- <&-", "bad file descriptor"},
    }));
    const auto* const json = GENERATE("--json", "--quiet", "--verbose");
    const auto done = run_program({mox_program, "version", json}, {.redirection = row.redirection});
    CHECK(done.exit_code == 1);
    CHECK(done.err == "mox: error: write 'standard output': " + row.cause + "\n");
}

TEST_CASE("a reader that goes away is an error, not a silent death", "[mox]") {
    const auto done = run_program({"bash", "-c", "{ sleep 0.2; \"$0\" version; echo $? >&2; } | true", mox_program});
    CHECK(done.err == "mox: error: write 'standard output': broken pipe\n1\n");
}

TEST_CASE("a closed standard error is no reason to fail", "[mox]") {
    CHECK(run_program({mox_program, "version"}, {.redirection = "2>&-"}).exit_code == 0);
    CHECK(run_program({mox_program, "nonsense"}, {.redirection = "2>&-"}).exit_code == 2);
}
