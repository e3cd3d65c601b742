#include <catch2/catch.hpp>
#include <thread>

#include "base/error.hpp"
#include "db/inspect.hpp"
#include "db/schema.hpp"
#include "support/database_checks.hpp"
#include "support/logical_dump.hpp"
#include "support/temp_dir.hpp"

// Upgrades of a database, by a made-up history of three versions: a column is added, a table is made anew although
// others refer to it, and contents are computed.

using namespace mox;

namespace {

constexpr std::array<std::string_view, 3> steps{
    R"sql(
CREATE TABLE box (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL,
    seal INTEGER NOT NULL GENERATED ALWAYS AS (mox_seal('box', id, name)) STORED) STRICT;
CREATE TABLE letter (
    id INTEGER PRIMARY KEY, box_id INTEGER NOT NULL REFERENCES box (id) ON DELETE CASCADE, words TEXT NOT NULL,
    seal INTEGER NOT NULL GENERATED ALWAYS AS (mox_seal('letter', id, box_id, words)) STORED) STRICT;
)sql",
    R"sql(
CREATE TABLE new_box (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, letters INTEGER NOT NULL,
    seal INTEGER NOT NULL GENERATED ALWAYS AS (mox_seal('box', id, name, letters)) STORED) STRICT;
INSERT INTO new_box (id, name, letters) SELECT id, name, (SELECT count(*) FROM letter WHERE box_id = box.id) FROM box;
DROP TABLE box;
ALTER TABLE new_box RENAME TO box;
)sql",
    R"sql(
CREATE UNIQUE INDEX box_name ON box (name);
CREATE TABLE word (word TEXT PRIMARY KEY, n INTEGER NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO word SELECT words, count(*) FROM letter GROUP BY words;
)sql"};

db::Schema version(std::size_t number) {
    return {.application_id = 0x6d6f7830, .kind = "made-up database", .steps = std::span(steps).first(number)};
}
constexpr db::OpenOptions writing{.access = db::Access::read_write};

void make_old(const std::filesystem::path& path) {
    auto database = db::open(path, version(1), {.access = db::Access::create});
    database.exec(
        "INSERT INTO box (id, name) VALUES (1, 'in'), (2, 'out'), (7, 'empty');"
        "INSERT INTO letter (box_id, words) VALUES (1, 'hello'), (1, 'again'), (2, 'hello')");
}

const std::vector<std::string> expected{"box: 1|'in'|2",       "box: 2|'out'|1",      "box: 7|'empty'|0",
                                        "letter: 1|1|'hello'", "letter: 2|1|'again'", "letter: 3|2|'hello'",
                                        "word: 'again'|1",     "word: 'hello'|2"};

std::string bytes_of(const std::filesystem::path& path) {
    std::string all = read_file(path);
    if (status_of(path.native() + "-wal")) all += read_file(path.native() + "-wal");
    return all;
}

}  // namespace

TEST_CASE("an old database is upgraded straight, and step by step, to the same contents", "[db][upgrade]") {
    const test::TempDir dir;
    make_old(dir / "straight.db");
    make_old(dir / "stepwise.db");
    { (void)db::open(dir / "stepwise.db", version(2), writing); }
    for (const auto& path : {dir / "straight.db", dir / "stepwise.db"}) {
        auto database = db::open(path, version(3), writing);
        CHECK(db::schema_version(database) == 3);
        CHECK(test::dump_rows(database) == expected);
        CHECK(test::problems_of(database).empty());
        CHECK(db::schema_difference(database, version(3), 3).empty());
        CHECK(database.value<bool>("PRAGMA foreign_keys") == true);
    }
}

TEST_CASE("an upgrade is done once", "[db][upgrade]") {
    const test::TempDir dir;
    make_old(dir / "x.db");
    { (void)db::open(dir / "x.db", version(3), writing); }
    const auto bytes = bytes_of(dir / "x.db");
    { (void)db::open(dir / "x.db", version(3), writing); }
    CHECK(bytes_of(dir / "x.db") == bytes);
    // Two programs at the same time.
    make_old(dir / "y.db");
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) threads.emplace_back([&] { (void)db::open(dir / "y.db", version(3), writing); });
    for (auto& thread : threads) thread.join();
    auto database = db::open(dir / "y.db", version(3), writing);
    CHECK(test::dump_rows(database) == expected);
}

TEST_CASE("an upgrade that fails in the middle leaves the old database", "[db][upgrade]") {
    const test::TempDir dir;
    make_old(dir / "x.db");
    {
        // Two boxes of one name: the third version does not allow that.
        auto database = db::open(dir / "x.db", version(1), writing);
        database.exec("UPDATE box SET name = 'in' WHERE id = 2");
    }
    const auto old_rows = [&] {
        auto database = db::open(dir / "x.db", version(1), writing);
        CHECK(db::schema_difference(database, version(1), 1).empty());
        return test::dump_rows(database);
    };
    const auto before = old_rows();
    CHECK(test::error_of([&] { (void)db::open(dir / "x.db", version(3), writing); }) == Errc::failed);
    CHECK(old_rows() == before);
    // A step that would lose rows others refer to.
    constexpr std::array<std::string_view, 2> losing{steps[0], "DELETE FROM box WHERE id = 2"};
    const db::Schema bad{.application_id = 0x6d6f7830, .kind = "made-up database", .steps = losing};
    CHECK(test::error_of([&] { (void)db::open(dir / "x.db", bad, writing); }) == Errc::failed);
    CHECK(old_rows() == before);
}

TEST_CASE("references that were broken before do not keep a database from being upgraded", "[db][upgrade]") {
    const test::TempDir dir;
    make_old(dir / "x.db");
    {
        auto database = db::open(dir / "x.db", version(1), writing);
        database.exec("PRAGMA foreign_keys = OFF; INSERT INTO letter (box_id, words) VALUES (99, 'lost')");
    }
    auto database = db::open(dir / "x.db", version(3), writing);
    CHECK(database.value<std::int64_t>("SELECT count(*) FROM letter") == 4);
}

TEST_CASE("an older program refuses a newer database and leaves it as it is", "[db][upgrade]") {
    const test::TempDir dir;
    make_old(dir / "x.db");
    { (void)db::open(dir / "x.db", version(3), writing); }
    const auto bytes = bytes_of(dir / "x.db");
    for (std::size_t number = 1; number <= 2; ++number)
        for (const auto access : {db::Access::read_only, db::Access::read_write, db::Access::create})
            CHECK(test::error_of([&] { (void)db::open(dir / "x.db", version(number), {.access = access}); }) ==
                  Errc::newer_version);
    CHECK(bytes_of(dir / "x.db") == bytes);
}
