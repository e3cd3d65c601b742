#include "fixture.hpp"

#include "model/automatic_junk_flags.hpp"

using namespace mox;
using namespace mox::store;
using model::Flag;
using model::Flags;

namespace {

const model::AutomaticJunkFlags rules(
    {.enabled = true, .junk = "^(junk|spam)", .neutral = "^(inbox|rejects)", .not_junk = ""});

// An account that trains and has rules for junk flags.
struct Ruled : test::Fixture {
    Ruled() {
        account.set_junk_flags(rules);
        change([](Transaction& tx) { tx.set_trains(true); });
    }
    void copy(std::string_view from, std::string_view to) {
        change([&](Transaction& tx) { (void)copy_messages(tx, mailbox(from).id, {all_uids}, mailbox(to).id); });
    }
    void move(std::string_view from, std::string_view to) {
        change([&](Transaction& tx) { (void)move_messages(tx, mailbox(from).id, {all_uids}, mailbox(to).id); });
    }
    Delivered reject(std::string_view destined) {
        return deliver_reject(account, "Rejects", destined, {.received = clock.now()}, test::message("r"));
    }
    Placement only(std::string_view name) {
        const auto all = placements(name);
        REQUIRE(all.size() == 1);
        return all[0];
    }
    std::string log() {
        std::string text;
        for (const auto& [message, from, to] : account.database().rows<int, int, int>(
                 "SELECT message_id, from_state, to_state FROM training_log ORDER BY id"))
            text += std::to_string(message) + ":" + std::to_string(from) + ">" + std::to_string(to) + " ";
        return text;
    }
    // What reputation counts for a mailbox: its messages with exactly one of the junk flags, wherever they are.
    std::pair<int, int> judged_for(std::string_view name) {
        const auto count = [&](Flag flag) {
            return account.database()
                .value<int>("SELECT count(*) FROM placement WHERE mailbox_orig_id = ? AND flags & ? <> 0",
                            mailbox(name).id, Flags(flag).bits())
                .value();
        };
        return {count(Flag::junk), count(Flag::not_junk)};
    }
};

}  // namespace

TEST_CASE("what is delivered, copied or moved gets the junk flags of its mailbox, and is trained", "[store]") {
    Ruled f;
    f.deliver("Archive", test::message("a"), Flag::junk | Flag::seen);
    CHECK(f.only("Archive").flags == (Flag::not_junk | Flag::seen));
    CHECK(f.log() == "1:0>2 ");
    f.copy("Archive", "Inbox");  // neutral: neither
    CHECK(f.only("Inbox").flags == Flags(Flag::seen));
    CHECK(f.only("Inbox").trained == Trained::no);
    CHECK(f.log() == "1:0>2 ");
    f.move("Inbox", "Junk");
    CHECK(f.only("Junk").flags == (Flag::junk | Flag::seen));
    CHECK(f.log() == "1:0>2 1:0>1 ");
    f.move("Junk", "Inbox");
    CHECK(f.only("Inbox").flags == Flags(Flag::seen));
    CHECK(f.log() == "1:0>2 1:0>1 1:1>0 ");
    // Flags that are set by hand stay until the message goes elsewhere.
    f.change([&](Transaction& tx) {
        return change_flags(tx, f.mailbox("Inbox").id, {all_uids}, {.flags = Flag::junk | Flag::not_junk});
    });
    CHECK(f.only("Inbox").flags == (Flag::seen | Flag::junk | Flag::not_junk));
    f.require_consistent();
}

