#include "cli/completion.hpp"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <sstream>

#include "cli/testing.hpp"
#include "common/cli/example_tool.hpp"
#include "support/run_program.hpp"
#include "support/temp_dir.hpp"

using namespace mox;
using cli::Shell;
using test::example_tool;
using Words = std::vector<std::string>;

namespace {

Words sorted_lines(const std::string& text) {
    Words out;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) out.push_back(line);
    std::sort(out.begin(), out.end());
    return out;
}

// A folder with the scripts of the example, a program that answers --complete as it would, and some files.
class Place {
public:
    Place() {
        for (const auto shell : {Shell::bash, Shell::zsh, Shell::fish}) {
            folder_.write(cli::completion_path("mox-example", shell), cli::completion_script(example_tool(), shell));
            const cli::Tool mox{.summary = "Run.", .program = "mox"};
            folder_.write(cli::completion_path("mox", shell),
                          cli::dispatcher_script(mox, {{"example", "Show what 'it' can have."}}, shell));
        }
        // Tells what it was asked on the way.
        const auto program = folder_.write("mox-example",
                                           "#!/bin/sh\nprintf '%s\\n' \"$@\" >asked\ncase $2 in\n"
                                           "accounts) printf 'alice\\nbob\\n' ;;\n"
                                           "mailboxes) printf 'Inbox\\nSent Items\\n' ;;\nesac\n");
        ::chmod(program.c_str(), 0755);
        folder_.write("some file.mbox", "");
        folder_.write("somedir/x", "");
    }
    [[nodiscard]] std::string folder() const { return folder_.path().string(); }

    // What bash would put on the line for these words, the last being the one under the cursor.
    [[nodiscard]] Words bash(const std::string& script, const Words& words) const {
        std::string command = "source bash/" + script + "; COMP_WORDS=(";
        for (const auto& word : words) command += test::shell_word(word) + " ";
        command += "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); f=$(complete -p " + script +
                   "); f=${f#*-F }; ${f%% *}; ((${#COMPREPLY[@]})) && printf '%s\\n' \"${COMPREPLY[@]}\"; true";
        return answer({"bash", "--norc", "-c", command});
    }
    [[nodiscard]] Words fish(const std::string& line) const {
        const auto lines = answer({"fish", "--no-config", "-c",
                                   "set fish_complete_path fish; source fish/mox-example.fish; source fish/mox.fish; "
                                   "complete -C " +
                                       test::shell_word(line)});
        Words out;
        for (const auto& text : lines) out.push_back(text.substr(0, text.find('\t')));
        return out;
    }
    // The line after Tab, in a zsh on a terminal of its own.
    [[nodiscard]] std::string zsh(const std::string& line) const {
        folder_.write("ask.zsh", R"(
zmodload zsh/zpty
rm -f buffer
zpty z zsh -f -i
zpty -w z 'fpath=(zsh $fpath); autoload -Uz compinit; compinit -u -D; LISTMAX=0'
zpty -w z 'show() { print -r -- $BUFFER >buffer.new; mv buffer.new buffer }; zle -N show; bindkey "^X^X" show'
zpty -w z 'print REA""DY'
zpty -r z ignored '*READY*'
zpty -w -n z "$1"$'\t'
zpty -w -n z $'\C-x\C-x'
for try in {1..200}; do [[ -e buffer ]] && break; sleep 0.05; done
zpty -d z
cat buffer
)");
        const auto lines = answer({"zsh", "-f", "ask.zsh", line});
        return lines.empty() ? "" : lines.front();
    }
    [[nodiscard]] Words asked() const { return sorted_lines(read_file(folder_ / "asked")); }

private:
    [[nodiscard]] Words answer(const Words& words) const {
        const auto done = test::run_program(
            words, {.environment = {{"PATH", folder() + ":/usr/bin:/bin"}, {"HOME", folder()}}, .directory = folder()});
        CHECK(done.err == "");
        return sorted_lines(done.out);
    }
    test::TempDir folder_;
};

