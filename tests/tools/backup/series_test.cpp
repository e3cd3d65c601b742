#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "base/interrupt.hpp"
#include "cli/testing.hpp"
#include "common/snapshot/fixture.hpp"
#include "snapshot/destination.hpp"
#include "snapshot/series.hpp"
#include "support/run_program.hpp"
#include "tools/backup/backup.hpp"

using namespace mox;
using namespace mox::test;

namespace {

using Words = std::vector<std::string>;

const std::string program = MOX_BIN "/mox-backup";
constexpr std::int64_t day = 86'400;
const std::int64_t first_night = snapshot::time_of_name("2026-11-20T030000Z").value();

// A data directory of which backups are made at chosen times.
struct Nights : Source {
    fs::path folder = dir / "backups";
    FixedClock time{first_night};
    backup::Options options;

    Nights() {
        options.data_dir.data_dir = layout.root();
        options.destination = folder;
        options.keep = {.last = 2};
        options.jobs = 2;
        options.clock = &time;
    }
    cli::Exit run(cli::RecordingReporter& out) const { return backup::run(options, out); }
    cli::Exit run() const {
        cli::RecordingReporter out;
        return run(out);
    }
    void make(int nights) {
        for (int i = 0; i < nights; ++i) {
            REQUIRE(run() == cli::Exit::ok);
            time.advance(std::chrono::seconds(day));
        }
    }
    [[nodiscard]] Words names() const {
        Words found;
        for (const auto& entry : list_directory(folder))
            if (entry.name != ".mox-backup.lock") found.push_back(entry.name);
        return found;
    }
    [[nodiscard]] fs::path newest() const { return folder / names().back(); }
    [[nodiscard]] fs::path live(std::size_t index) const { return layout.root() / message(index); }
    // Changes contents, not the size; every name of the file has them then.
    static void rot(const fs::path& file) {
        std::fstream out(file, std::ios::in | std::ios::out | std::ios::binary);
        out.seekp(3);
        out.put('?');
    }
};

std::int64_t number_in(const cli::Record& record, std::string_view key) {
    return std::get<std::int64_t>(*record.find(key));
}
std::string text_in(const cli::Record& record, std::string_view key) {
    return std::get<std::string>(*record.find(key));
}

cli::Record summary_in(cli::RecordingReporter& out) {
    out.finish(0);
    return out.records_of("summary").back();
}

}  // namespace

TEST_CASE("mox-backup --keep-last keeps the last snapshots, which share unchanged messages", "[backup]") {
    Nights source;
    source.make(3);
    cli::RecordingReporter out;
    CHECK(source.run(out) == cli::Exit::ok);
    CHECK(source.names() == Words{"2026-11-22T030000Z", "2026-11-23T030000Z"});
    for (const auto& name : source.names()) require_whole(source.folder / name);
    const auto summary = summary_in(out);
    CHECK(number_in(summary, "shared") == 10);
    CHECK(number_in(summary, "copied") + number_in(summary, "reflinked") == 0);
    CHECK(number_in(summary, "kept") == 2);
    CHECK(number_in(summary, "removed") == 1);
    CHECK(text_in(summary, "previous") == "2026-11-22T030000Z");
    CHECK(text_in(summary, "destination") == (source.folder / "2026-11-23T030000Z").native());
    CHECK(out.warnings().empty());
    std::vector<std::string> told;
    for (const auto& record : out.records_of("snapshot"))
        told.push_back(text_in(record, "action") + " " + text_in(record, "name") + " " + text_in(record, "reason"));
    CHECK(told == Words{"remove 2026-11-21T030000Z no rule keeps it", "keep 2026-11-22T030000Z last 2 of 2",
                        "keep 2026-11-23T030000Z last 1 of 2"});
}

TEST_CASE("a dry run of mox-backup tells which snapshots would be kept and removed, and changes nothing", "[backup]") {
    Nights source;
    source.options.dry_run = true;
    {
        cli::RecordingReporter out;
        CHECK(source.run(out) == cli::Exit::ok);
        CHECK_FALSE(status_of(source.folder));
        CHECK_THAT(out.out_text(), Catch::Equals("would keep '2026-11-20T030000Z': last 1 of 2\n"));
    }
    source.options.dry_run = false;
    source.make(2);
    fs::create_directory(source.folder / "2026-11-21T120000Z.incomplete");
    const auto before = contents_of(source.dir.path());
    source.options.dry_run = true;
    cli::RecordingReporter out;
    CHECK(source.run(out) == cli::Exit::ok);
    CHECK(out.out_text() ==
          "would remove '2026-11-21T120000Z.incomplete': incomplete\n"
          "would keep '2026-11-22T030000Z': last 1 of 2\n"
          "would keep '2026-11-21T030000Z': last 2 of 2\n"
          "would remove '2026-11-20T030000Z': no rule keeps it\n");
    const auto summary = summary_in(out);
    CHECK(number_in(summary, "kept") == 2);
    CHECK(number_in(summary, "removed") == 1);
    CHECK(contents_of(source.dir.path()) == before);
}

