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
bool needs_person(const test::Damage& damage) {
    static const std::set<std::string> checks{"database", "database-format", "database-schema", "message-size",
                                              "message-hash"};
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
        if (needs_person(damage)) {
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

TEST_CASE("the table of repairs in the documentation is the one in the program", "[repair]") {
    const std::string document = read_file(std::filesystem::path(MOX_SOURCE_DIR) / "docs/verification.md");
    CHECK(document.find(repair::remedy_table()) != std::string::npos);
}
