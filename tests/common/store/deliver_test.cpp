#include "store/deliver.hpp"

#include <atomic>
#include <thread>

#include "base/error.hpp"
#include "fixture.hpp"
#include "journal/scratch.hpp"
#include "mime/message.hpp"
#include "store/erase.hpp"
#include "store/id_blocks.hpp"

using namespace mox;
using namespace mox::store;
using model::Flag;
using test::Fixture;

TEST_CASE("a new account has its mailboxes in order, subscribed, with their special uses", "[store]") {
    Fixture f;
    std::vector<std::string> by_id;
    for (const auto& [name] : f.account.database().rows<std::string>("SELECT name FROM mailbox ORDER BY id"))
        by_id.push_back(name);
    CHECK(by_id == std::vector<std::string>{"Inbox", "Archive", "Drafts", "Junk", "Sent", "Trash"});
    CHECK(list_subscriptions(f.account.database()).size() == 6);
    CHECK(find_special_use(f.account.database(), SpecialUse::sent)->name == "Sent");
    CHECK(f.mailbox("Inbox").uidvalidity == 850'000'000);
    CHECK_THROWS_AS(Account::create(f.layout, "alice"), Error);
    CHECK_THROWS_AS(Account::create(f.layout, "../x"), Error);
    CHECK_THROWS_AS(Account::open(f.layout, "bob"), Error);
    CHECK(list_directory(f.layout.tmp()).empty());
}

