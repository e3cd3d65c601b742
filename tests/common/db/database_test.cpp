#include "db/database.hpp"

#include <catch2/catch.hpp>
#include <thread>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "db/inspect.hpp"
#include "db/schema.hpp"
#include "db/snapshot.hpp"
#include "support/temp_dir.hpp"

using namespace mox;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view fruit_table =
    "CREATE TABLE fruit (id INTEGER PRIMARY KEY, name TEXT NOT NULL, data BLOB, weight INTEGER,"
    " seal INTEGER NOT NULL GENERATED ALWAYS AS (mox_seal('fruit', id, name, data, weight)) STORED) STRICT;"
    "CREATE TABLE basket (fruit_id INTEGER NOT NULL REFERENCES fruit(id), place INTEGER NOT NULL,"
    " seal INTEGER NOT NULL GENERATED ALWAYS AS (mox_seal('basket', fruit_id, place)) STORED,"
    " PRIMARY KEY (place, fruit_id)) STRICT, WITHOUT ROWID";
constexpr std::array<std::string_view, 1> one_step{fruit_table};
constexpr std::array<std::string_view, 2> two_steps{fruit_table, "ALTER TABLE fruit ADD COLUMN colour TEXT"};
const db::Schema schema_1{.application_id = 0x6d6f7846, .kind = "orchard", .steps = one_step};
const db::Schema schema_2{.application_id = 0x6d6f7846, .kind = "orchard", .steps = two_steps};

db::Database make(const std::filesystem::path& path) {
    return db::open(path, schema_1, {.access = db::Access::create});
}

Errc code_of(const std::function<void()>& work) {
    try {
        work();
    } catch (const Error& error) {
        return error.code();
    }
    FAIL("no error");
    return Errc::failed;
}

std::vector<std::string> broken_seals(db::Database& database) {
    std::vector<std::string> found;
    db::check_seals(database, 10, [&](const std::string& text) { found.push_back(text); });
    return found;
}

}  // namespace

TEST_CASE("values come back as they went in", "[db]") {
    auto database = db::Database::in_memory();
    database.exec(fruit_table);
    const std::string text("a\0b", 3);
    database.run("INSERT INTO fruit (name, data, weight) VALUES (?, ?, ?)", text, db::Blob("\xff\x00z"),
                 std::optional<int>());
    database.run("INSERT INTO fruit (name, data, weight) VALUES (?, ?, ?)", "", db::Blob(""), -5);
    std::vector<std::tuple<std::string, std::optional<std::string>, std::optional<int>>> found;
    for (const auto& row : database.rows<std::string, std::optional<std::string>, std::optional<int>>(
             "SELECT name, data, weight FROM fruit ORDER BY id"))
        found.push_back(row);
    REQUIRE(found.size() == 2);
    CHECK(std::get<0>(found[0]) == text);
    CHECK_FALSE(std::get<2>(found[0]).has_value());
    CHECK(std::get<1>(found[1]) == std::string());
    CHECK(std::get<2>(found[1]) == -5);
    CHECK_FALSE(database.value<int>("SELECT id FROM fruit WHERE id = 99").has_value());
}

TEST_CASE("a transaction that is not committed leaves nothing", "[db]") {
    const test::TempDir dir;
    auto database = make(dir / "x.db");
    {
        db::Transaction tx(database);
        database.run("INSERT INTO fruit (name) VALUES ('pear')");
    }
    CHECK(database.value<int>("SELECT count(*) FROM fruit") == 0);
    db::Transaction tx(database);
    database.run("INSERT INTO fruit (name) VALUES ('pear')");
    tx.commit();
    CHECK(make(dir / "x.db").value<int>("SELECT count(*) FROM fruit") == 1);
}

