#include <catch2/catch.hpp>

#include "common/config/random_config.hpp"
#include "config/domains_config.hpp"

using namespace mox;
using namespace mox::config;

namespace {

// The text after `change` of what it says; without the way out of writing it anew.
template <class Change>
std::string edited(const std::string& text, const Change& change) {
    const auto parsed = sconf::parse<Domains>(text);
    REQUIRE(parsed.ok());
    Domains after = parsed.value;
    change(after);
    std::string result = sconf::edit_from(sconf::type_of<Domains>, text, parsed.lines, &parsed.value, &after);
    const auto again = sconf::parse<Domains>(result);
    CAPTURE(result);
    CHECK(again.ok());
    CHECK(again.value == after);
    CHECK(sconf::edit(text, parsed.lines, parsed.value, after) == result);
    return result;
}

constexpr const char* text =
    "# Top.\n"
    "Accounts:\n"
    "\t# Of b.\n"
    "\tb:\n"
    "\t\tDomain: x.example\n"
    "\t\t# Where mail arrives.\n"
    "\t\tDestinations:\n"
    "\t\t\tb@x.example: nil\n"
    "\t\t\t# Second.\n"
    "\t\t\tB2@x.example:\n"
    "\t\t\t\tMailbox: Lists\n"
    "\t\t\t\t# Of the mailbox.\n"
    "\t\t\t# In between.\n"
    "\t\tRejectsMailbox: Rejects\n"
    "\n"
    "\t# Of a.\n"
    "\ta:\n"
    "\t\tDomain: x.example\n"
    "Domains:\n"
    "\tx.example: nil\n"
    "# The end.";

std::string without(std::string all, const std::string& part) {
    const auto at = all.find(part);
    REQUIRE(at != std::string::npos);
    return all.erase(at, part.size());
}
std::string with(std::string all, const std::string& before, const std::string& part) {
    const auto at = all.find(before);
    REQUIRE(at != std::string::npos);
    return all.insert(at, part);
}

}  // namespace

TEST_CASE("an edit without changes changes nothing", "[config]") {
    CHECK(edited(text, [](Domains&) {}) == text);
}

TEST_CASE("edits touch the lines of what changes", "[config]") {
    CHECK(edited(text, [](Domains& d) { d.accounts.erase("a"); }) ==
          without(text, "\t# Of a.\n\ta:\n\t\tDomain: x.example\n"));
    CHECK(edited(text, [](Domains& d) { d.accounts["b"].destinations.erase("B2@x.example"); }) ==
          without(text, "\t\t\t# Second.\n\t\t\tB2@x.example:\n\t\t\t\tMailbox: Lists\n\t\t\t\t# Of the mailbox.\n"));
    CHECK(edited(text, [](Domains& d) { d.accounts["b"].destinations["c@x.example"] = {}; }) ==
          with(text, "\t\t\t\t# Of the mailbox.\n", "\t\t\tc@x.example: nil\n"));
    CHECK(edited(text, [](Domains& d) { d.accounts["a"].destinations["a@x.example"] = {}; }) ==
          with(text, "Domains:\n", "\t\tDestinations:\n\t\t\ta@x.example: nil\n"));
    CHECK(edited(text, [](Domains& d) { d.accounts["b"].rejects_mailbox = "Other"; }) ==
          with(without(text, "\t\tRejectsMailbox: Rejects\n"), "\n\t# Of a.", "\t\tRejectsMailbox: Other\n"));
    CHECK(edited(text, [](Domains& d) { d.accounts["b"].rejects_mailbox.clear(); }) ==
          without(text, "\t\tRejectsMailbox: Rejects\n"));
    CHECK(edited(text, [](Domains& d) { d.domains["y.example"] = {}; }) ==
          with(text, "# The end.", "\ty.example: nil\n"));
    CHECK(edited(text, [](Domains& d) { d.domains["x.example"].description = "main"; }) ==
          with(without(text, "\tx.example: nil\n"), "# The end.", "\tx.example:\n\t\tDescription: main\n"));
    CHECK(edited(text, [](Domains& d) { d.monitor_dnsbls = {"z.example"}; }) ==
          std::string(text) + "\nMonitorDNSBLs:\n\t- z.example\n");
}

TEST_CASE("an edit may take everything away", "[config]") {
    const std::string result = edited(text, [](Domains& d) { d = {}; });
    CHECK_THAT(result, Catch::StartsWith("# Top.\nAccounts:\n") && Catch::EndsWith("Domains:\n# The end."));
}

TEST_CASE("edits of any text to any other arrive there", "[config]") {
    SeededRandom random(11);
    int kept = 0;
    for (int i = 0; i < 300; ++i) {
        const auto before = test::random_config<Domains>(random);
        const std::string whole = sconf::write(before, i % 2 == 0 ? sconf::Docs::omit : sconf::Docs::include);
        const auto parsed = sconf::parse<Domains>(whole);
        REQUIRE(parsed.ok());
        Domains after = i % 3 == 0 ? test::random_config<Domains>(random) : before;
        if (i % 3 == 1) after.accounts = test::random_config<Domains>(random).accounts;
        if (i % 3 == 2 && !after.domains.empty()) after.domains.erase(after.domains.begin());
        const std::string result = sconf::edit(whole, parsed.lines, parsed.value, after);
        CAPTURE(i, whole, result);
        const auto again = sconf::parse<Domains>(result);
        REQUIRE(again.ok());
        REQUIRE(again.value == after);
        if (result != sconf::write(after) || whole == sconf::write(before)) ++kept;
    }
    CHECK(kept > 150);
}
