#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/interrupt.hpp"
#include "common/snapshot/fixture.hpp"
#include "datadir/lock.hpp"
#include "snapshot/destination.hpp"
#include "snapshot/take.hpp"

using namespace mox;
using namespace mox::test;

namespace {

Error error_of(const std::function<void()>& work) {
    try {
        work();
    } catch (const Error& error) {
        return error;
    }
    FAIL("no error");
    return {Errc::failed, ""};
}

}  // namespace

TEST_CASE("a source that will not do is refused before anything is written", "[snapshot]") {
    struct Row {
        const char* name;
        std::function<void(Source&, snapshot::TakeOptions&)> change;
        Errc code;
        std::string text;
    };
    const std::vector<Row> rows{
        {"missing", [](Source& s, auto& o) { o.data_dir = s.dir / "nowhere"; }, Errc::not_found, "no directory"},
        {"not ours", [](Source& s, auto& o) { o.data_dir = s.config; }, Errc::unknown_format,
         "is not a data directory"},
        {"empty",
         [](Source& s, auto& o) {
             fs::create_directory(s.dir / "void");
             o.data_dir = s.dir / "void";
         },
         Errc::unknown_format, "is not a data directory"},
        {"newer",
         [](Source& s, auto&) {
             db::Database(s.layout.account_db("bob"), {.access = db::Access::read_write})
                 .exec("PRAGMA user_version = 900");
         },
         Errc::newer_version, "schema version 900 is newer"},
        {"no configuration", [](Source& s, auto& o) { o.config_dir = s.dir / "nowhere"; }, Errc::not_found,
         "no configuration directory"},
        {"original",
         [](Source& s, auto&) {
             fs::remove_all(s.layout.accounts());
             fs::create_directories(s.layout.account("alice"));
             std::string bolt(4096, '\0');
             bolt.replace(16, 4, "\xed\xda\x0c\xed");
             s.dir.write("source/accounts/alice/index.db", bolt);
         },
         Errc::unknown_format, "original mox"},
    };
    for (const auto& row : rows) {
        INFO(row.name);
        Source source;
        auto options = source.options();
        row.change(source, options);
        const auto before = contents_of(source.layout.root());
        Hearing hearing;
        const Error error = error_of([&] { (void)snapshot::take(options, source.dest, hearing); });
        CHECK(error.code() == row.code);
        CHECK_THAT(error.what(), Catch::Contains(row.text));
        CHECK_FALSE(status_of(source.dest));
        CHECK(contents_of(source.layout.root()) == before);
    }
}

TEST_CASE("a destination that will not do is refused and left alone", "[snapshot]") {
    struct Row {
        const char* name;
        std::function<fs::path(Source&)> make;
        Errc code;
        std::string text;
    };
    const std::vector<Row> rows{
        {"not empty",
         [](Source& s) {
             s.dir.write("dest/file", "x");
             return s.dest;
         },
         Errc::failed, "is not an empty directory"},
        {"a file", [](Source& s) { return s.dir.write("dest", "x"); }, Errc::failed, "is not an empty directory"},
        {"dangling link",
         [](Source& s) {
             fs::create_symlink("nowhere", s.dest);
             return s.dest;
         },
         Errc::failed, "is not an empty directory"},
        {"a snapshot",
         [](Source& s) {
             Hearing hearing;
             (void)s.take(hearing);
             return s.dest;
         },
         Errc::failed, "holds a snapshot already"},
        {"inside of the source", [](Source& s) { return s.layout.root() / "backup"; }, Errc::failed,
         "inside of the data directory"},
        {"inside by a link",
         [](Source& s) {
             fs::create_symlink(s.layout.root(), s.dir / "there");
             return s.dir / "there/backup";
         },
         Errc::failed, "inside of the data directory"},
        {"the source", [](Source& s) { return s.layout.root(); }, Errc::failed, "inside of the data directory"},
        {"inside of the configuration", [](Source& s) { return s.config / "backup"; }, Errc::failed,
         "inside of the configuration directory"},
        {"no parent", [](Source& s) { return s.dir / "no/where"; }, Errc::not_found, "for the destination"},
        {"incomplete, with foreign files",
         [](Source& s) {
             s.dir.write("dest/.incomplete", "");
             s.dir.write("dest/precious", "x");
             return s.dest;
         },
         Errc::failed, "is not an empty directory"},
    };
    for (const auto& row : rows) {
        INFO(row.name);
        Source source;
        const fs::path dest = row.make(source);
        const auto before = contents_of(source.dir.path());
        Hearing hearing;
        const Error error = error_of([&] { (void)snapshot::take(source.options(), dest, hearing); });
        CHECK(error.code() == row.code);
        CHECK_THAT(error.what(), Catch::Contains(row.text));
        CHECK_FALSE(error.hint().empty());
        CHECK(contents_of(source.dir.path()) == before);
    }
}

