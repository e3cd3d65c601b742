#include <catch2/catch.hpp>

#include "journal.hpp"
#include "state.hpp"
#include "store/changes.hpp"
#include "store/deliver.hpp"
#include "store/mailbox.hpp"
#include "support/temp_dir.hpp"

using namespace mox;
using namespace mox::load;

namespace {

Commit commit_of(std::int64_t modseq, std::uint64_t hash, std::int64_t at = 0) {
    return {.committed_us = at, .account = 3, .state = {modseq, hash}, .operation = "flag", .took_us = 5};
}

Journal journal_of(const std::vector<Commit>& commits) {
    Journal journal;
    for (const auto& commit : commits) journal.add(commit);
    return journal;
}

}  // namespace

TEST_CASE("every change of an account changes its state, and undoing it restores the state", "[load]") {
    const test::TempDir dir;
    const FixedClock clock(1'700'000'000);
    auto account = store::Account::create(datadir::create(dir / "data"), "alice", {{"Archive"}}, {.clock = &clock});
    auto& database = account.database();
    std::vector<std::uint64_t> seen{state_hash(database)};
    const auto change = [&](auto&& work) {
        std::uint64_t inside = 0;
        {
            store::Transaction tx(account);
            const auto id = [&](const char* name) { return store::find_mailbox(database, name).value().id; };
            work(tx, id("Inbox"), id("Archive"));
            inside = state_hash(database);
            tx.commit();
        }
        CHECK(state_hash(database) == inside);
        CHECK(state_of(database).hash == inside);
        CHECK(std::ranges::find(seen, inside) == seen.end());
        seen.push_back(inside);
    };
    const store::UidRanges all{store::all_uids};
    (void)store::deliver(account, "Inbox", {.received = clock.now()}, "Subject: a\r\n\r\na\r\n");
    seen.push_back(state_hash(database));
    change(
        [&](auto& tx, auto inbox, auto) { (void)store::change_flags(tx, inbox, all, {.flags = model::Flag::seen}); });
    change([&](auto& tx, auto inbox, auto) { (void)store::change_flags(tx, inbox, all, {.keywords = {"k"}}); });
    change([&](auto& tx, auto inbox, auto archive) { (void)store::copy_messages(tx, inbox, all, archive); });
    change([&](auto& tx, auto inbox, auto) { (void)store::expunge(tx, inbox, all, store::Expunge::all); });
    change([&](auto& tx, auto inbox, auto archive) { (void)store::move_messages(tx, archive, all, inbox); });
    change([&](auto& tx, auto, auto) {
        store::rename_mailbox(tx, "Archive", "Old");
        store::rename_mailbox(tx, "Old", "Archive");
    });
    {
        store::Transaction tx(account);
        (void)store::expunge(tx, store::find_mailbox(database, "Inbox").value().id, all, store::Expunge::all);
        CHECK(state_hash(database) != seen.back());
    }
    CHECK(state_hash(database) == seen.back());
}

TEST_CASE("a snapshot is believed only in a state that was committed, and none before it began", "[load]") {
    const Journal journal = journal_of({commit_of(7, 0xa), commit_of(8, 0xb), commit_of(9, 0xc)});
    CHECK(journal.contradictions().empty());
    const auto says = [&](State state, std::int64_t before) {
        return objection(journal, {.snapshot = "s", .account = 3, .state = state, .committed_before = before});
    };
    CHECK(says({8, 0xb}, 7).empty());
    CHECK(says({8, 0xb}, 8).empty());
    CHECK(says({8, 0xb}, 9) ==
          "s: account 3 is at modseq 8 with 000000000000000b, but modseq 9 was committed before the snapshot began");
    CHECK(says({8, 0xa}, 7) ==
          "s: account 3 is at modseq 8 with 000000000000000a, but the commit of this modseq left 000000000000000b");
    CHECK(says({10, 0xd}, 7) == "s: account 3 is at modseq 10 with 000000000000000d, but no commit had this modseq");
    CHECK_FALSE(objection(journal, {.snapshot = "s", .account = 4, .state = {8, 0xb}}).empty());
}

TEST_CASE("a modseq that is used twice, or by nobody, is a contradiction", "[load]") {
    CHECK(journal_of({commit_of(7, 1), commit_of(8, 2), commit_of(8, 3)}).contradictions().size() == 1);
    CHECK(journal_of({commit_of(7, 1), commit_of(9, 2)}).contradictions().size() == 1);
}

TEST_CASE("a journal is read as it was written, and what is no journal is named", "[load]") {
    const test::TempDir dir;
    const auto file =
        dir.write("good", commit_of(7, 0xfedcba9876543210, 10).to_line() + "\n" + commit_of(8, 2, 30).to_line() + "\n");
    Journal journal;
    journal.read(file);
    REQUIRE(journal.find(3, 7) != nullptr);
    CHECK(journal.find(3, 7)->state == State{7, 0xfedcba9876543210});
    CHECK(journal.around(3, 0, 20) == std::vector<std::string>{"10 3 7 fedcba9876543210 flag 5"});
    CHECK(journal.around(3, 0, 40).size() == 2);
    CHECK(journal.around(3, 0, 40, 1).size() == 1);
    CHECK(journal.around(4, 0, 40).empty());
    Journal torn;
    CHECK_THROWS_WITH(torn.read(dir.write("torn", "10 3 7 fe flag 5\n10 3\n")), Catch::Contains("torn:2"));
    CHECK_THROWS(torn.read(dir / "missing"));
}
