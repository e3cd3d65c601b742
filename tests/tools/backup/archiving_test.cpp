#include <nlohmann/json.hpp>

#include "common/snapshot/fixture.hpp"
#include "support/run_program.hpp"

using namespace mox;
using namespace mox::test;

namespace {

const std::string program = MOX_BIN "/mox-backup";

std::vector<std::string> command(const Source& source, std::vector<std::string> more) {
    more.insert(more.begin(), {program, "-c", (source.config / "mox.conf").native()});
    return more;
}

}  // namespace

TEST_CASE("mox-backup writes an archive and says so in one line", "[backup][archive]") {
    const Source source;
    const fs::path file = source.dir / "mox.tgz";
    const auto done = run_program(command(source, {"--archive", file, "--compression-level", "1", "--json"}));
    INFO(done.out << done.err);
    REQUIRE(done.exit_code == 0);
    const auto summary = nlohmann::json::parse(done.out);
    CHECK(summary["destination"] == file.native());
    CHECK(summary["messages"] == 10);
    CHECK(run_program({"gzip", "-t", file}).exit_code == 0);
    // Problems are as in a folder.
    fs::remove(source.layout.root() / source.message(0));
    const auto loud = run_program(command(source, {"-q", "--archive", source.dir / "second.tar"}));
    CHECK(loud.exit_code == 3);
    CHECK(loud.err == "mox-backup: warning: '" + source.message(0) + "': message file is missing\n");
}

TEST_CASE("mox-backup --archive=- writes the archive to standard output and nothing else", "[backup][archive]") {
    const Source source;
    const auto format = GENERATE(std::string("tar.zst"), std::string("tar"));
    auto words = command(source, {"--archive=-"});
    if (format == "tar") words.emplace_back("--archive-format=tar");
    fs::create_directory(source.dir / "tmp");
    const auto done = run_program(
        words, {.environment = {{"TMPDIR", source.dir / "tmp"}}, .redirection = ">" + (source.dir / "out").native()});
    INFO(done.err);
    CHECK(done.exit_code == 0);
    CHECK(done.err.empty());
    CHECK(fs::is_empty(source.dir / "tmp"));
    fs::create_directory(source.dir / "unpacked");
    const auto tar = run_program({"tar", "-C", source.dir / "unpacked", "-xf", source.dir / "out"});
    CHECK(tar.exit_code == 0);
    require_whole(source.dir / "unpacked");
}

TEST_CASE("mox-backup fails when standard output does not take the archive", "[backup][archive]") {
    const Source source;
    fs::create_directory(source.dir / "tmp");
    for (const auto* redirection : {">/dev/full", ">&-"}) {
        const auto done = run_program(command(source, {"--archive=-"}),
                                      {.environment = {{"TMPDIR", source.dir / "tmp"}}, .redirection = redirection});
        INFO(redirection);
        CHECK(done.exit_code == 1);
        CHECK_THAT(done.err, Catch::Contains("'standard output'"));
        CHECK(fs::is_empty(source.dir / "tmp"));
    }
    // A reader that goes away early.
    std::string shell = "{ ";
    for (const auto& word : command(source, {"--archive=-", "--archive-format=tar"})) shell += shell_word(word) + " ";
    shell += "; echo $? >" + shell_word((source.dir / "status").native()) + "; } | head -c 1000 >/dev/null";
    for (int i = 0; i < 200; ++i)
        source.dir.write("config/more/" + std::to_string(i), std::string(20'000, static_cast<char>('a' + i % 26)));
    const auto piped = run_program({"/bin/sh", "-c", shell});
    CHECK(read_file(source.dir / "status") == "1\n");
    CHECK_THAT(piped.err, Catch::Contains("broken pipe"));
}

TEST_CASE("mox-backup refuses options of archives that do not go together", "[backup][archive]") {
    const Source source;
    struct Row {
        std::vector<std::string> words;
        const char* message;
    };
    const std::string file = source.dir / "x.tar.zst";
    const std::vector<Row> rows{
        {{}, "DEST is missing"},
        {{"--archive", file, source.dest}, "either DEST or --archive FILE"},
        {{"--archive", file, "--link-live"}, "--link-live is for a folder"},
        {{"--archive", source.dir / "x.zip"}, "no format of archives"},
        {{"--archive", source.dir / "x.tar", "--compression-level=1"}, "a tar is not compressed"},
        {{"--archive", file, "--compression-level=23"}, "is from 1 to 22, not 23"},
        {{"--archive", file, "--archive-format=tar.gz", "--compression-level=10"}, "is from 1 to 9, not 10"},
        {{"--archive=-", "--json"}, "both write to standard output"},
        {{"--archive-format=tar", source.dest}, "is for --archive"},
        {{"--compression-level=3", source.dest}, "is for --archive"},
    };
    for (const auto& row : rows) {
        const auto done = run_program(command(source, row.words));
        INFO(done.out << done.err);
        CHECK(done.exit_code == 2);
        CHECK_THAT(done.out + done.err, Catch::Contains(row.message));
        CHECK_FALSE(status_of(file));
        CHECK_FALSE(status_of(source.dest));
    }
}

TEST_CASE("mox-backup --dry-run looks at an archive's place", "[backup][archive]") {
    const Source source;
    const auto done = run_program(command(source, {"-n", "--archive", source.dir / "x.tar"}));
    CHECK(done.exit_code == 0);
    CHECK_THAT(done.out, Catch::StartsWith("would copy 10 messages"));
    CHECK_FALSE(status_of(source.dir / "x.tar"));
}
