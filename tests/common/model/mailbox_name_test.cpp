#include "model/mailbox_name.hpp"

#include <catch2/catch.hpp>

using namespace mox::model;

TEST_CASE("mailbox names are normalised: NFC, and inbox in any case", "[model]") {
    struct Row {
        std::string name, normalised;
    };
    for (const auto& row :
         {Row{"inbox", "Inbox"}, Row{"INBOX/a", "Inbox/a"}, Row{"a/inbox", "a/inbox"}, Row{"inboxes", "inboxes"},
          Row{"e\xcc\x81", "\xc3\xa9"}, Row{"", ""}, Row{"a\xff/e\xcc\x81", "a\xff/e\xcc\x81"}})
        CHECK(normalised_mailbox_name(row.name) == row.normalised);
}

TEST_CASE("names that are not UTF-8 are refused, not repaired", "[model]") {
    for (const std::string name : {"\xff", "a\xc3", "Inbox/\xed\xa0\x80", "\xc0\xaf"})
        CHECK(mailbox_name_problem(normalised_mailbox_name(name)) == "is not UTF-8");
}

TEST_CASE("parents and ancestors of names", "[model]") {
    CHECK(parent_of("a/b/c") == "a/b");
    CHECK(parent_of("a").empty());
    CHECK(ancestors_of("a/b/c") == std::vector<std::string_view>{"a", "a/b"});
    CHECK(ancestors_of("a").empty());
}
