#include "store/changes.hpp"

#include "base/error.hpp"
#include "base/random.hpp"
#include "fixture.hpp"

using namespace mox;
using namespace mox::store;
using model::Flag;
using model::Flags;
using test::Fixture;

namespace {

UidRanges range(std::uint32_t first, std::uint32_t last) {
    return {{Uid{first}, Uid{last}}};
}

void fill(Fixture& f, int count) {
    for (int i = 0; i < count; ++i) f.deliver("Inbox", test::message("m" + std::to_string(i)));
}

}  // namespace

TEST_CASE("flags are added, removed and replaced with counts kept right", "[store]") {
    Fixture f;
    fill(f, 5);
    const auto inbox = f.mailbox("Inbox").id;
    const auto add = f.change(
        [&](Transaction& tx) { return change_flags(tx, inbox, range(2, 4), {.flags = Flag::seen | Flag::flagged}); });
    CHECK(add.changed == 3);
    CHECK(f.mailbox("Inbox").counts.unread == 2);
    const auto again =
        f.change([&](Transaction& tx) { return change_flags(tx, inbox, range(4, 5), {.flags = Flag::seen}); });
    CHECK(again.changed == 1);
    f.change([&](Transaction& tx) {
        return change_flags(tx, inbox, range(2, 2), {.mode = FlagChange::Mode::remove, .flags = Flag::seen});
    });
    CHECK(f.placements("Inbox")[1].flags == Flags(Flag::flagged));
    f.change([&](Transaction& tx) {
        return change_flags(tx, inbox, {all_uids}, {.mode = FlagChange::Mode::replace, .flags = Flag::deleted});
    });
    CHECK(f.mailbox("Inbox").counts.deleted == 5);
    f.require_consistent();
}

TEST_CASE("only changed messages get a new modseq, and unchanged_since protects the others", "[store]") {
    Fixture f;
    fill(f, 3);
    const auto inbox = f.mailbox("Inbox").id;
    const ModSeq before = f.placements("Inbox")[2].modseq;
    f.change([&](Transaction& tx) { return change_flags(tx, inbox, range(2, 2), {.flags = Flag::seen}); });
    const auto result = f.change([&](Transaction& tx) {
        return change_flags(tx, inbox, {all_uids}, {.flags = Flag::answered, .unchanged_since = before});
    });
    CHECK(result.changed == 2);
    CHECK(result.changed_later == std::vector<Uid>{Uid{2}});
    const auto now = f.placements("Inbox");
    CHECK(now[1].flags == Flags(Flag::seen));
    CHECK(now[0].modseq == now[2].modseq);
    CHECK(now[0].modseq > now[1].modseq);
    f.require_consistent();
}

TEST_CASE("keywords are merged per message, and the mailbox never forgets one", "[store]") {
    Fixture f;
    f.deliver("Inbox", test::message("a"), {}, {"a", "b"});
    f.deliver("Inbox", test::message("b"));
    const auto inbox = f.mailbox("Inbox").id;
    f.change([&](Transaction& tx) { return change_flags(tx, inbox, {all_uids}, {.keywords = {"b", "c"}}); });
    CHECK(f.placements("Inbox")[0].keywords == model::Keywords{"a", "b", "c"});
    CHECK(f.placements("Inbox")[1].keywords == model::Keywords{"b", "c"});
    f.change([&](Transaction& tx) {
        return change_flags(tx, inbox, {all_uids}, {.mode = FlagChange::Mode::remove, .keywords = {"a", "b"}});
    });
    f.change([&](Transaction& tx) {
        return change_flags(tx, inbox, range(9, 9), {.mode = FlagChange::Mode::add, .keywords = {"unused"}});
    });
    f.change([&](Transaction& tx) { return change_flags(tx, inbox, {all_uids}, {.mode = FlagChange::Mode::replace}); });
    CHECK(f.placements("Inbox")[0].keywords.empty());
    CHECK(f.mailbox("Inbox").keywords == model::Keywords{"a", "b", "c", "unused"});
    f.require_consistent();
}

TEST_CASE("overlapping and reversed ranges change every message once", "[store]") {
    Fixture f;
    fill(f, 6);
    const auto inbox = f.mailbox("Inbox").id;
    const UidRanges ranges{{Uid{5}, Uid{2}}, {Uid{1}, Uid{3}}, {Uid{4}, Uid{4}}, {Uid{100}, Uid{0xffffffff}}};
    const auto result =
        f.change([&](Transaction& tx) { return change_flags(tx, inbox, ranges, {.flags = Flag::seen}); });
    CHECK(result.changed == 5);
    CHECK(f.mailbox("Inbox").counts.unseen == 1);
    f.require_consistent();
}

