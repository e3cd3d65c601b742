#include "snapshot/series.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include "base/interrupt.hpp"
#include "common/snapshot/fixture.hpp"
#include "snapshot/destination.hpp"

using namespace mox;
using namespace mox::test;
using snapshot::SeriesState;

namespace {

using Names = std::vector<std::string>;

// A series with snapshots made at times chosen by the test.
struct Kept : Source {
    fs::path folder = dir / "series";

    std::string add(const std::string& name) {
        const snapshot::Series series(folder, 0700);
        snapshot::NewSnapshot fresh(series, name);
        FixedClock then(snapshot::time_of_name(name).value());
        auto options = Source::options();
        options.clock = &then;
        options.previous = snapshot::newest_complete(folder, snapshot::list_series(folder));
        Hearing hearing;
        (void)snapshot::take(options, fresh.path(), hearing);
        fresh.publish();
        return name;
    }
    [[nodiscard]] Names names() const {
        Names found;
        for (const auto& entry : list_directory(folder))
            if (entry.name != ".mox-backup.lock") found.push_back(entry.name);
        return found;
    }
};

std::map<std::string, SeriesState> states_of(const fs::path& folder) {
    std::map<std::string, SeriesState> found;
    for (const auto& entry : snapshot::list_series(folder)) found[entry.name] = entry.state;
    return found;
}

template <class Work>
Error error_of(Work&& work) {
    try {
        work();
    } catch (const Error& error) {
        return error;
    }
    FAIL("no error");
    return {Errc::failed, ""};
}

}  // namespace

