#include "store/training.hpp"

#include <catch2/catch.hpp>
#include <random>

#include "base/error.hpp"
#include "fixture.hpp"
#include "store/erase.hpp"

using namespace mox;
using model::Flag;
using store::UidRange;
using test::mail;
using test::TrainingFixture;

namespace {

void set_flags(TrainingFixture& f, std::string_view mailbox, store::UidRanges uids, model::Flags flags) {
    f.change([&](store::Transaction& tx) {
        (void)store::change_flags(tx, f.mailbox(mailbox).id, uids,
                                  {.mode = store::FlagChange::Mode::replace, .flags = flags});
    });
}

}  // namespace

TEST_CASE("a message is counted once, moved to the other side, and forgotten again", "[training]") {
    TrainingFixture f;
    f.deliver("Inbox", mail("Lunch", "Shall we meet tomorrow?"));
    set_flags(f, "Inbox", {store::all_uids}, Flag::not_junk);
    CHECK(f.apply().added == junk::Counts{.ham = 1, .spam = 0});
    CHECK(f.apply().added == junk::Counts{});
    CHECK(f.filter.look_up("tomorrow") == junk::Counts{.ham = 1, .spam = 0});

    set_flags(f, "Inbox", {store::all_uids}, Flag::junk);
    (void)f.apply();
    CHECK(f.filter.totals() == junk::Counts{.ham = 0, .spam = 1});
    CHECK(f.filter.look_up("tomorrow") == junk::Counts{.ham = 0, .spam = 1});

    set_flags(f, "Inbox", {store::all_uids}, Flag::junk | Flag::not_junk);
    CHECK(f.apply().removed == junk::Counts{.ham = 0, .spam = 1});
    CHECK(f.filter.word_count() == 0);
    f.require_promises();
}

TEST_CASE("copies of a message count once, until the last of them is gone", "[training]") {
    TrainingFixture f;
    f.deliver("Inbox", mail("Lunch", "Shall we meet tomorrow?"), Flag::not_junk);
    f.change([&](store::Transaction& tx) {
        (void)store::copy_messages(tx, f.mailbox("Inbox").id, {store::all_uids}, f.mailbox("Archive").id);
    });
    (void)f.apply();
    CHECK(f.filter.totals() == junk::Counts{.ham = 1, .spam = 0});
    f.change([&](store::Transaction& tx) {
        (void)store::expunge(tx, f.mailbox("Inbox").id, {store::all_uids}, store::Expunge::all);
    });
    (void)f.apply();
    CHECK(f.filter.totals() == junk::Counts{.ham = 1, .spam = 0});
    f.change([&](store::Transaction& tx) {
        (void)store::expunge(tx, f.mailbox("Archive").id, {store::all_uids}, store::Expunge::all);
    });
    CHECK(store::erase_queued(f.account) == 0);  // its file is still needed
    (void)f.apply();
    CHECK(f.filter.totals() == junk::Counts{});
    CHECK(store::erase_queued(f.account) == 1);
    f.require_promises();
}

TEST_CASE("what cannot be read is not trained, and nothing fails because of it", "[training]") {
    TrainingFixture f;
    f.deliver("Inbox", mail("one", "words"), Flag::not_junk);
    const auto lost = f.deliver("Inbox", mail("two", "others"), Flag::not_junk);
    f.deliver("Inbox", "", Flag::junk);
    const std::string path = f.account.message_file(lost.id);
    std::filesystem::rename(path, path + "x");
    const auto result = f.apply();
    CHECK(result.unread == 2);
    CHECK(f.filter.totals() == junk::Counts{.ham = 1, .spam = 0});
    std::filesystem::rename(path + "x", path);
    f.require_promises();
    // Taken back without ever having been counted.
    set_flags(f, "Inbox", {UidRange{store::Uid{2}, store::Uid{3}}}, {});
    (void)f.apply();
    CHECK(f.filter.totals() == junk::Counts{.ham = 1, .spam = 0});
    CHECK(test::state_of(f.filter).unread.empty());
    f.require_promises();
}

TEST_CASE("a crash between filter and log counts nothing twice", "[training]") {
    TrainingFixture f;
    f.deliver("Inbox", mail("one", "words"), Flag::not_junk);
    const auto rows = f.account.database().value<std::int64_t>("SELECT max(id) FROM training_log").value();
    (void)f.apply();
    const auto before = test::state_of(f.filter);
    // The row is there again, as if it had not been removed.
    f.account.database().run("INSERT INTO training_log (id, message_id, from_state, to_state) VALUES (?, 1, 0, 2)",
                             rows);
    f.require_promises();
    CHECK(f.apply().added == junk::Counts{});
    CHECK(test::state_of(f.filter) == before);
    CHECK(f.account.database().value<int>("SELECT count(*) FROM training_log") == 0);
}