TEST_CASE("copies share message and file and carry flags and keywords", "[store]") {
    Fixture f;
    fill(f, 3);
    f.deliver("Inbox", test::message("k"), Flag::seen, {"work"});
    const auto result = f.change([&](Transaction& tx) {
        return copy_messages(tx, f.mailbox("Inbox").id, {{Uid{2}, Uid{2}}, {Uid{4}, Uid{9}}}, f.mailbox("Archive").id);
    });
    CHECK(result.sources == std::vector<Uid>{Uid{2}, Uid{4}});
    CHECK(result.first_new_uid == Uid{1});
    const auto copies = f.placements("Archive");
    REQUIRE(copies.size() == 2);
    CHECK(copies[1].uid == Uid{2});
    CHECK(copies[1].message == f.placements("Inbox")[3].message);
    CHECK(copies[1].flags == Flags(Flag::seen));
    CHECK(copies[1].keywords == model::Keywords{"work"});
    CHECK(f.mailbox("Archive").keywords == model::Keywords{"work"});
    CHECK(f.file_count() == 4);
    f.require_consistent();
    // The message lives as long as one placement does.
    f.change([&](Transaction& tx) { return expunge(tx, f.mailbox("Inbox").id, {all_uids}, Expunge::all); });
    CHECK(f.account.database().value<int>("SELECT count(*) FROM erase_queue") == 2);
    f.require_consistent();
}

TEST_CASE("copying into the same mailbox doubles it", "[store]") {
    Fixture f;
    fill(f, 3);
    const auto inbox = f.mailbox("Inbox").id;
    f.change([&](Transaction& tx) { return copy_messages(tx, inbox, {all_uids}, inbox); });
    CHECK(f.placements("Inbox").size() == 6);
    CHECK(f.mailbox("Inbox").uidnext == Uid{7});
    f.require_consistent();
}

TEST_CASE("copying several ranges into the same mailbox copies no copies", "[store]") {
    Fixture f;
    fill(f, 12);
    const auto inbox = f.mailbox("Inbox").id;
    const UidRanges ranges{{Uid{1}, Uid{5}}, {Uid{10}, Uid{0xffffffff}}};
    const auto result = f.change([&](Transaction& tx) { return copy_messages(tx, inbox, ranges, inbox); });
    CHECK(result.sources.size() == 8);
    CHECK(f.placements("Inbox").size() == 20);
    CHECK(f.mailbox("Inbox").uidnext == Uid{21});
    f.require_consistent();
}

TEST_CASE("keywords set and replaced in one transaction are gone", "[store]") {
    Fixture f;
    fill(f, 1);
    const auto inbox = f.mailbox("Inbox").id;
    f.change([&](Transaction& tx) {
        change_flags(tx, inbox, {all_uids}, {.keywords = {"new"}});
        change_flags(tx, inbox, {all_uids}, {.mode = FlagChange::Mode::replace});
    });
    CHECK(f.placements("Inbox")[0].keywords.empty());
    CHECK(f.mailbox("Inbox").keywords == model::Keywords{"new"});
}

TEST_CASE("a move leaves tombstones and is one message before and after", "[store]") {
    Fixture f;
    fill(f, 4);
    const auto inbox = f.mailbox("Inbox").id;
    const auto junk = f.mailbox("Junk").id;
    f.change([&](Transaction& tx) { return move_messages(tx, inbox, range(2, 3), junk); });
    CHECK(f.placements("Inbox").size() == 2);
    const auto moved = f.placements("Junk");
    REQUIRE(moved.size() == 2);
    CHECK(moved[0].flags == Flags(Flag::junk));
    CHECK(moved[0].mailbox_orig == inbox);
    CHECK(f.account.database().value<int>("SELECT count(*) FROM tombstone WHERE mailbox_id = ?", inbox) == 2);
    CHECK(f.account.database().value<int>("SELECT count(*) FROM erase_queue") == 0);
    // Within a mailbox they get new UIDs, once.
    f.change([&](Transaction& tx) { return move_messages(tx, inbox, {all_uids}, inbox); });
    const auto within = f.placements("Inbox");
    REQUIRE(within.size() == 2);
    CHECK(within[0].uid == Uid{5});
    CHECK(within[1].uid == Uid{6});
    CHECK(f.account.database().value<int>("SELECT count(*) FROM tombstone WHERE mailbox_id = ?", inbox) == 4);
    f.require_consistent();
}

TEST_CASE("a reject that is moved out counts for the mailbox it was meant for", "[store]") {
    Fixture f;
    const auto inbox = f.mailbox("Inbox").id;
    deliver(f.account, "Rejects",
            {.received = f.clock.now(), .flags = Flag::seen, .mailbox_destined = inbox, .is_reject = true},
            test::message("r"));
    f.change([&](Transaction& tx) {
        return copy_messages(tx, f.mailbox("Rejects").id, {all_uids}, f.mailbox("Archive").id);
    });
    CHECK(f.placements("Archive")[0].flags == Flags(Flag::seen));
    f.change([&](Transaction& tx) { return move_messages(tx, f.mailbox("Rejects").id, {all_uids}, inbox); });
    const auto moved = f.placements("Inbox")[0];
    CHECK(moved.mailbox_orig == inbox);
    CHECK(moved.mailbox_destined == inbox);
    CHECK_FALSE(moved.is_reject);
    CHECK(moved.flags.empty());
    f.require_consistent();
}

