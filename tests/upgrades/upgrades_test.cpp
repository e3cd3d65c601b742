#include <catch2/catch.hpp>
#include <fstream>
#include <set>

#include "archive/reader.hpp"
#include "base/encoding.hpp"
#include "base/error.hpp"
#include "check/verify.hpp"
#include "contents.hpp"
#include "store/account.hpp"
#include "support/logical_dump.hpp"
#include "support/temp_dir.hpp"

using namespace mox;
namespace fs = std::filesystem;

namespace {

const fs::path golden_folder = MOX_TESTDATA "/datadir";

std::vector<fs::path> golden_directories() {
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(golden_folder))
        if (entry.is_directory()) found.push_back(entry.path());
    std::ranges::sort(found);
    return found;
}

std::vector<std::string> lines_of(const fs::path& file) {
    std::ifstream in(file);
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    REQUIRE(lines.size() > 10);
    return lines;
}

// Unpacks data.tar.gz below `place`.
datadir::Layout unpacked(const fs::path& golden, const fs::path& place) {
    auto reader = archive::open_archive(golden / "data.tar.gz");
    std::vector<std::byte> buffer(1 << 16U);
    while (const auto member = reader.next()) {
        const fs::path path = place / member->path;
        if (member->kind == archive::Kind::folder) {
            fs::create_directories(path);
            continue;
        }
        fs::create_directories(path.parent_path());
        std::ofstream out(path, std::ios::binary);
        while (const auto count = reader.read(buffer)) out << as_text(std::span<const std::byte>(buffer).first(count));
    }
    return datadir::open(place / "data");
}

std::vector<std::string> errors_in(const datadir::Layout& layout) {
    std::vector<std::string> found;
    (void)check::verify(layout, {.contents = check::Contents::hashes, .jobs = 2}, [&](const check::Finding& finding) {
        if (finding.severity == check::Severity::error)
            found.push_back(finding.path + ": " + finding.detail + " [" + std::string(finding.check) + "]");
    });
    return found;
}

void check_upgraded(const datadir::Layout& layout, const fs::path& golden) {
    CHECK(test::differences(lines_of(golden / "contents.jsonl"), test::contents_of(layout)).empty());
    for (const auto& version : test::versions_of(layout)) {
        const auto newest = test::newest_versions();
        INFO(version);
        CHECK(std::find(newest.begin(), newest.end(), version) != newest.end());
    }
    CHECK(errors_in(layout).empty());
}

}  // namespace

TEST_CASE("directories of all versions are upgraded straight and keep what they hold", "[upgrade]") {
    REQUIRE_FALSE(golden_directories().empty());
    for (const auto& golden : golden_directories()) {
        INFO(golden.filename());
        const test::TempDir place;
        const auto layout = unpacked(golden, place.path());
        CHECK(errors_in(layout).empty());  // as it is
        check_upgraded(layout, golden);
    }
}

TEST_CASE("directories of all versions are upgraded step by step", "[upgrade]") {
    for (const auto& golden : golden_directories()) {
        INFO(golden.filename());
        const test::TempDir place;
        const auto layout = unpacked(golden, place.path());
        for (const auto& [path, schema] : test::databases_of(layout)) {
            int version = 0;
            {
                db::Database database(path, {.access = db::Access::read_write, .switch_to_wal = false});
                version = db::schema_version(database);
            }
            for (; version < schema->version(); ++version) {
                const db::Schema next{.application_id = schema->application_id,
                                      .kind = schema->kind,
                                      .steps = schema->steps.first(static_cast<std::size_t>(version) + 1)};
                auto database = db::open(path, next, {.access = db::Access::read_write});
                CHECK(db::schema_difference(database, next, version + 1).empty());
            }
        }
        check_upgraded(layout, golden);
    }
}

TEST_CASE("the present version has its directory", "[upgrade]") {
    // Whoever adds a step to a schema records one: scripts/test-upgrades.sh --record NAME.
    std::set<std::string> recorded;
    for (const auto& golden : golden_directories()) {
        const test::TempDir place;
        for (const auto& version : test::versions_of(unpacked(golden, place.path()))) recorded.insert(version);
    }
    const std::set<std::string> made_by_generator{"account database", "queue database"};
    for (const auto& version : test::newest_versions())
        if (made_by_generator.contains(version.substr(0, version.rfind(' ')))) {
            INFO(version);
            CHECK(recorded.contains(version));
        }
}

TEST_CASE("a newer directory is refused by every way of opening it, and stays as it is", "[upgrade]") {
    const test::TempDir place;
    const auto layout = unpacked(golden_directories().back(), place.path());
    for (const auto& [path, schema] : test::databases_of(layout)) {
        db::Database database(path, {.access = db::Access::read_write, .switch_to_wal = false});
        database.exec("PRAGMA user_version = " + std::to_string(schema->version() + 1));
    }
    const auto tree = test::dump_tree(layout.root());
    for (const auto& [path, schema] : test::databases_of(layout))
        for (const auto access : {db::Access::read_only, db::Access::read_write, db::Access::create}) {
            std::optional<Errc> code;
            try {
                (void)db::open(path, *schema, {.access = access});
            } catch (const Error& error) {
                code = error.code();
            }
            CHECK(code == Errc::newer_version);
        }
    for (const auto& name : datadir::account_names(layout)) CHECK_THROWS_AS(store::Account::open(layout, name), Error);
    std::uint64_t refused = 0;
    const auto summary = check::verify(layout, {}, [&](const check::Finding& finding) {
        if (finding.check == "database-format") ++refused;
    });
    CHECK(refused == test::databases_of(layout).size());
    CHECK(summary.errors == summary.unknown_formats);
    CHECK(test::dump_tree(layout.root()) == tree);
}

TEST_CASE("differences are told in both directions", "[upgrade]") {
    const std::string row = R"({"file":"a.db","row":{"id":"1","name":"'x'"},"table":"t"})";
    const std::string wider = R"({"file":"a.db","row":{"id":"1","more":"7","name":"'x'"},"table":"t"})";
    const std::string other = R"({"file":"a.db","row":{"id":"1","name":"'y'"},"table":"t"})";
    const std::string new_table = R"({"file":"a.db","row":{"id":"1"},"table":"new"})";
    const std::string file = R"({"file":"m/1","sha256":"00"})", changed = R"({"file":"m/1","sha256":"01"})";
    CHECK(test::differences({row, file}, {file, row}).empty());
    CHECK(test::differences({row}, {wider, new_table}).empty());
    CHECK(test::differences({row}, {other}).size() == 2);
    CHECK(test::differences({row}, {}).size() == 1);
    CHECK(test::differences({row}, {row, row}).size() == 1);
    CHECK(test::differences({wider}, {row}).size() == 2);
    CHECK(test::differences({file}, {changed}).size() == 2);
    CHECK(test::differences({}, {file}).size() == 1);
}