TEST_CASE("a delivered message can be read back, prefix first", "[store]") {
    Fixture f;
    const std::string contents = test::message("hi", "one@example.org");
    const auto delivered =
        deliver(f.account, "Inbox",
                {.prefix = "X-Added: 1\r\n", .received = {.seconds = 1'600'000'000, .offset_minutes = 120}}, contents);
    const auto row = find_message(f.account.database(), delivered.id).value();
    CHECK(read_contents(f.account.message_file(delivered.id), row) == "X-Added: 1\r\n" + contents);
    CHECK(row.size_bytes == static_cast<std::int64_t>(contents.size() + 12));
    CHECK(row.file_sha256 == sha256(as_bytes(contents)));
    CHECK(row.received.offset_minutes == 120);
    CHECK(row.message_id == "one@example.org");
    const auto parsed = mime::decode(row.structure.value()).value();
    CHECK(parsed.root.envelope->subject == "hi");
    CHECK(parsed.size_bytes == contents.size() + 12);
    CHECK(list_directory(f.layout.tmp()).empty());
    f.require_consistent();
}

TEST_CASE("UIDs and modseqs ascend, counts follow the flags", "[store]") {
    Fixture f;
    const auto first = f.deliver("Inbox", test::message("a"), Flag::seen);
    const auto second = f.deliver("Inbox", test::message("b"), Flag::deleted, {"work"});
    CHECK(first.uid == Uid{1});
    CHECK(second.uid == Uid{2});
    CHECK(second.modseq > first.modseq);
    const auto box = f.mailbox("Inbox");
    CHECK(box.counts.total == 1);
    CHECK(box.counts.deleted == 1);
    CHECK(box.counts.unread == 0);
    CHECK(box.counts.unseen == 1);
    CHECK(box.keywords == model::Keywords{"work"});
    f.require_consistent();
}

TEST_CASE("a mailbox for sent mail remembers recipients, one for junk marks junk", "[store]") {
    Fixture f;
    f.deliver("Sent", test::message("to two"));
    CHECK(f.account.database().value<int>("SELECT count(*) FROM recipient") == 2);
    CHECK(f.account.database().value<std::string>("SELECT localpart || '@' || domain FROM recipient ORDER BY id") ==
          "bob@example.net");
    f.deliver("Junk", test::message("spam"), Flag::not_junk);
    CHECK(f.placements("Junk")[0].flags == model::Flags(Flag::junk));
    f.deliver("Inbox", test::message("other"));
    CHECK(f.account.database().value<int>("SELECT count(*) FROM recipient") == 2);
}

TEST_CASE("a delivery whose transaction fails leaves neither row nor file", "[store]") {
    Fixture f;
    {
        const auto prepared = prepare(f.account, "", test::message("x"));
        Transaction tx(f.account);
        (void)add(tx, f.mailbox("Inbox"), prepared, {.received = f.clock.now()});
        CHECK(f.file_count() == 1);
    }
    CHECK(f.file_count() == 0);
    CHECK(f.mailbox("Inbox").counts == Counts{});
    CHECK_THROWS_AS(f.deliver("bad//name", test::message("x")), Error);
    CHECK(f.mailbox("Inbox").uidnext == Uid{1});
}

TEST_CASE("a stray file in the way of a new message is left alone", "[store]") {
    Fixture f;
    const auto next = f.account.database().value<std::int64_t>("SELECT next_message_id FROM account").value();
    const auto stray = f.layout.message("alice", next);
    std::filesystem::create_directories(stray.parent_path());
    {
        AtomicFile file(stray);
        file.write("somebody's");
        file.commit();
    }
    const auto delivered = f.deliver("Inbox", test::message("x"));
    CHECK(number(delivered.id) > next);
    CHECK(read_file(stray) == "somebody's");
}

TEST_CASE("ids are never used twice, and what a dead process left is removed on opening", "[store]") {
    Fixture f;
    const auto before = f.deliver("Inbox", test::message("kept"));
    // A process that died after placing a file, and one that is alive.
    const auto alive = datadir::Reservation::take(f.layout);
    IdBlock dead_block;
    {
        const auto dead = datadir::Reservation::take(f.layout);
        dead_block = reserve_ids(f.account, 100, "import", dead);
        std::filesystem::create_directories(f.layout.message("alice", dead_block.first).parent_path());
        {
            AtomicFile file(f.layout.message("alice", dead_block.first));
            file.write("left");
            file.commit();
        }
        {
            AtomicFile file(journal::scratch_file(f.layout, dead.token(), ".db"));
            file.write("rows");
            file.commit();
        }
    }
    const IdBlock alive_block = reserve_ids(f.account, 10, "import", alive);
    {
        AtomicFile file(f.layout.message("alice", alive_block.first));
        file.write("coming");
        file.commit();
    }
    CHECK(dead_block.last < alive_block.first);
    auto again = Account::open(f.layout, "alice");
    CHECK_FALSE(status_of(f.layout.message("alice", dead_block.first)));
    CHECK(status_of(f.layout.message("alice", alive_block.first)));
    CHECK(status_of(f.account.message_file(before.id)));
    CHECK(list_directory(f.layout.tmp()).empty());
    f.account.close();
    CHECK(again.database().value<int>("SELECT count(*) FROM id_block") == 1);
    CHECK(deliver(again, "Inbox", {.received = f.clock.now()}, test::message("y")).id > MessageId{alive_block.last});
}

TEST_CASE("files that lay there before are never taken for those of a dead process", "[store]") {
    Fixture f;
    // Newer mail than the database knows: an older database was put back.
    const auto stray = f.account.database().value<std::int64_t>("SELECT next_message_id FROM account").value() + 30;
    const auto path = f.layout.message("alice", stray);
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << "somebody's only copy";
    {
        const auto dead = datadir::Reservation::take(f.layout);
        CHECK(reserve_ids(f.account, 100, "import", dead).first > stray);
    }
    auto again = Account::open(f.layout, "alice");
    CHECK(read_file(path) == "somebody's only copy");
}

TEST_CASE("a delivery that fails before its transaction leaves no file", "[store]") {
    Fixture f;
    auto other = Account::open(f.layout, "alice", {.lock_timeout = std::chrono::milliseconds(20)});
    (void)other.take_message_id();  // the block of ids is there already
    {
        const Transaction busy(f.account);
        CHECK_THROWS_AS(deliver(other, "Inbox", {.received = f.clock.now()}, test::message("x")), Error);
    }
    CHECK_THROWS_AS(deliver(other, "bad//name", {.received = f.clock.now()}, test::message("x")), Error);
    CHECK(f.file_count() == 0);
}

TEST_CASE("what is made in a data directory has its modes, whatever the umask", "[store]") {
    const mode_t before = ::umask(077);
    const test::TempDir dir;
    std::filesystem::create_directory(dir / "data");
    ::chmod((dir / "data").c_str(), 02770);
    const auto layout = datadir::create(dir / "data");
    auto account = Account::create(layout, "bob");
    const auto delivered = deliver(account, "Inbox", {.received = {.seconds = 1}}, test::message("x"));
    account.close();
    ::umask(before);
    const auto mode = [](const std::filesystem::path& path) { return status_of(path)->st_mode & 0777; };
    CHECK(mode(layout.accounts()) == 0770);
    CHECK(mode(layout.account_db("bob")) == 0660);
    CHECK(mode(layout.messages("bob")) == 0770);
    CHECK(mode(layout.message("bob", number(delivered.id))) == 0660);
    CHECK(mode(layout.lock("reservation-1")) == 0660);
}

TEST_CASE("reading a message whose file is missing, short or a link says so", "[store]") {
    Fixture f;
    const auto delivered = f.deliver("Inbox", test::message("x"));
    const auto row = find_message(f.account.database(), delivered.id).value();
    const auto path = f.account.message_file(delivered.id);
    const auto expect_corrupt = [&] {
        try {
            (void)read_contents(path, row);
            FAIL("read a damaged message");
        } catch (const Error& error) {
            CHECK(error.code() != Errc::not_found);
        }
    };
    std::filesystem::rename(path, f.dir / "aside");
    expect_corrupt();
    std::filesystem::create_symlink(f.dir / "aside", path);
    expect_corrupt();
    std::filesystem::remove(path);
    std::filesystem::create_directory(path);
    expect_corrupt();
    std::filesystem::remove(path);
    f.dir.write("data/accounts/alice/msg/a/" + std::to_string(number(delivered.id)), "short");
    expect_corrupt();
}

TEST_CASE("expunged messages are erased unless somebody holds erasure or training waits", "[store]") {
    Fixture f;
    f.deliver("Inbox", test::message("a"));
    f.deliver("Inbox", test::message("b"), Flag::junk);
    f.change([&](Transaction& tx) {
        tx.set_trains(true);
        tx.database().run("UPDATE placement SET modseq = ? WHERE uid = 2", tx.modseq());
        update_training(tx, f.mailbox("Inbox").id);
    });
    CHECK(f.placements("Inbox")[1].trained == Trained::as_junk);
    f.change([&](Transaction& tx) { return expunge(tx, f.mailbox("Inbox").id, {all_uids}, Expunge::all); });
    CHECK(f.account.database().value<int>("SELECT count(*) FROM erase_queue") == 2);
    CHECK(f.account.database().value<int>("SELECT count(*) FROM training_log") == 2);
    {
        const auto backup = datadir::hold_erasure(f.layout, std::chrono::milliseconds(100));
        CHECK(erase_queued(f.account) == 0);
        CHECK(f.file_count() == 2);
    }
    CHECK(erase_queued(f.account) == 1);
    CHECK(f.file_count() == 1);
    f.account.database().exec("DELETE FROM training_log");
    CHECK(erase_queued(f.account) == 1);
    CHECK(f.file_count() == 0);
    CHECK(f.account.database().value<int>("SELECT count(*) FROM message") == 0);
    f.require_consistent();
}

TEST_CASE("an eraser that waits gets its turn among backups that come back to back", "[store]") {
    Fixture f;
    f.deliver("Inbox", test::message("a"));
    f.change([&](Transaction& tx) { return expunge(tx, f.mailbox("Inbox").id, {all_uids}, Expunge::all); });
    std::atomic<bool> stop = false;
    std::atomic<int> held = 0;
    const auto hold_again_and_again = [&] {
        while (!stop) {
            const auto backup = datadir::hold_erasure(f.layout, std::chrono::seconds(60));
            ++held;
            std::this_thread::sleep_for(std::chrono::milliseconds(5));  // so that there is hardly a gap
        }
    };
    std::thread first(hold_again_and_again), second(hold_again_and_again);
    while (held < 2) std::this_thread::yield();
    const auto erased = erase_queued(f.account, std::chrono::seconds(60));
    stop = true;
    first.join();
    second.join();
    CHECK(erased == 1);
}
