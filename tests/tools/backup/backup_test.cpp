#include "tools/backup/backup.hpp"

#include <unistd.h>

#include <nlohmann/json.hpp>

#include "base/interrupt.hpp"
#include "cli/testing.hpp"
#include "common/snapshot/fixture.hpp"
#include "support/run_program.hpp"

using namespace mox;
using namespace mox::test;

namespace {

using Words = std::vector<std::string>;

const std::string program = MOX_BIN "/mox-backup";

// The fixture's configuration as one that load() knows how to read, as far as it matters here.
struct Installed : Source {
    std::string conf = (config / "mox.conf").native();
};

std::string last_line(const std::string& text) {
    const auto end = text.find_last_not_of('\n');
    const auto start = text.rfind('\n', end);
    return text.substr(start == std::string::npos ? 0 : start + 1, end - start);
}

}  // namespace

TEST_CASE("mox-backup makes a snapshot of data and configuration and says so in one line", "[backup]") {
    const Installed source;
    const auto done = run_program({program, "-c", source.conf, source.dest});
    INFO(done.err);
    CHECK(done.exit_code == 0);
    CHECK(done.err.empty());
    CHECK(done.out.starts_with("10 messages of 2 accounts ("));
    CHECK_THAT(done.out, Catch::Contains("0 linked, "));
    CHECK_THAT(done.out, Catch::Contains("' in "));
    CHECK(std::count(done.out.begin(), done.out.end(), '\n') == 1);
    CHECK(read_file(source.dest / "config/dkim/key.pem") == "secret");
    require_whole(source.dest);
}

TEST_CASE("mox-backup is silent in cron while all is well, and not when it is not", "[backup]") {
    const Installed source;
    const auto quiet = run_program({program, "-q", "--data-dir", source.layout.root(), source.dest});
    CHECK(quiet.exit_code == 0);
    CHECK(quiet.out.empty());
    CHECK(quiet.err.empty());
    CHECK_FALSE(status_of(source.dest / "config"));

    fs::remove(source.layout.root() / source.message(0));
    const auto loud = run_program({program, "-q", "--data-dir", source.layout.root(), source.dir / "second"});
    CHECK(loud.exit_code == 3);
    CHECK(loud.err == "mox-backup: warning: '" + source.message(0) + "': message file is missing\n");
    CHECK_FALSE(snapshot::read_manifest(source.dir / "second").complete());
}

TEST_CASE("mox-backup tells everything as JSON", "[backup]") {
    const Installed source;
    const auto done = run_program({program, "--json", "--link-live", "-c", source.conf, source.dest});
    CHECK(done.exit_code == 0);
    const auto summary = nlohmann::json::parse(last_line(done.out));
    CHECK(summary["type"] == "summary");
    CHECK(summary["messages"] == 10);
    CHECK(summary["linked"] == 10);
    CHECK(summary["complete"] == true);
    CHECK(summary["config"] == true);
    CHECK(summary["problems"] == 0);
}

TEST_CASE("a snapshot that root shares with another owner's data directory verifies in silence", "[backup]") {
    if (::geteuid() != 0) {
        WARN("skipped: only root can give files away");
        return;
    }
    const Installed source;
    constexpr uid_t server = 12'345;
    REQUIRE(::chown(source.layout.root().c_str(), server, server) == 0);
    for (const auto& entry : fs::recursive_directory_iterator(source.layout.root())) {
        REQUIRE(::lchown(entry.path().c_str(), server, server) == 0);
        if (!entry.is_symlink()) fs::permissions(entry, fs::perms::others_all, fs::perm_options::remove);
    }
    REQUIRE(run_program({program, "-q", "--link-live", "-c", source.conf, source.dest}).exit_code == 0);
    REQUIRE(status_of(source.dest / "data" / source.message(0))->st_uid == server);
    REQUIRE(status_of(source.dest / "data")->st_uid == 0);
    const auto verified = run_program({MOX_BIN "/mox-verifydata", "-q", "--read-data", source.dest});
    CHECK(verified.out + verified.err == "");
    CHECK(verified.exit_code == 0);
}

TEST_CASE("mox-backup leaves the configuration out when asked, and needs no sound one", "[backup]") {
    const Installed source;
    source.dir.write("config/mox.conf", "DataDir: ../source\nNonsense: yes\n");
    const auto done = run_program({program, "--no-config", "-c", source.conf, source.dest});
    INFO(done.err);
    CHECK(done.exit_code == 0);
    CHECK_FALSE(status_of(source.dest / "config"));
}

TEST_CASE("a dry run of mox-backup counts and writes nothing", "[backup]") {
    const Installed source;
    const auto done = run_program({program, "-n", "-c", source.conf, source.dest});
    CHECK(done.exit_code == 0);
    CHECK(done.out.starts_with("would copy 10 messages of 2 accounts ("));
    CHECK_FALSE(status_of(source.dest));
}

TEST_CASE("mox-backup ends with the exit code that the failure has", "[backup]") {
    const Installed source;
    const std::string root = source.layout.root().native();
    source.dir.write("full/file", "x");
    struct Row {
        const char* name;
        Words words;
        int exit_code;
        std::string error, hint;
    };
    const std::vector<Row> rows{
        {"no destination", {"--data-dir", root}, 2, "DEST", ""},
        {"two sources", {"--data-dir", root, "-c", source.conf, source.dest}, 2, "", ""},
        {"no such data", {"--data-dir", source.dir / "nowhere", source.dest}, 10, "no directory '", ""},
        {"no such configuration", {"-c", source.dir / "nowhere.conf", source.dest}, 10, "nowhere.conf", ""},
        {"not a data directory", {"--data-dir", source.config, source.dest}, 12, "is not a data directory", "accounts"},
        {"destination not empty",
         {"--data-dir", root, source.dir / "full"},
         1,
         "is not an empty directory",
         "new or empty folder"},
        {"destination inside", {"--data-dir", root, root + "/backup"}, 1, "inside of the data directory", "elsewhere"},
        {"no parent", {"--data-dir", root, source.dir / "no/where"}, 10, "no directory '", "mount"},
    };
    for (const auto& row : rows) {
        INFO(row.name);
        Words words{program};
        words.insert(words.end(), row.words.begin(), row.words.end());
        const auto done = run_program(words);
        INFO(done.err);
        CHECK(done.exit_code == row.exit_code);
        CHECK_THAT(done.err, Catch::Contains(row.error) && Catch::Contains(row.hint));
        CHECK(done.out.empty());
        CHECK_FALSE(status_of(source.dest));
    }
}

TEST_CASE("mox-backup that is stopped cleans up and says by which signal", "[backup]") {
    const Installed source;
    cli::RecordingReporter out;
    backup::Options options{.destination = source.dest};
    options.data_dir.data_dir = source.layout.root();
    set_interrupted_by(2);
    CHECK_THROWS_AS(backup::run(options, out), Interrupted);
    set_interrupted_by(0);
    CHECK_FALSE(status_of(source.dest));
}