const Words options{"--config",
                    "--data-dir",
                    "--dry-run",
                    "--help",
                    "--jobs",
                    "--json",
                    "--lock-timeout",
                    "--no-progress",
                    "--only",
                    "--quiet",
                    "--sample",
                    "--verbose",
                    "--version",
                    "-c",
                    "-h",
                    "-j",
                    "-n",
                    "-q",
                    "-v"};

}  // namespace

TEST_CASE("bash completes options, choices, names and files", "[cli][completion]") {
    struct Row {
        Words words;
        Words expected;
    };
    const auto row = GENERATE(values<Row>({
        {{"-"}, options},
        {{"--lo"}, {"--lock-timeout"}},
        {{"--hid"}, {}},
        {{""}, {"archive", "maildir", "mbox"}},
        {{"m"}, {"maildir", "mbox"}},
        {{"-n", "ma"}, {"maildir"}},
        {{"-j", ""}, {}},
        {{"-j", "3", "ma"}, {"maildir"}},
        {{"mbox", ""}, {"alice", "bob"}},
        {{"mbox", "b"}, {"bob"}},
        {{"--data-dir", "/x", "mbox", "--only", "y", "a"}, {"alice"}},
        {{"--data-dir", "=", "/x", "mbox", "a"}, {"alice"}},
        {{"mbox", "alice", "S"}, {"Sent\\ Items"}},
        {{"mbox", "alice", "Sent\\ I"}, {"Sent\\ Items"}},
        {{"mbox", "alice", "'S"}, {"Sent Items"}},
        {{"mbox", "alice", "Inbox", ""}, {}},
        {{"--data-dir", "some"}, {"somedir"}},
        {{"--data-dir", "=", "some"}, {"somedir"}},
        {{"-c", "some"}, {"some file.mbox", "somedir"}},
        {{"--", "mbox", "a"}, {"alice"}},
        {{"--", "-"}, {}},
    }));
    CAPTURE(row.words);
    const Place place;
    auto words = row.words;
    words.insert(words.begin(), "mox-example");
    CHECK(place.bash("mox-example", words) == row.expected);
    words.insert(words.begin(), "mox");
    words[1] = "example";
    CHECK(place.bash("mox", words) == row.expected);
}

TEST_CASE("bash tells the program what is on the line", "[cli][completion]") {
    const Place place;
    CHECK(place.bash("mox-example", {"mox-example", "--data-dir", "'/a b'", "mbox", ""}).size() == 2);
    CHECK(place.asked() == Words{"--complete", "--data-dir", "/a b", "accounts", "mbox"});
}

TEST_CASE("bash completes the dispatcher's commands", "[cli][completion]") {
    const Place place;
    CHECK(place.bash("mox", {"mox", ""}).size() == 3 + 9);
    CHECK(place.bash("mox", {"mox", "ex"}) == Words{"example"});
    CHECK(place.bash("mox", {"mox", "help", ""}) == Words{"example"});
    CHECK(place.bash("mox", {"mox", "version", "--js"}) == Words{"--json"});
    CHECK(place.bash("mox", {"mox", "nonsense", ""}).empty());
}

TEST_CASE("fish completes options, choices, names and files", "[cli][completion]") {
    struct Row {
        std::string line;
        Words expected;
    };
    const auto row = GENERATE(values<Row>({
        {" --lo", {"--lock-timeout"}},
        {" --hid", {}},
        {" m", {"maildir", "mbox"}},
        {" -j 3 ma", {"maildir"}},
        {" mbox ", {"alice", "bob"}},
        {" --data-dir /x mbox b", {"bob"}},
        {" mbox alice S", {"Sent Items"}},
        {" --data-dir some", {"somedir/"}},
        {" -n -- mbox a", {"alice"}},
    }));
    CAPTURE(row.line);
    const Place place;
    CHECK(place.fish("mox-example" + row.line) == row.expected);
    CHECK(place.fish("mox example" + row.line) == row.expected);
}