TEST_CASE("names of snapshots are moments in UTC, and nothing else is one", "[snapshot]") {
    CHECK(snapshot::snapshot_name(1'795'316'400) == "2026-11-22T030000Z");
    CHECK(snapshot::time_of_name("2026-11-22T030000Z") == 1'795'316'400);
    for (const std::string bad : {"", "2026-11-22", "2026-11-22T03:00:00Z", "2026-11-22T030000", "2026-11-22T030000z",
                                  "2026-02-30T030000Z", "2026-11-22T240000Z", "2026-11-22T030060Z",
                                  "2026-11-22T030000Z.incomplete", "2026-11-22 030000Z", "20261-1-22T03000Z", "x"})
        CHECK_FALSE(snapshot::time_of_name(bad));
    CHECK_THROWS_AS(snapshot::snapshot_name(300'000'000'000), Error);
}

TEST_CASE("a series lists what is dated, and says what state it is in", "[snapshot]") {
    Kept source;
    source.add("2026-11-20T030000Z");
    source.add("2026-11-21T030000Z");
    source.dir.write("series/2026-11-21T030000Z/manifest.json", "{}");
    fs::remove(source.layout.root() / source.message(0));
    fs::remove_all(source.folder / "2026-11-20T030000Z/data" / source.message(0));
    source.add("2026-11-22T030000Z");
    fs::create_directories(source.folder / "2026-11-23T030000Z/data");
    fs::create_directories(source.folder / "2026-11-24T030000Z.incomplete");
    source.dir.write("series/2026-11-25T030000Z", "a file");
    fs::create_directories(source.folder / "lost+found");
    source.dir.write("series/notes", "mine");
    const std::map<std::string, SeriesState> expected{{"2026-11-20T030000Z", SeriesState::complete},
                                                      {"2026-11-21T030000Z", SeriesState::unreadable},
                                                      {"2026-11-22T030000Z", SeriesState::with_problems},
                                                      {"2026-11-23T030000Z", SeriesState::unreadable},
                                                      {"2026-11-24T030000Z.incomplete", SeriesState::incomplete},
                                                      {"2026-11-25T030000Z", SeriesState::unreadable}};
    CHECK(states_of(source.folder) == expected);
    CHECK(snapshot::is_series(source.folder));
    CHECK_FALSE(snapshot::is_series(source.config));
    CHECK_FALSE(snapshot::is_series(source.dir / "nowhere"));
    const auto entries = snapshot::list_series(source.folder);
    CHECK(snapshot::newest_complete(source.folder, entries)->name == "2026-11-20T030000Z");
    CHECK(entries[0].started.seconds == snapshot::time_of_name("2026-11-20T030000Z"));
    CHECK(entries[2].problem_count == 1);
    CHECK_THAT(entries[1].detail, Catch::Contains("manifest.json"));

    const auto done = snapshot::Series(source.folder, 0700).clean_up();
    CHECK(done.removed == Names{"2026-11-24T030000Z.incomplete"});
    CHECK(done.failures.empty());
    CHECK(source.names() == Names{"2026-11-20T030000Z", "2026-11-21T030000Z", "2026-11-22T030000Z",
                                  "2026-11-23T030000Z", "2026-11-25T030000Z", "lost+found", "notes"});
}

TEST_CASE("a new snapshot sorts after all others, whatever the clock says", "[snapshot]") {
    struct Row {
        const char* name;
        Names there;
        const char *now, *next;
        std::int64_t behind;
    };
    const std::vector<Row> rows{
        {"the first", {}, "2026-11-22T03:00:00Z", "2026-11-22T030000Z", 0},
        {"a later one", {"2026-11-21T030000Z"}, "2026-11-22T03:00:00Z", "2026-11-22T030000Z", 0},
        {"in the same second", {"2026-11-22T030000Z"}, "2026-11-22T03:00:00Z", "2026-11-22T030001Z", 0},
        {"incomplete in the same second",
         {"2026-11-22T030000Z.incomplete"},
         "2026-11-22T03:00:00Z",
         "2026-11-22T030001Z",
         0},
        {"clock went back",
         {"2026-11-20T030000Z", "2026-12-31T235959Z"},
         "2026-12-31T23:00:00Z",
         "2027-01-01T000000Z",
         3599},
    };
    for (const auto& row : rows) {
        INFO(row.name);
        std::vector<snapshot::SeriesEntry> entries;
        for (const auto& name : row.there)
            entries.push_back({.name = name, .started = {.seconds = snapshot::time_of_name(name).value_or(0)}});
        const auto next = snapshot::next_name(entries, from_rfc3339(row.now).value());
        CHECK(next.name == row.next);
        CHECK(next.seconds_behind == row.behind);
    }
    const std::vector<snapshot::SeriesEntry> last{{.name = "9999-12-31T235959Z"}};
    CHECK_THROWS_AS(snapshot::next_name(last, Timestamp{}), Error);
}

TEST_CASE("removing a snapshot leaves those that share its files whole", "[snapshot]") {
    Kept source;
    source.add("2026-11-20T030000Z");
    source.add("2026-11-21T030000Z");
    source.add("2026-11-22T030000Z");
    CHECK(status_of(source.folder / "2026-11-22T030000Z/data" / source.message(0))->st_nlink == 3);
    {
        const snapshot::Series series(source.folder, 0700);
        series.remove("2026-11-21T030000Z");
        series.remove("2026-11-20T030000Z");
    }
    CHECK(source.names() == Names{"2026-11-22T030000Z"});
    CHECK(status_of(source.folder / "2026-11-22T030000Z/data" / source.message(0))->st_nlink == 1);
    require_whole(source.folder / "2026-11-22T030000Z");
}

TEST_CASE("a snapshot that holds foreign files is not removed", "[snapshot]") {
    Kept source;
    source.add("2026-11-20T030000Z");
    source.dir.write("series/2026-11-20T030000Z/notes", "mine");
    source.dir.write("series/2026-11-21T030000Z.incomplete/notes", "mine");
    const auto before = contents_of(source.folder);
    const snapshot::Series series(source.folder, 0700);
    const Error error = error_of([&] { series.remove("2026-11-20T030000Z"); });
    CHECK_THAT(error.what(), Catch::Contains("notes' is no part of a snapshot"));
    CHECK_FALSE(error.hint().empty());
    const auto done = series.clean_up();
    CHECK(done.removed.empty());
    REQUIRE(done.failures.size() == 1);
    CHECK_THAT(done.failures[0].what(), Catch::Contains("notes"));
    CHECK(contents_of(source.folder) == before);
}

TEST_CASE("what links in a series lead to is neither read nor removed", "[snapshot]") {
    Kept source;
    source.add("2026-11-20T030000Z");
    source.add("2026-11-21T030000Z");
    const fs::path elsewhere = source.dir / "elsewhere";
    fs::rename(source.folder / "2026-11-20T030000Z", elsewhere);
    fs::create_directory_symlink(elsewhere, source.folder / "2026-11-20T030000Z");
    fs::create_directory_symlink(elsewhere, source.folder / "2026-11-19T030000Z.incomplete");
    const fs::path messages = source.folder / "2026-11-21T030000Z/data/accounts/alice/msg";
    fs::remove_all(messages);
    fs::create_directory_symlink(elsewhere / "data/accounts/alice/msg", messages);
    const auto before = contents_of(elsewhere);
    CHECK(states_of(source.folder).at("2026-11-20T030000Z") == SeriesState::unreadable);
    const snapshot::Series series(source.folder, 0700);
    CHECK(series.clean_up().failures.size() == 1);
    CHECK_THROWS_AS(series.remove("2026-11-20T030000Z"), Error);
    series.remove("2026-11-21T030000Z");
    CHECK(source.names() == Names{"2026-11-19T030000Z.incomplete", "2026-11-20T030000Z"});
    CHECK(contents_of(elsewhere) == before);
}

TEST_CASE("a snapshot has its name only when it is published", "[snapshot]") {
    Kept source;
    const snapshot::Series series(source.folder, 0700);
    Hearing hearing;
    {
        const snapshot::NewSnapshot fresh(series, "2026-11-20T030000Z");
        (void)snapshot::take(source.options(), fresh.path(), hearing);
        CHECK(source.names() == Names{"2026-11-20T030000Z.incomplete"});
        CHECK(snapshot::newest_complete(source.folder, snapshot::list_series(source.folder)) == std::nullopt);
    }
    CHECK(source.names().empty());
    {
        snapshot::NewSnapshot fresh(series, "2026-11-20T030000Z");
        (void)snapshot::take(source.options(), fresh.path(), hearing);
        fresh.publish();
    }
    CHECK(source.names() == Names{"2026-11-20T030000Z"});
    require_whole(source.folder / "2026-11-20T030000Z");
}

TEST_CASE("a signal stops the removal of a snapshot, and the next run completes it", "[snapshot]") {
    Kept source;
    source.add("2026-11-20T030000Z");
    source.add("2026-11-21T030000Z");
    const snapshot::Series series(source.folder, 0700);
    set_interrupted_by(15);
    CHECK_THROWS_AS(series.remove("2026-11-20T030000Z"), Interrupted);
    set_interrupted_by(0);
    CHECK(source.names() == Names{"2026-11-20T030000Z.incomplete", "2026-11-21T030000Z"});
    CHECK(series.clean_up().removed == Names{"2026-11-20T030000Z.incomplete"});
    require_whole(source.folder / "2026-11-21T030000Z");
}

TEST_CASE("two runs do not work in one series", "[snapshot]") {
    const Kept source;
    const snapshot::Series series(source.folder, 0700);
    const Error error = error_of([&] { const snapshot::Series second(source.folder, 0700); });
    CHECK(error.code() == Errc::locked);
    CHECK_THAT(error.what(), Catch::Contains("series': another backup"));
}

TEST_CASE("a folder that will not do for a series is refused and left alone", "[snapshot]") {
    struct Row {
        const char* name;
        std::function<fs::path(Kept&)> make;
        Errc code;
        std::string text;
    };
    const std::vector<Row> rows{
        {"a single snapshot",
         [](Kept& s) {
             Hearing hearing;
             (void)s.take(hearing);
             return s.dest;
         },
         Errc::failed, "is a single snapshot"},
        {"an incomplete one",
         [](Kept& s) {
             s.dir.write("dest/.incomplete", "");
             return s.dest;
         },
         Errc::failed, "is a single snapshot"},
        {"a file", [](Kept& s) { return s.dir.write("dest", "x"); }, Errc::failed, "is no directory"},
        {"inside of the source", [](Kept& s) { return s.layout.root() / "backup"; }, Errc::failed,
         "inside of the data directory"},
        {"inside of the configuration", [](Kept& s) { return s.config; }, Errc::failed,
         "inside of the configuration directory"},
        {"no parent", [](Kept& s) { return s.dir / "no/where"; }, Errc::not_found, "for the destination"},
    };
    for (const auto& row : rows) {
        INFO(row.name);
        Kept source;
        const fs::path folder = row.make(source);
        const auto before = contents_of(source.dir.path());
        const Error error =
            error_of([&] { snapshot::require_series_usable(folder, source.layout.root(), source.config); });
        CHECK(error.code() == row.code);
        CHECK_THAT(error.what(), Catch::Contains(row.text));
        CHECK_FALSE(error.hint().empty());
        CHECK(contents_of(source.dir.path()) == before);
    }
    const Kept source;
    for (const auto* good : {"new", "notes", "empty"}) {
        if (good == std::string("notes")) source.dir.write("notes/mine", "x");
        if (good == std::string("empty")) fs::create_directory(source.dir / "empty");
        CHECK_NOTHROW(snapshot::require_series_usable(source.dir / good, source.layout.root(), source.config));
    }
}

TEST_CASE("what a failed verification named is not shared again", "[snapshot]") {
    Kept source;
    source.add("2026-11-20T030000Z");
    source.add("2026-11-21T030000Z");
    const fs::path failed = source.folder / "2026-11-21T030000Z";
    auto manifest = snapshot::read_manifest(failed);
    manifest.verification = snapshot::Verification::failed;
    manifest.problems = {{.path = source.message(1), .detail = "has other contents than were stored"}};
    manifest.problem_count = 1;
    snapshot::write_manifest(failed, manifest);
    const auto previous = snapshot::newest_complete(source.folder, snapshot::list_series(source.folder));
    REQUIRE(previous);
    CHECK(previous->name == "2026-11-20T030000Z");
    CHECK(previous->untrustworthy == std::set<std::string>{source.message(1)});
    source.add("2026-11-22T030000Z");
    CHECK(status_of(source.folder / "2026-11-22T030000Z/data" / source.message(1))->st_nlink == 1);
    CHECK(status_of(source.folder / "2026-11-22T030000Z/data" / source.message(2))->st_nlink == 3);
    // More than the manifest lists: nobody knows which.
    manifest.problem_count = 2;
    snapshot::write_manifest(failed, manifest);
    auto entries = snapshot::list_series(source.folder);
    entries.pop_back();
    CHECK_FALSE(snapshot::newest_complete(source.folder, entries));
}
