#include "model/automatic_junk_flags.hpp"

#include <catch2/catch.hpp>

#include "base/error.hpp"

using namespace mox;
using model::AutomaticJunkFlags;
using model::Flag;
using model::Flags;
using model::SpecialUse;

namespace {

// Junk, neutral, not junk, nothing: what becomes of a message that has both flags and is seen.
std::string outcome(const AutomaticJunkFlags& rules, std::string_view mailbox, SpecialUse use = SpecialUse::none) {
    const Flags before = Flag::junk | Flag::not_junk | Flag::seen;
    const Flags after = rules.effect(mailbox, use).apply(before);
    if (after == before) return "unchanged";
    if (after == (Flag::junk | Flag::seen)) return "junk";
    if (after == (Flag::not_junk | Flag::seen)) return "not junk";
    return after == Flags(Flag::seen) ? "neutral" : "something else";
}

// Those of a new account.
AutomaticJunkFlags usual() {
    return AutomaticJunkFlags({.enabled = true,
                               .junk = "^(junk|spam)",
                               .neutral = "^(inbox|neutral|postmaster|dmarc|tlsrpt|rejects)",
                               .not_junk = ""});
}

}  // namespace

TEST_CASE("junk flags follow the name of the mailbox", "[model]") {
    struct Row {
        const char *mailbox, *outcome;
    };
    const Row rows[] = {{"Inbox", "neutral"},     {"INBOX/x", "neutral"},      {"Rejects", "neutral"},
                        {"Junk", "junk"},         {"spam/2020", "junk"},       {"Archive", "not junk"},
                        {"My Inbox", "not junk"}, {"\xc3\x84rger", "not junk"}};
    for (const auto& [mailbox, wanted] : rows) {
        INFO(mailbox);
        CHECK(outcome(usual(), mailbox) == wanted);
        CHECK(outcome(AutomaticJunkFlags(), mailbox) == "unchanged");
        CHECK(outcome(usual(), mailbox, SpecialUse::archive) == wanted);
        CHECK(outcome(usual(), mailbox, SpecialUse::junk) == "junk");
        CHECK(outcome(AutomaticJunkFlags(), mailbox, SpecialUse::junk | SpecialUse::trash) == "junk");
    }
}

TEST_CASE("the first expression that matches decides, and one that is missing may stand for the rest", "[model]") {
    const auto with = [](std::string junk, std::string neutral, std::string not_junk, bool enabled = true) {
        return AutomaticJunkFlags({.enabled = enabled,
                                   .junk = std::move(junk),
                                   .neutral = std::move(neutral),
                                   .not_junk = std::move(not_junk)});
    };
    CHECK(outcome(with("a", "a", "a"), "A") == "junk");
    CHECK(outcome(with("b", "a", "a"), "A") == "neutral");
    CHECK(outcome(with("b", "b", "a"), "xAx") == "not junk");
    CHECK(outcome(with("b", "b", "b"), "A") == "unchanged");
    CHECK(outcome(with("", "b", "b"), "A") == "junk");
    CHECK(outcome(with("b", "", "b"), "A") == "neutral");
    CHECK(outcome(with("b", "b", ""), "A") == "not junk");
    CHECK(outcome(with("b", "", ""), "A") == "unchanged");
    CHECK(outcome(with("", "", ""), "A") == "unchanged");
    CHECK(outcome(with("a", "", "", false), "A") == "unchanged");
    // Lower case goes beyond ASCII; the expression is matched against the lower case name.
    CHECK(outcome(with("^\xc3\xa4rger$", "x", "x"), "\xc3\x84RGER") == "junk");
    CHECK(outcome(with("A", "x", "x"), "A") == "unchanged");
}

TEST_CASE("an expression that cannot be compiled is named", "[model]") {
    for (const char* bad : {"(", "[a", "a{2,1}", "(?=x)", "\\1", "*"}) {
        INFO(bad);
        try {
            const AutomaticJunkFlags rules({.enabled = true, .junk = "ok", .neutral = bad, .not_junk = ""});
            FAIL_CHECK("accepted");
        } catch (const Error& error) {
            CHECK(error.code() == Errc::failed);
            CHECK(std::string(error.what()).find("is no regular expression") != std::string::npos);
        }
        CHECK_NOTHROW(AutomaticJunkFlags({.enabled = false, .junk = bad, .neutral = "", .not_junk = ""}));
    }
    // Time is linear in the name, whatever the expression.
    const AutomaticJunkFlags slow({.enabled = true, .junk = "(a*)*b", .neutral = "(a|aa)+$", .not_junk = ""});
    CHECK(outcome(slow, std::string(5'000, 'a') + "c") == "not junk");
}