TEST_CASE("a read-only destination fails and changes nothing", "[snapshot]") {
    if (::geteuid() == 0) {
        WARN("skipped: root can write everywhere");
        return;
    }
    const Source source;
    fs::create_directory(source.dest);
    ::chmod(source.dest.c_str(), 0500);
    Hearing hearing;
    CHECK_THAT(error_of([&] { (void)source.take(hearing); }).what(), Catch::Contains("permission denied"));
    ::chmod(source.dest.c_str(), 0700);
    CHECK(fs::is_empty(source.dest));
}

TEST_CASE("an empty folder will do, also a fresh file system's", "[snapshot]") {
    const Source source;
    fs::create_directories(source.dest / "lost+found");
    Hearing hearing;
    CHECK(source.take(hearing).complete());
    require_whole(source.dest);
}

TEST_CASE("an incomplete snapshot is replaced by the next", "[snapshot]") {
    const Source source;
    source.dir.write("dest/.incomplete", "");
    source.dir.write("dest/data/accounts/alice/index.db", "half");
    source.dir.write("dest/config/old", "x");
    source.dir.write("dest/manifest.json.0123456789abcdef.tmp", "x");
    CHECK(snapshot::destination_state(source.dest) == snapshot::DestinationState::incomplete);
    CHECK_THAT(error_of([&] { (void)snapshot::read_manifest(source.dest); }).hint(), Catch::Contains("interrupted"));
    CHECK(snapshot::plan(source.options(), source.dest).replaces_incomplete);
    Hearing hearing;
    CHECK(source.take(hearing).complete());
    require_whole(source.dest);
    CHECK_FALSE(status_of(source.dest / "config/old"));
}

TEST_CASE("two runs do not write to one destination", "[snapshot]") {
    const Source source;
    const snapshot::Destination other(source.dest, 0700);
    Hearing hearing;
    CHECK(error_of([&] { (void)source.take(hearing); }).code() == Errc::locked);
    CHECK(status_of(source.dest / snapshot::incomplete_name));
}

TEST_CASE("a signal stops a snapshot and leaves the destination as it was", "[snapshot]") {
    for (const bool existing : {false, true}) {
        const Source source;
        if (existing) fs::create_directory(source.dest);
        const auto before = contents_of(source.layout.root());
        Hearing hearing;
        hearing.on_stored = [] { set_interrupted_by(SIGTERM); };
        const auto take = [&] { (void)source.take(hearing); };
        CHECK_THROWS_AS(take(), Interrupted);
        set_interrupted_by(0);
        CHECK(status_of(source.dest).has_value() == existing);
        CHECK((!existing || fs::is_empty(source.dest)));
        CHECK(contents_of(source.layout.root()) == before);
    }
}

TEST_CASE("erasure that cannot be held is a lock, and nothing is written", "[snapshot]") {
    const Source source;
    const auto eraser = datadir::try_lock_erasure(source.layout);
    Hearing hearing;
    CHECK(error_of([&] { (void)source.take(hearing); }).code() == Errc::locked);
    CHECK_FALSE(status_of(source.dest));
}

TEST_CASE("a plan counts and writes nothing", "[snapshot]") {
    const Source source;
    const auto plan = snapshot::plan(source.options(), source.dest);
    CHECK(plan.accounts == 2);
    CHECK(plan.messages == 10);
    CHECK_FALSE(plan.replaces_incomplete);
    CHECK_FALSE(status_of(source.dest));
}

TEST_CASE("a run that is killed leaves an incomplete snapshot, and the next one replaces it", "[snapshot]") {
    const Source source;
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        Hearing hearing;
        hearing.on_stored = [] { ::_exit(9); };
        (void)source.take(hearing);
        ::_exit(0);
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(WEXITSTATUS(status) == 9);
    CHECK(snapshot::destination_state(source.dest) == snapshot::DestinationState::incomplete);
    Hearing hearing;
    CHECK(source.take(hearing).complete());
    require_whole(source.dest);
}

TEST_CASE("a database that stays locked is named, and its account's files are copied", "[snapshot]") {
    const Source source;
    db::Database blocker(source.layout.account_db("bob"), {.access = db::Access::read_write});
    blocker.exec("PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE");
    Hearing hearing;
    const auto manifest = source.take(hearing);
    REQUIRE(manifest.problem_count == 1);
    CHECK(manifest.problems[0].path == "accounts/bob/index.db");
    CHECK_THAT(manifest.problems[0].detail, Catch::Contains("locked"));
    CHECK(manifest.totals.messages == 5);
    CHECK(read_file(source.dest / "data/accounts/bob/msg/a/1") == message_text(0));
    CHECK(deviations(source.dest).empty());
}

TEST_CASE("when every database is locked there is nothing to keep", "[snapshot]") {
    const Source source;
    std::vector<db::Database> blockers;
    for (const auto* account : {"alice", "bob"}) {
        blockers.emplace_back(source.layout.account_db(account), db::OpenOptions{.access = db::Access::read_write});
        blockers.back().exec("PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE");
    }
    Hearing hearing;
    CHECK(error_of([&] { (void)source.take(hearing); }).code() == Errc::locked);
    CHECK_FALSE(status_of(source.dest));
}