TEST_CASE("a series on another file system copies first and shares afterwards", "[backup]") {
    const fs::path other_place = "/dev/shm";
    Nights source;
    struct stat here = {}, there = {};
    REQUIRE(::stat(source.layout.root().c_str(), &here) == 0);
    if (::stat(other_place.c_str(), &there) != 0 || here.st_dev == there.st_dev) {
        WARN("skipped: no other file system at " << other_place);
        return;
    }
    const TemporaryDirectory other(other_place);
    source.folder = source.options.destination = other.path() / "backups";
    source.options.link_live = true;  // cannot be: copied
    std::vector<std::int64_t> shared, copied;
    for (int i = 0; i < 3; ++i) {
        cli::RecordingReporter out;
        CHECK(source.run(out) == cli::Exit::ok);
        const auto summary = summary_in(out);
        shared.push_back(number_in(summary, "shared"));
        copied.push_back(number_in(summary, "copied"));
        CHECK(number_in(summary, "linked") == 0);
        source.time.advance(std::chrono::seconds(day));
    }
    CHECK(shared == std::vector<std::int64_t>{0, 10, 10});
    CHECK(copied == std::vector<std::int64_t>{10, 0, 0});
    CHECK(source.names().size() == 2);
    for (const auto& name : source.names()) require_whole(source.folder / name);
}

TEST_CASE("a snapshot with problems removes nothing and counts for nothing", "[backup]") {
    Nights source;
    source.make(2);
    const auto aside = source.dir / "aside";
    fs::rename(source.live(0), aside);
    for (int night = 0; night < 3; ++night) {
        cli::RecordingReporter out;
        CHECK(source.run(out) == cli::Exit::incomplete);
        CHECK(out.warnings().size() == 1);
        // The previous one has the message: nothing is lost.
        require_whole(source.newest());
        source.time.advance(std::chrono::seconds(day));
    }
    CHECK(source.names().size() == 5);
    // All is well again: the first good one replaces nothing that is needed.
    fs::rename(aside, source.live(0));
    CHECK(source.run() == cli::Exit::ok);
    CHECK(source.names() == Words{"2026-11-21T030000Z", "2026-11-22T030000Z", "2026-11-23T030000Z",
                                  "2026-11-24T030000Z", "2026-11-25T030000Z"});
    source.time.advance(std::chrono::seconds(day));
    CHECK(source.run() == cli::Exit::ok);
    CHECK(source.names() == Words{"2026-11-25T030000Z", "2026-11-26T030000Z"});
}

TEST_CASE("a corrupt database does not rotate good snapshots away, and its messages are still shared", "[backup]") {
    Nights source;
    source.options.keep = {.last = 1};
    source.make(1);
    const std::string good = read_file(source.layout.account_db("alice"));
    source.dir.write("source/accounts/alice/index.db", "garbage");
    for (nlink_t night = 0; night < 2; ++night) {
        cli::RecordingReporter out;
        CHECK(source.run(out) == cli::Exit::incomplete);
        CHECK_THAT(out.warnings().at(0), Catch::StartsWith("'accounts/alice/index.db': cannot be copied"));
        source.time.advance(std::chrono::seconds(day));
        CHECK(read_file(source.newest() / "data/accounts/alice/index.db") == "garbage");
        CHECK(deviations(source.newest()).empty());
        CHECK(status_of(source.newest() / "data" / source.message(0))->st_nlink == 2 + night);
        CHECK(snapshot::read_manifest(source.newest()).totals.messages == 5);  // bob's
    }
    CHECK(source.names().size() == 3);
    require_whole(source.folder / "2026-11-20T030000Z");
    source.dir.write("source/accounts/alice/index.db", good);
    CHECK(source.run() == cli::Exit::ok);
    CHECK(source.names() == Words{"2026-11-23T030000Z"});
    require_whole(source.newest());
}

