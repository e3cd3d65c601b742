#include <fcntl.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>

#include "check/opened.hpp"
#include "db/schema.hpp"
#include "support/logical_dump.hpp"
#include "support/temp_dir.hpp"

// Databases of an older version than the program's, by a made-up schema.

using namespace mox;
namespace fs = std::filesystem;

namespace {

constexpr std::array<std::string_view, 2> steps{
    "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT NOT NULL,"
    " seal INTEGER NOT NULL GENERATED ALWAYS AS (mox_seal('t', id, name)) STORED) STRICT;",
    "ALTER TABLE t ADD COLUMN size INTEGER NOT NULL DEFAULT 7; CREATE INDEX t_name ON t (name);"};
db::Schema version(std::size_t number) {
    return {.application_id = 0x6d6f7830, .kind = "made-up database", .steps = std::span(steps).first(number)};
}

// Everything that one look needs.
struct Look {
    explicit Look(const datadir::Layout& of)
        : layout(of),
          run{.layout = layout, .options = options, .pool = pool, .root = {}, .scratch = scratch.path()},
          scope(run) {
        struct stat status = {};
        REQUIRE(::stat(layout.root().c_str(), &status) == 0);
        run.owner = status.st_uid;
        run.others = 07;
    }
    std::vector<std::string> findings() {
        std::vector<std::string> found;
        for (const auto& finding : scope.take_findings())
            found.push_back(std::string(finding.check) + ": " + finding.detail);
        return found;
    }
    const datadir::Layout& layout;
    test::TempDir scratch;
    check::Options options;
    check::Pool pool{2};
    check::Run run;
    check::Scope scope;
};

}  // namespace

TEST_CASE("a database of an older version is looked at as it will be, and stays as it is", "[check][upgrade]") {
    const test::TempDir dir;
    const datadir::Layout layout(dir.path());
    const fs::path path = dir / "x.db";
    {
        auto old = db::open(path, version(1), {.access = db::Access::create});
        old.exec("INSERT INTO t (name) VALUES ('one'), ('two')");
    }
    const auto tree = test::dump_tree(dir.path());
    Look look(layout);
    {
        const auto opened = check::OpenedDatabase::open(look.scope, path, version(2), check::IfMissing::error);
        REQUIRE(opened);
        CHECK_FALSE(opened->is_live());
        CHECK(opened->borrow()->value<int>("SELECT sum(size) FROM t") == 14);
        CHECK(opened->borrow_fresh()->value<int>("SELECT count(*) FROM t") == 2);
        look.pool.run(opened->format_tasks(look.scope, version(2)));
        CHECK_FALSE(opened->changed_meanwhile());
    }
    CHECK(look.findings() == std::vector<std::string>{"database-version: has schema version 1; the next program that"
                                                      " writes to it upgrades it to 2"});
    CHECK(test::dump_tree(dir.path()) == tree);
    CHECK(fs::is_empty(look.scratch.path()));
}

TEST_CASE("what is wrong with a database of an older version is found in its own bytes", "[check][upgrade]") {
    struct Row {
        std::string sql, check;
    };
    for (const auto& row : {Row{"ALTER TABLE t ADD COLUMN extra INTEGER", "database-schema"},
                            Row{"PRAGMA user_version = 0", "database-format"}}) {
        INFO(row.sql);
        const test::TempDir dir;
        const datadir::Layout layout(dir.path());
        {
            auto old = db::open(dir / "x.db", version(1), {.access = db::Access::create});
            old.exec("INSERT INTO t (name) VALUES ('one'); " + row.sql);
        }
        Look look(layout);
        check::check_plain_database(look.scope, dir / "x.db", version(2), check::IfMissing::error);
        const auto found = look.findings();
        CHECK(std::ranges::any_of(found, [&](const auto& text) { return text.starts_with(row.check); }));
    }
}

TEST_CASE("a database in use by an older program is looked at beside it", "[check][upgrade]") {
    const test::TempDir dir;
    const datadir::Layout layout(dir.path());
    auto old = db::open(dir / "x.db", version(1), {.access = db::Access::create});
    old.exec("INSERT INTO t (name) VALUES ('one')");
    Look look(layout);
    check::check_plain_database(look.scope, dir / "x.db", version(2), check::IfMissing::error);
    CHECK(look.findings().size() == 1);
    CHECK(db::schema_version(old) == 1);
    old.exec("INSERT INTO t (name) VALUES ('two')");
}
