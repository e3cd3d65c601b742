#include "repair/repair.hpp"

#include <catch2/catch.hpp>

#include "fixing.hpp"
#include "repair/remedies.hpp"
#include "support/damages.hpp"
#include "support/logical_dump.hpp"

using namespace mox;
using test::dry_run;
using test::fix;
using Directory = test::HealthyDirectory;

namespace {

// What is left to a person although there is a repair for other cases of the check.
bool needs_person(const test::Damage& damage, const test::Fixed& planned) {
    static const std::set<std::string> checks{"database", "database-format", "message-size", "message-hash"};
    // A missing index is made anew, anything else is not.
    if (damage.check == "database-schema") return planned.actions.empty();
    return checks.contains(damage.check) || repair::remedy_of(damage.check).repair.empty();
}

std::set<std::pair<std::string, std::string>> places(const test::Fixed& fixed) {
    std::set<std::pair<std::string, std::string>> found;
    for (const auto& action : fixed.actions) found.emplace(action.check, action.path);
    return found;
}

}  // namespace

TEST_CASE("nothing is mended in a healthy directory", "[repair]") {
    const Directory directory;
    const auto before = test::dump_contents(directory.layout().root());
    const auto fixed = fix(directory.layout());
    CHECK(fixed.actions.empty());
    CHECK(fixed.left.empty());
    CHECK(fixed.troubles.empty());
    CHECK(test::dump_contents(directory.layout().root()) == before);
}

TEST_CASE("every damage is mended, or left with what a person can do", "[repair]") {
    for (const auto& damage : test::damages()) {
        const Directory directory;
        damage.inflict(directory);
        INFO("check " << damage.check << " at " << damage.path);
        const auto contents = test::dump_contents(directory.layout().root());
        const auto tree = test::dump_tree(directory.layout().root());

        const auto planned = dry_run(directory.layout());
        CHECK(test::dump_tree(directory.layout().root()) == tree);
        CHECK(planned.left_checks() == std::set{damage.check});

        const auto fixed = fix(directory.layout());
        CHECK(fixed.troubles.empty());
        CHECK(test::dump_contents(directory.layout().root()) == contents);
        const auto done = places(fixed);
        for (const auto& place : places(planned)) CHECK(done.contains(place));
        if (needs_person(damage, planned)) {
            CHECK(fixed.left_checks() == std::set{damage.check});
            for (const auto& finding : fixed.left)
                CHECK((!finding.hint.empty() || !repair::remedy_of(finding.check).by_hand.empty()));
        } else {
            CHECK(fixed.left.empty());
            CHECK(fixed.checks().contains(damage.check));
            CHECK(planned.checks().contains(damage.check));
        }
        // Once more: nothing is left to do.
        const auto again = fix(directory.layout());
        CHECK(again.actions.empty());
        CHECK(again.left_checks() == fixed.left_checks());
    }
}

TEST_CASE("missing indexes are made anew in every kind of database", "[repair]") {
    struct Row {
        std::string path;
        std::vector<std::string> dropped;
    };
    for (const auto& [path, dropped] :
         {Row{"accounts/alice/index.db", {"placement_message", "mailbox_name"}},
          Row{"accounts/bob/index.db", {"message_thread"}}, Row{"queue/index.db", {}}, Row{"dmarcrpt.db", {}}}) {
        const Directory directory;
        std::vector<std::string> names = dropped;
        {
            db::Database database(directory / path, {.access = db::Access::read_write});
            if (names.empty())
                for (const auto& [name] :
                     database.rows<std::string>("SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT "
                                                "NULL ORDER BY name LIMIT 2"))
                    names.push_back(name);
            for (const auto& name : names) database.exec("DROP INDEX \"" + name + "\"");
        }
        INFO(path);
        REQUIRE_FALSE(names.empty());
        const auto fixed = fix(directory.layout());
        CHECK(fixed.checks() == std::set<std::string>{"database-schema"});
        CHECK(fixed.actions.size() == names.size());
        CHECK(fixed.left.empty());
        CHECK(fixed.troubles.empty());
    }
}

TEST_CASE("an index that its table does not allow is a trouble, and the database stays as it is", "[repair]") {
    const Directory directory;
    directory.sql("alice",
                  "DROP INDEX mailbox_name; INSERT INTO mailbox (id, name, uidvalidity, uidnext, special_use, keywords,"
                  " count_total, count_deleted, count_unread, count_unseen, size, createseq, modseq, expunged) SELECT"
                  " 4711, name, uidvalidity + 4711, 1, 0, '', 0, 0, 0, 0, 0, 1, 1, 0 FROM mailbox WHERE id = 1");
    const auto tree = test::dump_tree(directory.layout().root() / "accounts");
    const auto fixed = fix(directory.layout());
    CHECK(fixed.actions.empty());
    CHECK(fixed.troubles.size() == 1);
    CHECK(fixed.left_checks().contains("database-schema"));
    CHECK(test::dump_tree(directory.layout().root() / "accounts") == tree);
}

TEST_CASE("the table of repairs in the documentation is the one in the program", "[repair]") {
    const std::string document = read_file(std::filesystem::path(MOX_SOURCE_DIR) / "docs/verification.md");
    CHECK(document.find(repair::remedy_table()) != std::string::npos);
}