TEST_CASE("mox-backup --verify proves a snapshot before old ones go", "[backup]") {
    Nights source;
    source.options.keep = {.last = 1};
    source.options.verify = backup::Verify::unshared;
    CHECK(source.run() == cli::Exit::ok);
    CHECK(snapshot::read_manifest(source.newest()).verification == snapshot::Verification::full);
    source.time.advance(std::chrono::seconds(day));
    {
        auto account = store::Account::open(source.layout, "alice");
        (void)store::deliver(account, "Inbox", {.received = source.clock.now()}, message_text(7));
        account.close();
    }
    CHECK(source.run() == cli::Exit::ok);
    CHECK(snapshot::read_manifest(source.newest()).verification == snapshot::Verification::unshared);
    CHECK(source.names() == Words{"2026-11-21T030000Z"});
    CHECK(deviations(source.newest()).empty());
}

TEST_CASE("damage to new files fails verification, and everything is kept", "[backup]") {
    Nights source;
    source.options.keep = {.last = 1};
    source.options.verify = backup::Verify::unshared;
    CHECK(source.run() == cli::Exit::ok);
    source.time.advance(std::chrono::seconds(day));
    std::int64_t added = 0;
    {
        auto account = store::Account::open(source.layout, "alice");
        added = number(store::deliver(account, "Inbox", {.received = source.clock.now()}, message_text(7)).id);
        account.close();
    }
    const std::string rotten = "accounts/alice/msg/" + datadir::message_path(added);
    Nights::rot(source.layout.root() / rotten);
    cli::RecordingReporter out;
    CHECK(source.run(out) == cli::Exit::failed);
    REQUIRE(out.records_of("finding").size() == 1);
    CHECK(text_in(out.records_of("finding")[0], "path") == rotten);
    CHECK(out.errors() == Words{"the snapshot does not verify, problems: 1"});
    CHECK(source.names() == Words{"2026-11-20T030000Z", "2026-11-21T030000Z"});
    const auto manifest = snapshot::read_manifest(source.newest());
    CHECK_FALSE(manifest.complete());
    CHECK(manifest.verification == snapshot::Verification::failed);
    CHECK(manifest.problems == std::vector<snapshot::Problem>{{rotten, "has other contents than were stored"}});
    CHECK(snapshot::list_series(source.folder).back().state == snapshot::SeriesState::with_problems);
    CHECK(number_in(summary_in(out), "removed") == 0);
}

TEST_CASE("a rotten shared file passes --verify, fails --verify=full, and is replaced by the next run", "[backup]") {
    Nights source;
    source.options.keep = {.last = 5};
    source.make(1);
    Nights::rot(source.newest() / "data" / source.message(1));
    source.options.verify = backup::Verify::unshared;
    CHECK(source.run() == cli::Exit::ok);
    source.time.advance(std::chrono::seconds(day));
    source.options.verify = backup::Verify::full;
    cli::RecordingReporter out;
    CHECK(source.run(out) == cli::Exit::failed);
    CHECK(text_in(out.records_of("finding").at(0), "path") == source.message(1));
    source.time.advance(std::chrono::seconds(day));
    CHECK(source.run() == cli::Exit::ok);
    require_whole(source.newest());
    CHECK(status_of(source.newest() / "data" / source.message(1))->st_nlink == 1);
    CHECK(status_of(source.newest() / "data" / source.message(2))->st_nlink == 4);
    CHECK(source.names().size() == 4);
}

TEST_CASE("a single snapshot can be verified as well", "[backup]") {
    Nights source;
    source.options.keep = {};
    source.options.verify = backup::Verify::unshared;
    CHECK(source.run() == cli::Exit::ok);
    CHECK(snapshot::read_manifest(source.folder).verification == snapshot::Verification::full);
    CHECK(deviations(source.folder).empty());
    Nights::rot(source.live(0));
    source.options.destination = source.dest;
    CHECK(source.run() == cli::Exit::failed);
    CHECK(snapshot::read_manifest(source.dest).verification == snapshot::Verification::failed);
}

TEST_CASE("what has problems is not verified", "[backup]") {
    Nights source;
    source.options.verify = backup::Verify::full;
    fs::remove(source.live(0));
    cli::RecordingReporter out;
    CHECK(source.run(out) == cli::Exit::incomplete);
    CHECK(out.records_of("finding").empty());
    CHECK(snapshot::read_manifest(source.newest()).verification == snapshot::Verification::none);
}

