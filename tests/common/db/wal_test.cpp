#include "db/wal.hpp"

#include <catch2/catch.hpp>
#include <fstream>

#include "base/error.hpp"
#include "base/random.hpp"
#include "db/database.hpp"
#include "support/temp_dir.hpp"

using namespace mox;
namespace fs = std::filesystem;

namespace {

constexpr std::size_t header_size = 32, frame_size = 24 + 4096;

// A database whose log has `transactions` transactions of several frames each, as a crash leaves it.
fs::path crashed(const test::TempDir& dir, int transactions, int rows = 200) {
    const fs::path path = dir / "x.db", copy = dir / "crashed.db";
    db::Database database(path, {.access = db::Access::create});
    database.exec("PRAGMA wal_autocheckpoint = 0; CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT) STRICT");
    for (int i = 1; i < transactions; ++i) {
        db::Transaction tx(database);
        for (int row = 0; row < rows; ++row) database.run("INSERT INTO t (b) VALUES (?)", std::string(50, 'x'));
        tx.commit();
    }
    for (const char* suffix : {"", "-wal"})
        fs::copy_file(path.native() + suffix, copy.native() + suffix, fs::copy_options::overwrite_existing);
    return copy;
}
fs::path log_of(const fs::path& database) {
    return database.native() + "-wal";
}
std::string read(const fs::path& path) {
    return read_file(path);
}
void write(const fs::path& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}
std::int64_t rows_of(const fs::path& database, const test::TempDir& dir) {
    for (const char* suffix : {"", "-wal"})
        fs::copy_file(database.native() + suffix, (dir / "look.db").native() + suffix,
                      fs::copy_options::overwrite_existing);
    db::Database copy(dir / "look.db", {.access = db::Access::read_write});
    try {
        return copy.value<std::int64_t>("SELECT count(*) FROM t").value_or(-1);
    } catch (const Error&) {
        return -1;
    }
}
// Where each transaction ends, in frames.
std::vector<std::size_t> ends_of(const std::string& log) {
    std::vector<std::size_t> ends;
    for (std::size_t frame = 0; header_size + (frame + 1) * frame_size <= log.size(); ++frame)
        if (log.substr(header_size + frame * frame_size + 4, 4) != std::string(4, '\0')) ends.push_back(frame + 1);
    return ends;
}

}  // namespace

TEST_CASE("a log as a crash leaves it is no damage", "[db]") {
    const test::TempDir dir;
    CHECK(db::wal_damage(dir / "none.db").empty());
    const auto path = crashed(dir, 5);
    const std::string log = read(log_of(path));
    REQUIRE(ends_of(log).size() >= 5);
    CHECK(db::wal_damage(path).empty());
    // Cut anywhere: what was being written is not there.
    SeededRandom random(1);
    for (int i = 0; i < 50; ++i) {
        write(log_of(path), log.substr(0, random.below(log.size())));
        CHECK(db::wal_damage(path).empty());
    }
    // The last transaction written in part, in any order.
    const auto ends = ends_of(log);
    const std::size_t last = ends[ends.size() - 2];
    for (std::size_t frame = last; frame < ends.back(); ++frame) {
        write(log_of(path),
              std::string(log).replace(header_size + frame * frame_size, frame_size, std::string(frame_size, '\0')));
        CHECK(db::wal_damage(path).empty());
    }
}

TEST_CASE("frames of an earlier use of the log are no damage", "[db]") {
    const test::TempDir dir;
    const fs::path path = dir / "y.db", copy = dir / "copy.db";
    db::Database database(path, {.access = db::Access::create});
    database.exec("PRAGMA wal_autocheckpoint = 0; CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT) STRICT");
    for (int i = 0; i < 300; ++i) database.run("INSERT INTO t (b) VALUES (?)", std::string(500, 'x'));
    database.exec("PRAGMA wal_checkpoint(RESTART)");
    for (int i = 0; i < 3; ++i) database.run("INSERT INTO t (b) VALUES ('y')");
    for (const char* suffix : {"", "-wal"}) fs::copy_file(path.native() + suffix, copy.native() + suffix);
    CHECK(db::wal_damage(copy).empty());
    // One that is damaged in the new part is.
    std::string log = read(log_of(copy));
    log[header_size + 500] ^= 1;
    write(log_of(copy), log);
    CHECK(db::wal_damage(copy).find("frame 1") != std::string::npos);
}

TEST_CASE("a flipped bit that loses transactions is damage, unless it is in the last one", "[db]") {
    const test::TempDir dir;
    const auto path = crashed(dir, 6);
    const std::string log = read(log_of(path));
    const auto rows = rows_of(path, dir);
    const auto ends = ends_of(log);
    const std::size_t last_begins = header_size + ends[ends.size() - 2] * frame_size;
    SeededRandom random(2);
    std::size_t found = 0, lost = 0;
    for (int i = 0; i < 400; ++i) {
        const std::size_t at = i < 64 ? static_cast<std::size_t>(i) % 32 : random.below(last_begins);
        std::string bytes = log;
        bytes[at] ^= static_cast<char>(1U << random.below(8));
        write(log_of(path), bytes);
        INFO("byte " << at << " of " << log.size());
        const bool is_named = !db::wal_damage(path).empty();
        const bool loses = rows_of(path, dir) != rows;
        if (is_named) ++found;
        if (loses) ++lost;
        if (loses) CHECK(is_named);
    }
    CHECK(lost > 100);
    CHECK(found >= lost);
}
