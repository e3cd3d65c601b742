#include "store/bulk.hpp"

#include "base/error.hpp"
#include "base/interrupt.hpp"
#include "base/random.hpp"
#include "fixture.hpp"
#include "store/threads.hpp"

using namespace mox;
using namespace mox::store;
using model::Flag;
using test::Fixture;

namespace {

BulkInsert::Item item(Fixture& f, BulkInsert& bulk, std::string_view contents, std::size_t mailbox = 0) {
    BulkInsert::Item result{.id = bulk.take_id(), .mailbox = mailbox, .received = f.clock.now()};
    MessageWriter writer;
    writer.begin(f.account.message_file(result.id), "", f.account.ownership());
    writer.write(as_bytes(contents));
    result.file = writer.finish(MessageWriter::Sync::later);
    return result;
}

}  // namespace

TEST_CASE("a bulk insert becomes visible as a whole", "[store]") {
    Fixture f;
    f.deliver("Inbox", test::message("before"));
    {
        BulkInsert bulk(f.account, "test");
        for (int i = 0; i < 100; ++i) {
            auto one = item(f, bulk, test::message("bulk " + std::to_string(i)), static_cast<std::size_t>(i % 3));
            if (i % 2 == 0) one.flags = Flag::seen;
            if (i == 7) one.keywords = {"seven"};
            bulk.add(one);
        }
        CHECK(f.mailbox("Inbox").counts.total == 1);
        const auto result = bulk.commit({{"Inbox"}, {"New/Box"}, {"Junk"}});
        CHECK(result.created_mailboxes == 1);
        CHECK(result.mailboxes[1].counts.total == 33);
    }
    const auto inbox = f.placements("Inbox");
    REQUIRE(inbox.size() == 35);
    for (std::size_t i = 0; i < inbox.size(); ++i) CHECK(number(inbox[i].uid) == i + 1);
    CHECK(find_message(f.account.database(), inbox[1].message)->subject_base == "bulk 0");
    CHECK(f.mailbox("New/Box").keywords == model::Keywords{"seven"});
    CHECK(f.placements("Junk")[0].flags == (Flag::seen | Flag::junk));
    CHECK(f.account.database().value<int>("SELECT count(*) FROM id_block WHERE purpose = 'test'") == 0);
    CHECK(list_directory(f.layout.tmp()).empty());
    f.require_consistent();
    f.deliver("Inbox", test::message("after"));
    f.require_consistent();
}

TEST_CASE("a bulk insert that is given up leaves nothing", "[store]") {
    Fixture f;
    f.deliver("Inbox", test::message("before"));
    const auto modseq = f.account.database().value<std::int64_t>("SELECT last_modseq FROM account");
    const auto give_up = GENERATE(0, 1, 2);
    {
        BulkInsert bulk(f.account, "test");
        for (int i = 0; i < 10; ++i) bulk.add(item(f, bulk, test::message("x")));
        if (give_up == 1) CHECK_THROWS_AS(bulk.commit({{"bad//name"}}), Error);
        if (give_up == 2) {
            set_interrupted_by(2);
            CHECK_THROWS_AS(bulk.commit({{"Inbox"}}), Interrupted);
            set_interrupted_by(0);
        }
    }
    CHECK(f.file_count() == 1);
    CHECK(f.mailbox("Inbox").counts.total == 1);
    CHECK(f.account.database().value<std::int64_t>("SELECT last_modseq FROM account") == modseq);
    CHECK(f.account.database().value<int>("SELECT count(*) FROM id_block WHERE purpose = 'test'") == 0);
    CHECK(list_directory(f.layout.tmp()).empty());
    f.require_consistent();
}