TEST_CASE("fish completes the dispatcher's commands", "[cli][completion]") {
    const Place place;
    CHECK(place.fish("mox ") == Words{"example", "help", "version"});
    CHECK(place.fish("mox help ") == Words{"example"});
}

TEST_CASE("zsh completes options, choices, names and files", "[cli][completion]") {
    struct Row {
        std::string line, expected;
    };
    const auto row = GENERATE(values<Row>({
        {" --lo", " --lock-timeout="},
        {" mai", " maildir "},
        {" -n -j 3 arc", " -n -j 3 archive "},
        {" mbox al", " mbox alice "},
        {" mbox alice Se", " mbox alice Sent\\ Items "},
        {" --data-dir somed", " --data-dir somedir/"},
        {" -c some\\ ", " -c some\\ file.mbox "},
        {" --hid", " --hid"},
    }));
    const Place place;
    CHECK(place.zsh("mox-example" + row.line) == "mox-example" + row.expected);
    CHECK(place.zsh("mox example" + row.line) == "mox example" + row.expected);
}

TEST_CASE("zsh completes the dispatcher's commands", "[cli][completion]") {
    const Place place;
    CHECK(place.zsh("mox exa") == "mox example ");
    CHECK(place.zsh("mox help exa") == "mox help example ");
    CHECK(place.zsh("mox version --js") == "mox version --json ");
    CHECK(place.zsh("mox --js") == "mox --json ");
}

TEST_CASE("zsh accepts the scripts", "[cli][completion]") {
    const Place place;
    for (const char* script : {"zsh/_mox", "zsh/_mox-example"}) {
        const auto done = test::run_program({"zsh", "-f", "-n", place.folder() + "/" + script});
        CHECK(done.err == "");
        CHECK(done.exit_code == 0);
    }
}

TEST_CASE("--complete prints names, whatever else is on the line", "[cli][completion]") {
    struct Row {
        Words arguments;
        std::string out;
    };
    const auto row = GENERATE(values<Row>({
        {{"accounts"}, "alice\nbob\no'hara\n"},
        {{"mailboxes", "mbox", "alice"}, "Inbox\nSent Items\nalice/Lists\n"},
        {{"mailboxes", "--nonsense", "-q", "mbox", "alice"}, "Inbox\nSent Items\nalice/Lists\n"},
        {{"mailboxes", "nonsense"}, "Inbox\nSent Items\n/Lists\n"},
        {{"nonsense"}, ""},
    }));
    auto arguments = row.arguments;
    arguments.insert(arguments.begin(), "--complete");
    const auto done = cli::run_tool(example_tool(), arguments);
    CHECK(done.exit_code == 0);
    CHECK(done.out == row.out);
    CHECK(done.err.empty());
}

TEST_CASE("accounts are the folders of the data directory unless the tool knows better", "[cli][completion]") {
    const test::TempDir data;
    data.write("accounts/alice/index.db", "");
    data.write("accounts/bob/index.db", "");
    data.write("accounts/stray", "");
    auto tool = example_tool();
    tool.complete = nullptr;
    const auto path = data.path().string();
    CHECK(cli::run_tool(tool, {"--complete", "accounts", "--data-dir", path, "mbox"}).out == "alice\nbob\n");
    CHECK(cli::run_tool(tool, {"--complete", "accounts"}).out.empty());
    CHECK(cli::run_tool(tool, {"--complete", "mailboxes", "--data-dir", path}).out.empty());
    const auto missing = cli::run_tool(tool, {"--complete", "accounts", "--data-dir", path + "/none"});
    CHECK(missing.exit_code == 1);
    CHECK(missing.out.empty());
    CHECK(missing.err.empty());
}