TEST_CASE("a locked database is reported after the time-out, not waited for", "[db]") {
    const test::TempDir dir;
    auto holder = make(dir / "x.db");
    db::Transaction tx(holder);
    db::Database other(dir / "x.db", {.access = db::Access::read_write, .lock_timeout = 50ms});
    CHECK(code_of([&] { db::Transaction second(other); }) == Errc::locked);
}

TEST_CASE("what is not our database is refused by name and left as it was", "[db]") {
    const test::TempDir dir;
    const auto expect = [&](const std::filesystem::path& path, Errc code) {
        const std::string before = read_file(path);
        CHECK(code_of([&] { (void)db::open(path, schema_1, {.access = db::Access::read_write}); }) == code);
        CHECK(read_file(path) == before);
    };
    expect(dir.write("noise", std::string(5000, 'x')), Errc::corrupt);
    expect(dir.write("bolt", std::string(16, '\0') + "\xed\xda\x0c\xed" + std::string(8000, '\0')),
           Errc::unknown_format);
    {
        db::Database plain(dir / "plain", {.access = db::Access::create});
        plain.exec("CREATE TABLE t (x)");
    }
    expect(dir / "plain", Errc::unknown_format);
    {
        auto newer = db::open(dir / "newer", schema_2, {.access = db::Access::create});
        newer.exec("PRAGMA journal_mode = DELETE");  // as in a snapshot
    }
    expect(dir / "newer", Errc::newer_version);
    CHECK(code_of([&] { (void)db::open(dir / "missing", schema_1, {.access = db::Access::read_write}); }) ==
          Errc::not_found);
    CHECK_FALSE(status_of(dir / "missing"));
}

TEST_CASE("an older database is migrated, accepted or refused as asked", "[db]") {
    const test::TempDir dir;
    {
        auto database = make(dir / "x.db");
        database.run("INSERT INTO fruit (name) VALUES ('fig')");
    }
    const db::OpenOptions writing{.access = db::Access::read_write};
    CHECK(code_of([&] { (void)db::open(dir / "x.db", schema_2, writing, db::OlderVersion::refuse); }) == Errc::failed);
    {
        auto database = db::open(dir / "x.db", schema_2, writing, db::OlderVersion::accept);
        CHECK(db::schema_version(database) == 1);
        CHECK(db::schema_difference(database, schema_2, 1).empty());
        CHECK(db::schema_difference(database, schema_2, 2) == "has another definition of 'fruit'");
    }
    auto database = db::open(dir / "x.db", schema_2, writing);
    CHECK(db::schema_version(database) == 2);
    CHECK(database.value<std::string>("SELECT name FROM fruit") == "fig");
    CHECK(db::schema_difference(database, schema_2, 2).empty());
}

TEST_CASE("a seal notices every change that does not go through the database layer", "[db]") {
    const test::TempDir dir;
    const auto path = dir / "x.db";
    {
        auto database = make(path);
        database.run("INSERT INTO fruit (name, data) VALUES ('orange-unique-text', x'00ff')");
        database.run("INSERT INTO basket (fruit_id, place) VALUES (1, 7)");
        database.run("UPDATE fruit SET weight = 12 WHERE id = 1");
        CHECK(broken_seals(database).empty());
        database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    }
    std::string bytes = read_file(path);
    bytes[bytes.find("orange-unique-text") + 3] ^= 0x04;
    dir.write("x.db", bytes);
    db::Database database(path, {});
    std::vector<std::string> structure;
    db::check_integrity(database, 10, [&](const std::string& text) { structure.push_back(text); });
    CHECK(structure.empty());  // SQLite's own check sees nothing
    CHECK(broken_seals(database) == std::vector<std::string>{"fruit 1"});
}

TEST_CASE("seals can be read by programs that do not know the function", "[db]") {
    const test::TempDir dir;
    {
        auto database = make(dir / "x.db");
        database.run("INSERT INTO fruit (name) VALUES ('kiwi')");
    }
    const std::string command = "sqlite3 '" + (dir / "x.db").string() +
                                "' 'SELECT name FROM fruit; PRAGMA integrity_check' > '" + (dir / "out").string() +
                                "' 2>&1";
    CHECK(std::system(command.c_str()) == 0);
    CHECK(read_file(dir / "out") == "kiwi\nok\n");
}