TEST_CASE("rules for junk flags come with whoever opens the account", "[store]") {
    Ruled f;
    auto without = Account::open(f.layout, "alice", {.clock = &f.clock});
    (void)deliver(without, "Archive", {.received = f.clock.now(), .flags = Flag::junk}, test::message("a"));
    CHECK(f.only("Archive").flags == Flags(Flag::junk));
    (void)deliver(without, "Junk", {.received = f.clock.now(), .flags = Flag::not_junk}, test::message("b"));
    CHECK(f.only("Junk").flags == Flags(Flag::junk));  // its special use needs no rules
    without.close();
    auto with = Account::open(f.layout, "alice", {.clock = &f.clock, .junk_flags = rules});
    (void)deliver(with, "Spam", {.received = f.clock.now()}, test::message("c"));
    CHECK(f.only("Spam").flags == Flags(Flag::junk));
    auto made = Account::create(f.layout, "bob", default_initial_mailboxes(), {.clock = &f.clock, .junk_flags = rules});
    (void)deliver(made, "Archive", {.received = f.clock.now()}, test::message("d"));
    const auto archive = find_mailbox(made.database(), "Archive").value();
    CHECK(list_placements(made.database(), archive.id).at(0).flags == Flags(Flag::not_junk));
}

TEST_CASE("a reject is seen, neither junk nor not, and its mailbox is there to count for", "[store]") {
    Ruled f;
    const auto rejected = f.reject("Lists/C++");
    const auto rejects = f.mailbox("Rejects"), lists = f.mailbox("Lists/C++");
    CHECK(rejected.mailbox == rejects.id);
    const auto row = f.only("Rejects");
    CHECK(row.flags == Flags(Flag::seen));
    CHECK(row.is_reject);
    CHECK(row.mailbox_orig == rejects.id);
    CHECK(row.mailbox_destined == lists.id);
    CHECK(lists.counts.total == 0);
    const auto subscribed = list_subscriptions(f.account.database());
    CHECK(std::find(subscribed.begin(), subscribed.end(), "Lists/C++") != subscribed.end());
    CHECK(f.log().empty());
    f.require_consistent();
}

TEST_CASE("a reject that is moved out counts for the mailbox it was meant for, wherever it goes", "[store]") {
    struct Row {
        const char* to;
        Flags flags;
        const char* log;
        std::pair<int, int> judged;  // junk, not junk
    };
    const Row row = GENERATE(Row{"Inbox", {}, "", {0, 0}}, Row{"Archive", Flag::not_junk, "1:0>2 ", {0, 1}},
                             Row{"Junk", Flag::junk, "1:0>1 ", {1, 0}}, Row{"Lists", Flag::not_junk, "1:0>2 ", {0, 1}});
    INFO(row.to);
    Ruled f;
    f.reject("Lists");
    f.move("Rejects", row.to);
    const auto moved = f.only(row.to);
    const auto lists = f.mailbox("Lists").id;
    CHECK(moved.mailbox_orig == lists);
    CHECK(moved.mailbox_destined == lists);
    CHECK_FALSE(moved.is_reject);
    CHECK(moved.flags == row.flags);  // not seen any more
    CHECK(f.log() == row.log);
    CHECK(f.judged_for("Lists") == row.judged);
    CHECK(f.judged_for("Rejects") == std::pair{0, 0});
    // Further moves change nothing of what it counts for.
    f.move(row.to, "Trash");
    CHECK(f.only("Trash").mailbox_orig == lists);
    CHECK(f.only("Trash").mailbox_destined == lists);
    CHECK(f.judged_for("Lists") == std::pair{0, 1});
    f.require_consistent();
}

TEST_CASE("a copy of a reject stays seen, and the reject stays one", "[store]") {
    Ruled f;
    f.reject("Inbox");
    f.copy("Rejects", "Archive");
    CHECK(f.only("Archive").flags == (Flag::not_junk | Flag::seen));
    CHECK_FALSE(f.only("Archive").is_reject);
    CHECK(f.only("Archive").mailbox_orig == f.mailbox("Inbox").id);
    CHECK(f.only("Rejects").is_reject);
    CHECK(f.only("Rejects").mailbox_orig == f.mailbox("Rejects").id);
    f.require_consistent();
}

TEST_CASE("a reject without a mailbox of its own stays a reject", "[store]") {
    Ruled f;
    f.reject("Rejects");
    CHECK(f.only("Rejects").mailbox_destined == MailboxId{});
    f.move("Rejects", "Inbox");
    CHECK(f.only("Inbox").is_reject);
    CHECK(f.only("Inbox").mailbox_orig == f.mailbox("Rejects").id);
    f.require_consistent();
}