TEST_CASE("a clock that went back is warned of, and the new snapshot is still the newest", "[backup]") {
    Nights source;
    source.make(1);
    FixedClock behind(first_night - 3600);
    source.options.clock = &behind;
    cli::RecordingReporter out;
    CHECK(source.run(out) == cli::Exit::ok);
    CHECK(out.warnings() ==
          Words{"the clock is 3600 s behind the newest snapshot, '2026-11-20T030000Z', so this one is "
                "named '2026-11-20T030001Z'"});
    CHECK(source.names() == Words{"2026-11-20T030000Z", "2026-11-20T030001Z"});
}

TEST_CASE("what is not ours in a series is left alone, and told", "[backup]") {
    Nights source;
    source.options.keep = {.last = 1};
    source.make(1);
    source.dir.write("backups/2026-11-20T030000Z/notes", "mine");
    source.dir.write("backups/2026-11-19T030000Z/manifest.json", "damaged");
    source.dir.write("backups/other/file", "mine");
    cli::RecordingReporter out;
    CHECK(source.run(out) == cli::Exit::failed);
    REQUIRE(out.errors().size() == 1);
    CHECK_THAT(out.errors()[0], Catch::StartsWith("remove an old snapshot: ") && Catch::Contains("notes"));
    REQUIRE(out.warnings().size() == 1);
    CHECK_THAT(out.warnings()[0], Catch::StartsWith("'2026-11-19T030000Z' is left alone"));
    CHECK(source.names() == Words{"2026-11-19T030000Z", "2026-11-20T030000Z", "2026-11-21T030000Z", "other"});
    require_whole(source.folder / "2026-11-21T030000Z");
    CHECK(read_file(source.folder / "2026-11-20T030000Z/notes") == "mine");
}

TEST_CASE("an interrupted run leaves a series as it was", "[backup]") {
    Nights source;
    source.make(1);
    const auto before = contents_of(source.folder);
    set_interrupted_by(2);
    CHECK_THROWS_AS(source.run(), Interrupted);
    set_interrupted_by(0);
    CHECK(contents_of(source.folder) == before);
}

TEST_CASE("mox-backup with a series is silent in cron while all is well, and exits as ever", "[backup]") {
    const Nights source;
    const std::string root = source.layout.root().native();
    const auto quiet = run_program({program, "-q", "--data-dir", root, "--keep-daily", "7", "--verify", source.folder});
    CHECK(quiet.exit_code == 0);
    CHECK(quiet.out.empty());
    CHECK(quiet.err.empty());
    const auto json = run_program(
        {program, "--json", "--data-dir", root, "--keep-last=3", "--keep-monthly=1", "--verify=full", source.folder});
    INFO(json.out);
    CHECK(json.exit_code == 0);
    CHECK(source.names().size() == 2);
    const auto record = nlohmann::json::parse(json.out.substr(0, json.out.find('\n')));
    CHECK(record["type"] == "snapshot");
    CHECK(record["action"] == "keep");
    CHECK(record["name"] == source.names()[0]);

    struct Row {
        const char* name;
        Words words;
        int exit_code;
        std::string error;
    };
    const snapshot::Series busy(source.dir / "busy", 0700);
    const std::vector<Row> rows{
        {"zero", {"--keep-last", "0", source.dest}, 2, "--keep-last"},
        {"no number", {"--keep-daily", "x", source.dest}, 2, "--keep-daily"},
        {"unknown verification", {"--verify=all", source.dest}, 2, "is not one of new, full"},
        {"a single snapshot", {"--keep-last", "3", source.newest()}, 1, "is a single snapshot"},
        {"another run", {"--keep-last", "3", source.dir / "busy"}, 11, "another backup is working there"},
        {"no parent", {"--keep-last", "3", source.dir / "no/where"}, 10, "for the destination"},
    };
    for (const auto& row : rows) {
        INFO(row.name);
        Words words{program, "--data-dir", root};
        words.insert(words.end(), row.words.begin(), row.words.end());
        const auto done = run_program(words);
        CHECK(done.exit_code == row.exit_code);
        CHECK_THAT(done.err, Catch::Contains(row.error));
        CHECK_FALSE(status_of(source.dest));
    }
    const auto missing = run_program({program, "--data-dir", source.dir / "nowhere", "--keep-last", "3", source.dest});
    CHECK(missing.exit_code == 10);
    CHECK_FALSE(status_of(source.dest));
}