TEST_CASE("the check of foreign keys names broken references", "[db]") {
    auto database = db::Database::in_memory();
    database.exec(fruit_table);
    database.exec("PRAGMA foreign_keys = OFF; INSERT INTO basket (fruit_id, place) VALUES (5, 1)");
    std::vector<std::string> found;
    db::check_foreign_keys(database, 10, [&](const std::string& text) { found.push_back(text); });
    REQUIRE(found.size() == 1);
    CHECK(found[0].find("basket") != std::string::npos);
}

TEST_CASE("a snapshot of a database in use is one consistent state without side files", "[db]") {
    const test::TempDir dir;
    auto database = make(dir / "x.db");
    database.exec("CREATE TABLE pair (a INTEGER, b INTEGER); INSERT INTO pair VALUES (0, 0)");
    std::atomic<bool> stop = false;
    std::thread writer([&] {
        db::Database own(dir / "x.db", {.access = db::Access::read_write});
        for (int i = 1; !stop; ++i) {
            db::Transaction tx(own);
            own.run("UPDATE pair SET a = ?", i);
            own.run("UPDATE pair SET b = ?", i);
            tx.commit();
        }
    });
    for (int i = 0; i < 20; ++i) {
        const auto copy = dir / ("copy" + std::to_string(i));
        db::snapshot(dir / "x.db", copy);
        db::Database reader(copy, {.access = db::Access::immutable});
        CHECK(reader.value<int>("SELECT a - b FROM pair") == 0);
        CHECK(reader.value<std::string>("PRAGMA journal_mode") == "delete");
        CHECK_FALSE(status_of(copy.string() + "-wal"));
        CHECK_FALSE(status_of(copy.string() + "-journal"));
    }
    stop = true;
    writer.join();
    CHECK_THROWS_AS(db::snapshot(dir / "x.db", dir / "copy0"), Error);
}

TEST_CASE("looking at a database leaves no trace, whether it is idle, in use or was left by a crash", "[db]") {
    const test::TempDir dir;
    const auto path = dir / "d" / "x.db";
    std::filesystem::create_directories(dir / "d");
    const auto names = [&] {
        std::string all;
        for (const auto& entry : list_directory(dir / "d")) {
            const auto status = status_of(dir / "d" / entry.name);
            all += entry.name + " " + std::to_string(status->st_size) + " " + std::to_string(status->st_mtim.tv_nsec) +
                   "\n";
        }
        return all;
    };
    auto database = std::make_optional(make(path));
    database->run("INSERT INTO fruit (name) VALUES ('lime')");
    CHECK(db::in_use(path));
    CHECK(db::Untouched(path, dir.path()).database().value<int>("SELECT count(*) FROM fruit") == 1);

    // As a crash would leave it: database and WAL, nobody there.
    std::filesystem::copy(dir / "d", dir / "crashed");
    database.reset();
    CHECK_FALSE(db::in_use(path));
    const std::string idle = names();
    CHECK(db::Untouched(path, dir.path()).database().value<int>("SELECT count(*) FROM fruit") == 1);
    CHECK(names() == idle);

    std::filesystem::remove_all(dir / "d");
    std::filesystem::rename(dir / "crashed", dir / "d");
    std::filesystem::remove(dir / "d" / "x.db-shm");
    REQUIRE(status_of(dir / "d" / "x.db-wal")->st_size > 0);
    const std::string crashed = names();
    CHECK(db::Untouched(path, dir.path()).database().value<int>("SELECT count(*) FROM fruit") == 1);
    CHECK(names() == crashed);
    CHECK(list_directory(dir.path()).size() == 1);  // the private copy is gone
}