TEST_CASE("while somebody trains, others leave the log alone", "[training]") {
    TrainingFixture f;
    f.deliver("Inbox", mail("one", "words"), Flag::not_junk);
    {
        const auto other = datadir::Lock::try_take(f.layout, "train-alice", datadir::LockMode::exclusive);
        REQUIRE(other);
        CHECK(f.apply().busy);
        CHECK_THROWS_AS(store::retrain(f.account, f.filter, {.parameters = f.parameters}), Error);
    }
    CHECK(f.filter.totals() == junk::Counts{});
    f.require_promises();
    CHECK_FALSE(f.apply().busy);
    CHECK(f.filter.totals() == junk::Counts{.ham = 1, .spam = 0});
}

TEST_CASE("whatever happens to messages, counts are those of a filter made from nothing", "[training]") {
    for (const unsigned seed : {1U, 2U, 3U, 4U}) {
        TrainingFixture f;
        std::mt19937 random(seed);
        const std::vector<std::string> names{"Inbox", "Archive", "Junk", "Rejects"};
        f.deliver("Rejects", mail("first", "reject"));
        if (seed % 2 == 0)
            f.account.set_junk_flags(model::AutomaticJunkFlags(
                {.enabled = true, .junk = "^junk", .neutral = "^(inbox|rejects)", .not_junk = ""}));
        const std::vector<std::string> words{"pills", "lunch", "meeting", "cheap", "invoice", "caf\xc3\xa9"};
        const auto pick = [&](const auto& from) { return from[random() % from.size()]; };
        const std::vector<model::Flags> flags{{}, Flag::junk, Flag::not_junk, Flag::junk | Flag::not_junk};
        for (int i = 0; i < 60; ++i) {
            const std::string name = pick(names), other = pick(names);
            const auto first = static_cast<std::uint32_t>(random() % 8 + 1);
            const store::UidRanges some{UidRange{store::Uid{first}, store::Uid{first + 2}}};
            switch (random() % 8) {
                case 0:
                case 1:
                    f.deliver(name, random() % 9 == 0 ? "" : mail(pick(words), pick(words) + " " + pick(words)),
                              pick(flags));
                    break;
                case 2:
                    set_flags(f, name, some, pick(flags));
                    break;
                case 3:
                    f.change([&](store::Transaction& tx) {
                        (void)store::copy_messages(tx, f.mailbox(name).id, some, f.mailbox(other).id);
                    });
                    break;
                case 4:
                    if (name == other) break;
                    f.change([&](store::Transaction& tx) {
                        (void)store::move_messages(tx, f.mailbox(name).id, some, f.mailbox(other).id);
                    });
                    break;
                case 5:
                    f.change([&](store::Transaction& tx) {
                        (void)store::expunge(tx, f.mailbox(name).id, some, store::Expunge::all);
                    });
                    break;
                case 6:
                    (void)store::deliver_reject(f.account, "Rejects", other, {.received = f.clock.now()},
                                                mail(pick(words), pick(words)));
                    break;
                default:
                    (void)f.apply();
                    (void)store::erase_queued(f.account);
            }
        }
        INFO("seed " << seed);
        f.require_promises();
        CHECK(f.apply().damaged == 0);
        f.require_promises();
        CHECK(test::state_of(f.filter) == f.fresh());
    }
}

TEST_CASE("a filter of other parameters is trained with its own, and made anew with the wanted ones", "[training]") {
    TrainingFixture f;
    f.deliver("Inbox", mail("Lunch offer", "Shall we meet tomorrow?"), Flag::not_junk);
    f.filter.replace({.onegrams = false, .twograms = true}, {});
    (void)f.apply();
    CHECK(f.filter.look_up("meet tomorrow") == junk::Counts{.ham = 1, .spam = 0});
    CHECK(f.filter.look_up("tomorrow") == junk::Counts{});
    const auto result = store::retrain(f.account, f.filter, {.parameters = f.parameters, .jobs = 2});
    CHECK(result.messages == junk::Counts{.ham = 1, .spam = 0});
    CHECK(f.filter.look_up("tomorrow") == junk::Counts{.ham = 1, .spam = 0});
    CHECK(f.filter.parameters() == f.parameters);
    CHECK(result.words == f.filter.word_count());
    f.require_promises();
}
