#include "store/mailbox.hpp"

#include "base/error.hpp"
#include "fixture.hpp"

using namespace mox;
using namespace mox::store;
using test::Fixture;

TEST_CASE("creating a mailbox creates its parents and subscribes", "[store]") {
    Fixture f;
    f.change([](Transaction& tx) { create_mailbox(tx, "Lists/C++/std", Subscribe::yes); });
    CHECK(f.mailbox("Lists/C++").parent == f.mailbox("Lists").id);
    CHECK(f.mailbox("Lists/C++/std").parent == f.mailbox("Lists/C++").id);
    const auto subscriptions = list_subscriptions(f.account.database());
    CHECK(std::find(subscriptions.begin(), subscriptions.end(), "Lists/C++") != subscriptions.end());
    f.change([](Transaction& tx) { create_mailbox(tx, "Quiet", Subscribe::no); });
    CHECK(list_subscriptions(f.account.database()).size() == 9);
}

TEST_CASE("names that break the rules are refused with the reason", "[store]") {
    Fixture f;
    struct Row {
        std::string name, reason;
    };
    for (const auto& row :
         {Row{"", "is empty"}, Row{"/a", "empty part"}, Row{"a/", "empty part"}, Row{"a//b", "empty part"},
          Row{"#news", "starts with '#'"}, Row{"a/../b", "'.' or '..'"}, Row{"a\nb", "control"},
          Row{"a\xc2\x85", "control"}, Row{"a\xe2\x80\xa8", "control"}, Row{"\xff", "not UTF-8"},
          Row{"inbox", "not normalised"}, Row{"e\xcc\x81", "not normalised"}, Row{std::string(1001, 'a'), "longer"}}) {
        INFO(row.reason);
        try {
            f.change([&](Transaction& tx) { create_mailbox(tx, row.name, Subscribe::yes); });
            FAIL("created " << row.name);
        } catch (const Error& error) {
            CHECK(error.code() == Errc::usage);
            CHECK(std::string(error.what()).find(row.reason) != std::string::npos);
        }
    }
    for (const std::string good : {"a%b", "a*b", "a&b", "a#b",
                                   "Gr\xc3\xbc\xc3\x9f"
                                   "e",
                                   "Inbox/sub", "☺/☹"})
        f.change([&](Transaction& tx) { create_mailbox(tx, good, Subscribe::yes); });
    CHECK_THROWS_AS(f.change([](Transaction& tx) { create_mailbox(tx, "Archive", Subscribe::yes); }), Error);
}

TEST_CASE("renaming takes children along, with new UIDVALIDITYs and subscriptions", "[store]") {
    Fixture f;
    f.change([](Transaction& tx) { create_mailbox(tx, "Old/Sub", Subscribe::yes); });
    f.deliver("Old/Sub", test::message("x"));
    const auto before = f.mailbox("Old/Sub");
    f.change([](Transaction& tx) { rename_mailbox(tx, "Old", "New/Place"); });
    const auto after = f.mailbox("New/Place/Sub");
    CHECK(after.id == before.id);
    CHECK(after.uidvalidity > before.uidvalidity);
    CHECK(f.mailbox("New/Place").parent == f.mailbox("New").id);
    CHECK_FALSE(find_mailbox(f.account.database(), "Old"));
    const auto subscriptions = list_subscriptions(f.account.database());
    CHECK(std::find(subscriptions.begin(), subscriptions.end(), "New/Place/Sub") != subscriptions.end());
    CHECK(std::find(subscriptions.begin(), subscriptions.end(), "Old") == subscriptions.end());
    for (const auto& [from, to] : std::vector<std::pair<std::string, std::string>>{
             {"Inbox", "x"}, {"Missing", "x"}, {"New", "Archive"}, {"New", "New/Deeper"}, {"New", "bad//name"}})
        CHECK_THROWS_AS(f.change([&](Transaction& tx) { rename_mailbox(tx, from, to); }), Error);
    f.require_consistent();
}

TEST_CASE("a deleted mailbox takes its messages along and its name is free again", "[store]") {
    Fixture f;
    f.deliver("Work/Sub", test::message("x"));
    const auto old = f.mailbox("Work/Sub");
    CHECK_THROWS_AS(f.change([](Transaction& tx) { delete_mailbox(tx, "Work"); }), Error);
    CHECK_THROWS_AS(f.change([](Transaction& tx) { delete_mailbox(tx, "Inbox"); }), Error);
    CHECK_THROWS_AS(f.change([](Transaction& tx) { delete_mailbox(tx, "Missing"); }), Error);
    f.change([](Transaction& tx) { delete_mailbox(tx, "Work/Sub"); });
    CHECK(f.account.database().value<int>("SELECT count(*) FROM erase_queue") == 1);
    f.change([](Transaction& tx) { create_mailbox(tx, "Work/Sub", Subscribe::yes); });
    CHECK(f.mailbox("Work/Sub").id > old.id);
    CHECK(f.mailbox("Work/Sub").uidvalidity > old.uidvalidity);
    f.require_consistent();
}

TEST_CASE("a special use belongs to one mailbox", "[store]") {
    Fixture f;
    f.change([](Transaction& tx) { create_mailbox(tx, "Spam", Subscribe::yes, SpecialUse::junk); });
    CHECK(find_special_use(f.account.database(), SpecialUse::junk)->name == "Spam");
    CHECK(f.mailbox("Junk").special_use == SpecialUse::none);
}

TEST_CASE("a transaction waits for the lock only as long as it may", "[store]") {
    Fixture f;
    auto other = Account::open(f.layout, "alice", {.lock_timeout = std::chrono::milliseconds(30)});
    const Transaction tx(f.account);
    try {
        const Transaction second(other);
        FAIL("two writers");
    } catch (const Error& error) {
        CHECK(error.code() == Errc::locked);
    }
}
