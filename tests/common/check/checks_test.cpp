#include "check/checks.hpp"

#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "check/verify.hpp"
#include "support/damages.hpp"
#include "support/database_checks.hpp"
#include "support/healthy_directory.hpp"
#include "support/promises.hpp"

using namespace mox;
namespace fs = std::filesystem;

namespace {

using Directory = test::HealthyDirectory;

struct Found {
    std::map<std::string, std::set<std::string>> paths;  // by check
    check::Summary summary;
};

Found verify(const Directory& directory, check::Options options = {.contents = check::Contents::hashes, .jobs = 2}) {
    Found found;
    found.summary = check::verify(directory.layout(), options, [&](const check::Finding& finding) {
        UNSCOPED_INFO(finding.path << ": " << finding.detail << " [" << finding.check << "]");
        found.paths[std::string(finding.check)].insert(finding.path);
    });
    return found;
}

}  // namespace

TEST_CASE("a healthy directory passes every check", "[check]") {
    const Directory directory;
    test::check_promises(directory.layout());
    const auto found = verify(directory);
    CHECK(found.paths.empty());
    CHECK(found.summary.accounts == 2);
    CHECK(found.summary.messages == 2 * 7 + 2);
    CHECK(found.summary.errors + found.summary.warnings == 0);
}

TEST_CASE("each broken promise is found by its own check and by no other", "[check]") {
    for (const auto& damage : test::damages()) {
        const Directory directory;
        damage.inflict(directory);
        INFO("check " << damage.check << " at " << damage.path);
        const auto found = verify(directory);
        REQUIRE_FALSE(found.paths.empty());
        CHECK(found.paths.size() == 1);
        CHECK(found.paths.begin()->first == damage.check);
        CHECK(found.paths.begin()->second == std::set{damage.path});
    }
}

TEST_CASE("every check has damage that only it finds", "[check]") {
    // Pages are damaged in damage_test.cpp, archives in archive_test.cpp, snapshots in tests/tools/verifydata; older
    // versions are made up in upgrade_test.cpp.
    std::set<std::string_view> tested{"database-integrity", "archive", "manifest", "database-version"};
    const auto rows = test::damages();
    for (const auto& damage : rows) tested.insert(damage.check);
    for (const auto& check : check::checks) {
        INFO(check.id);
        CHECK(tested.contains(check.id));
    }
}

TEST_CASE("every row of an account has a seal", "[check]") {
    const Directory directory;
    db::Database database(directory.layout().account_db("alice"), {.access = db::Access::read_write});
    CHECK(test::tables_without_seal(database).empty());
}

TEST_CASE("only the checks that were asked for speak", "[check]") {
    const Directory directory;
    directory.sql("alice", "UPDATE account SET message_size = 0; DELETE FROM erase_queue");
    check::Options options{.jobs = 1};
    options.only.set(check::CheckId("account-size").index());
    const auto found = verify(directory, options);
    CHECK(found.paths.size() == 1);
    CHECK(found.paths.contains("account-size"));
    CHECK(found.summary.errors == 1);
}

TEST_CASE("contents are read only when asked for", "[check]") {
    const Directory directory;
    test::flip_in(directory / "accounts/bob/msg/a/1", "Hello");
    CHECK(verify(directory, {.jobs = 1}).paths.empty());
    CHECK(verify(directory).paths.contains("message-hash"));
}

TEST_CASE("a ruined account does not flood the report, and the totals are right", "[check]") {
    const Directory directory;
    for (int i = 0; i < 300; ++i)
        test::write_bytes(directory / ("accounts/alice/msg/a/stray" + std::to_string(i)), "x");
    std::size_t lines = 0;
    std::string last;
    const auto summary = check::verify(directory.layout(), {.most_findings = 100}, [&](const check::Finding& finding) {
        ++lines;
        last = finding.detail;
    });
    CHECK(lines == 101);
    CHECK(last == "and 200 more of this kind, here and in other places");
    CHECK(summary.errors == 300);
}