TEST_CASE("a bulk insert that has not enough UIDs leaves nothing", "[store]") {
    Fixture f;
    f.deliver("Work", test::message("before"));
    f.account.database().run("UPDATE mailbox SET uidnext = 4294967292 WHERE name = 'Work'");
    const auto modseq = f.account.database().value<std::int64_t>("SELECT last_modseq FROM account");
    {
        BulkInsert bulk(f.account, "test");
        for (int i = 0; i < 4; ++i) bulk.add(item(f, bulk, test::message("x"), 1));
        CHECK_THROWS_WITH(bulk.commit({{"New"}, {"Work"}}), Catch::Contains("Work") && Catch::Contains("UID"));
    }
    CHECK(f.file_count() == 1);
    CHECK_FALSE(find_mailbox(f.account.database(), "New"));
    CHECK(f.account.database().value<std::int64_t>("SELECT last_modseq FROM account") == modseq);
    f.require_consistent();

    BulkInsert bulk(f.account, "test");
    for (int i = 0; i < 3; ++i) bulk.add(item(f, bulk, test::message("x"), 0));
    (void)bulk.commit({{"Work"}});
    CHECK(number(f.placements("Work").back().uid) == 4'294'967'294);
    CHECK(number(f.mailbox("Work").uidnext) == 4'294'967'295);
}

TEST_CASE("messages sent in bulk leave their recipients", "[store]") {
    Fixture f;
    BulkInsert bulk(f.account, "test");
    bulk.add(item(f, bulk, test::message("x")));
    (void)bulk.commit({{"Sent"}});
    CHECK(f.account.database().value<int>("SELECT count(*) FROM recipient") == 2);
}

TEST_CASE("an empty bulk insert still makes its mailboxes", "[store]") {
    Fixture f;
    BulkInsert bulk(f.account, "test");
    const auto result = bulk.commit({{"Empty"}});
    CHECK(result.created_mailboxes == 1);
    CHECK(f.mailbox("Empty").counts.total == 0);
}

TEST_CASE("a bulk insert goes around stray files", "[store]") {
    Fixture f;
    f.account.database().exec("UPDATE account SET next_message_id = 8190");
    std::filesystem::create_directories(f.layout.messages("alice") / "b");
    {
        AtomicFile file(f.layout.message("alice", 8193));
        file.write("stray");
        file.commit();
    }
    BulkInsert bulk(f.account, "test");
    std::vector<std::int64_t> ids;
    for (int i = 0; i < 5; ++i) {
        bulk.add(item(f, bulk, test::message("x")));
    }
    (void)bulk.commit({{"Inbox"}});
    for (const auto& p : f.placements("Inbox")) ids.push_back(number(p.message));
    CHECK(ids == std::vector<std::int64_t>{8194, 8195, 8196, 8197, 8198});
    CHECK(read_file(f.layout.message("alice", 8193)) == "stray");
}

TEST_CASE("delivery assigns threads by the rules", "[store]") {
    Fixture f;
    const auto root = f.deliver("Inbox", test::message("topic", "a@x"));
    const auto link = [&](const Delivered& d) { return find_message(f.account.database(), d.id)->thread; };
    CHECK(link(root).thread_id == number(root.id));
    CHECK_FALSE(link(root).parent);

    const auto reply = f.deliver("Inbox", test::message("Re: topic", "b@x", "<a@x>"));
    CHECK(link(reply).parent == root.id);
    CHECK_FALSE(link(reply).missing_link);

    const auto deeper = f.deliver("Inbox", test::message("Re: topic", "c@x", "<a@x> <gone@x>"));
    CHECK(link(deeper).parent == root.id);
    CHECK(link(deeper).missing_link);

    const auto other_subject = f.deliver("Inbox", test::message("new topic", "d@x", "<a@x>"));
    CHECK_FALSE(link(other_subject).parent);
    CHECK(link(other_subject).missing_link);

    const auto twin = f.deliver("Archive", test::message("topic", "a@x"));
    CHECK(link(twin).parent == root.id);
    CHECK(link(twin).missing_link);

    const auto by_subject = f.deliver("Inbox", test::message("Re: topic"));
    CHECK(link(by_subject).thread_id == number(root.id));
    CHECK(link(by_subject).parent == deeper.id);
    const auto elsewhere = f.deliver("Work", test::message("Re: topic"));
    CHECK(link(elsewhere).thread_id == number(elsewhere.id));

    f.account.database().run("UPDATE placement SET muted = 1 WHERE message_id = ?", reply.id);
    const auto muted = f.deliver("Inbox", test::message("Re: topic", "e@x", "<b@x>"));
    const auto placement = find_placement(f.account.database(), muted.mailbox, muted.uid).value();
    CHECK(placement.muted);
    CHECK(placement.flags.has(Flag::seen));
    f.require_consistent();
}

TEST_CASE("a batch finds parents that come later, and cuts cycles", "[store]") {
    Fixture f;
    BulkInsert bulk(f.account, "test");
    bulk.add(item(f, bulk, test::message("Re: topic", "b@x", "<a@x>")));  // before its parent
    bulk.add(item(f, bulk, test::message("topic", "a@x")));
    bulk.add(item(f, bulk, test::message("loop", "l1@x", "<l2@x>")));  // each answers the other
    bulk.add(item(f, bulk, test::message("loop", "l2@x", "<l3@x>")));
    bulk.add(item(f, bulk, test::message("loop", "l3@x", "<l1@x>")));
    bulk.add(item(f, bulk, test::message("self", "s@x", "<s@x>")));
    bulk.add(item(f, bulk, test::message("topic", "a@x")));  // a twin
    (void)bulk.commit({{"Inbox"}});
    std::vector<Message> messages;
    for (const auto& p : f.placements("Inbox"))
        messages.push_back(find_message(f.account.database(), p.message).value());
    const auto id = [&](std::size_t i) { return number(messages[i].id); };
    CHECK(messages[0].thread.thread_id == id(1));
    CHECK(messages[0].thread.parent == messages[1].id);
    CHECK_FALSE(messages[2].thread.parent);
    CHECK(messages[2].thread.thread_id == id(2));
    CHECK(messages[3].thread.thread_id == id(2));
    CHECK(messages[4].thread.thread_id == id(2));
    CHECK_FALSE(messages[5].thread.parent);
    CHECK(messages[6].thread.parent == messages[1].id);
}

TEST_CASE("delivery one by one and in bulk give the same threads when parents come first", "[store]") {
    SeededRandom random(5);
    std::vector<std::string> contents;
    for (int i = 0; i < 200; ++i) {
        const std::string subject = (random.below(2) == 0 ? "Re: t" : "t") + std::to_string(random.below(8));
        std::string references;
        for (auto k = random.below(4); k > 0; --k)
            references += "<m" + std::to_string(random.below(static_cast<std::uint64_t>(i) + 2)) + "@x> ";
        contents.push_back(test::message(subject, "m" + std::to_string(i) + "@x", references));
    }
    Fixture one, many;
    for (const auto& text : contents) one.deliver("Inbox", text);
    // The same ids: the blocks of ids have other sizes.
    many.account.database().exec("UPDATE account SET next_message_id = 1");
    BulkInsert bulk(many.account, "test");
    for (const auto& text : contents) bulk.add(item(many, bulk, text));
    (void)bulk.commit({{"Inbox"}});
    std::vector<std::string> links[2];
    Fixture* fixtures[2] = {&one, &many};
    for (int i = 0; i < 2; ++i)
        for (const auto& p : fixtures[i]->placements("Inbox")) {
            const auto thread = find_message(fixtures[i]->account.database(), p.message)->thread;
            links[i].push_back(std::to_string(number(p.message)) + " " + std::to_string(thread.thread_id) + " " +
                               std::to_string(thread.parent ? number(*thread.parent) : 0) +
                               (thread.missing_link ? " m" : ""));
        }
    CHECK(links[0] == links[1]);
}