TEST_CASE("expunging takes only what is asked for", "[store]") {
    Fixture f;
    fill(f, 4);
    const auto inbox = f.mailbox("Inbox").id;
    f.change([&](Transaction& tx) { return change_flags(tx, inbox, range(2, 3), {.flags = Flag::deleted}); });
    const auto gone = f.change([&](Transaction& tx) { return expunge(tx, inbox, range(1, 2), Expunge::only_deleted); });
    CHECK(gone == std::vector<Uid>{Uid{2}});
    CHECK(f.change([&](Transaction& tx) { return expunge(tx, inbox, range(50, 60), Expunge::all); }).empty());
    CHECK(f.mailbox("Inbox").counts.deleted == 1);
    CHECK(f.deliver("Inbox", test::message("next")).uid == Uid{5});
    f.require_consistent();
}

TEST_CASE("training follows the flags, once per change", "[store]") {
    Fixture f;
    const auto inbox = f.mailbox("Inbox").id;
    f.change([](Transaction& tx) { tx.set_trains(true); });
    fill(f, 2);
    const auto log = [&] {
        std::string text;
        for (const auto& [from, to] :
             f.account.database().rows<int, int>("SELECT from_state, to_state FROM training_log ORDER BY id"))
            text += std::to_string(from) + ">" + std::to_string(to) + " ";
        return text;
    };
    const auto set = [&](FlagChange::Mode mode, Flags flags) {
        f.change([&](Transaction& tx) { return change_flags(tx, inbox, range(1, 1), {.mode = mode, .flags = flags}); });
    };
    set(FlagChange::Mode::add, Flag::junk);
    CHECK(log() == "0>1 ");
    set(FlagChange::Mode::add, Flag::not_junk);  // both: neither
    CHECK(log() == "0>1 1>0 ");
    set(FlagChange::Mode::remove, Flag::junk);
    CHECK(log() == "0>1 1>0 0>2 ");
    set(FlagChange::Mode::add, Flag::seen);
    CHECK(log() == "0>1 1>0 0>2 ");
    f.change([&](Transaction& tx) { return move_messages(tx, inbox, range(1, 1), f.mailbox("Junk").id); });
    CHECK(log() == "0>1 1>0 0>2 2>1 ");
    f.change([&](Transaction& tx) { return expunge(tx, f.mailbox("Junk").id, {all_uids}, Expunge::all); });
    CHECK(log() == "0>1 1>0 0>2 2>1 1>0 ");
    f.require_consistent();
}

TEST_CASE("any sequence of operations keeps counts, UIDs and keywords consistent", "[store]") {
    Fixture f;
    SeededRandom random(42);
    f.change([](Transaction& tx) { tx.set_trains(true); });
    const std::vector<std::string> names{"Inbox", "Archive", "Junk", "Work/A"};
    fill(f, 5);
    f.deliver("Work/A", test::message("w"));
    for (int step = 0; step < 300; ++step) {
        const std::string name = names[random.below(names.size())];
        const std::string other = names[random.below(names.size())];
        const auto first = static_cast<std::uint32_t>(random.below(20)) + 1;
        const UidRanges uids = range(first, first + static_cast<std::uint32_t>(random.below(10)));
        const auto from = f.mailbox(name).id;
        switch (random.below(6)) {
            case 0:
                f.deliver(name, test::message("s" + std::to_string(step)),
                          Flags::from_bits(static_cast<std::uint32_t>(random.below(1024))));
                break;
            case 1:
                f.change([&](Transaction& tx) {
                    return change_flags(tx, from, uids,
                                        {.mode = static_cast<FlagChange::Mode>(random.below(3)),
                                         .flags = Flags::from_bits(static_cast<std::uint32_t>(random.below(1024)))});
                });
                break;
            case 2:
                f.change([&](Transaction& tx) {
                    return change_flags(tx, from, uids,
                                        {.mode = static_cast<FlagChange::Mode>(random.below(3)),
                                         .keywords = {"k" + std::to_string(random.below(4))}});
                });
                break;
            case 3:
                f.change([&](Transaction& tx) { return copy_messages(tx, from, uids, f.mailbox(other).id); });
                break;
            case 4:
                if (name != other)
                    f.change([&](Transaction& tx) { return move_messages(tx, from, uids, f.mailbox(other).id); });
                break;
            default:
                f.change([&](Transaction& tx) {
                    return expunge(tx, from, uids, random.below(2) == 0 ? Expunge::all : Expunge::only_deleted);
                });
        }
        if (step % 20 == 0) f.require_consistent();
    }
    f.require_consistent();
    // The log adds up to the states.
    const auto states = f.account.database().value<std::int64_t>(
        "SELECT coalesce(sum(trained = 1), 0) * 1000000 + coalesce(sum(trained = 2), 0) FROM placement");
    const auto logged = f.account.database().value<std::int64_t>(
        "SELECT coalesce(sum((to_state = 1) - (from_state = 1)), 0) * 1000000 + coalesce(sum((to_state = 2) - "
        "(from_state = 2)), 0) FROM training_log");
    CHECK(states == logged);
}
