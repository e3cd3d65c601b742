#include "store/training_batch.hpp"

#include <map>

#include "base/error.hpp"
#include "datadir/lock.hpp"
#include "fixture.hpp"
#include "junk/tokenizer.hpp"

using namespace mox;
using namespace mox::store;
using model::Flag;
using test::Fixture;

namespace {

// An account that trains, with an empty filter.
struct TrainingFixture : Fixture {
    TrainingFixture() {
        change([](Transaction& tx) { tx.set_trains(true); });
    }
    junk::FilterDb filter{layout.junk_filter_db("alice"), {.access = db::Access::create}};

    [[nodiscard]] std::map<junk::WordKey, junk::Counts> words() {
        std::map<junk::WordKey, junk::Counts> found;
        filter.for_each_word([&](junk::WordKey word, const junk::Counts& counts) { found[word] = counts; });
        return found;
    }
    [[nodiscard]] std::int64_t log_size() {
        return account.database().value<std::int64_t>("SELECT count(*) FROM training_log").value();
    }
};

std::string contents(int i) {
    return test::message("message " + std::to_string(i), std::to_string(i) + "@x") + "word" + std::to_string(i % 3) +
           " another\r\n";
}

// Three messages as junk, two as ham, one as both, one as neither. With a batch that is told all but the last
// `missing`.
BulkInsert::Result insert(Fixture& f, TrainingBatch* batch, int missing = 0) {
    BulkInsert bulk(f.account, "test");
    junk::Tokenizer tokenizer{junk::Parameters{}};
    for (int i = 0; i < 7; ++i) {
        BulkInsert::Item item{.id = bulk.take_id(), .mailbox = 0, .received = f.clock.now()};
        MessageWriter writer;
        writer.begin(f.account.message_file(item.id), "", f.account.ownership());
        writer.write(as_bytes(contents(i)));
        item.file = writer.finish(MessageWriter::Sync::later);
        if (i != 6) item.flags = i < 4 ? Flag::junk : Flag::not_junk;
        bulk.add(item);
        if (i == 3)
            bulk.add_copy({.id = item.id, .mailbox = 1, .size_bytes = item.file.size_bytes, .flags = Flag::not_junk});
        if (batch != nullptr && i < 7 - missing)
            batch->add(item.id, i < 4, i == 3 || (i > 3 && i < 6), tokenizer.read(contents(i)).keys());
    }
    return bulk.commit({{"Inbox"}, {"Archive"}});
}

}  // namespace

TEST_CASE("a batch trains what the log asks for, as one change", "[store][junk]") {
    TrainingFixture by_log;
    (void)insert(by_log, nullptr);
    CHECK(by_log.log_size() == 7);
    (void)apply_training(by_log.account, by_log.filter);
    REQUIRE(by_log.filter.totals() == junk::Counts{.ham = 3, .spam = 4});

    const int missing = GENERATE(0, 1, 2);  // the last one is not trained; without the one before the log differs
    TrainingFixture by_batch;
    by_batch.deliver("Inbox", contents(9), Flag::junk);
    auto batch = TrainingBatch::start(by_batch.account);
    REQUIRE(batch);
    CHECK(by_batch.filter.totals() == junk::Counts{.ham = 0, .spam = 1});
    const auto inserted = insert(by_batch, &*batch, missing);
    CHECK(by_batch.filter.totals() == junk::Counts{.ham = 0, .spam = 1});
    const auto trained = batch->finish(inserted);
    CHECK(trained.added == junk::Counts{.ham = 3, .spam = 4});
    CHECK(trained.damaged == 0);
    CHECK(by_batch.filter.totals() == junk::Counts{.ham = 3, .spam = 5});
    CHECK(by_batch.log_size() == 0);
    CHECK(by_batch.filter.applied_log() >= inserted.last_training);

    // Without the message that only this account has, both filters know the same.
    by_batch.change([&](Transaction& tx) {
        (void)expunge(tx, by_batch.mailbox("Inbox").id, {{Uid{1}, Uid{1}}}, Expunge::all);
    });
    (void)apply_training(by_batch.account, by_batch.filter);
    CHECK(by_batch.words() == by_log.words());
}

TEST_CASE("a batch leaves training to whoever is at it", "[store][junk]") {
    TrainingFixture f;
    auto batch = TrainingBatch::start(f.account);
    const auto inserted = insert(f, &*batch);
    {
        const auto lock = datadir::Lock::try_take(f.layout, "train-alice", datadir::LockMode::exclusive);
        CHECK(batch->finish(inserted).busy);
    }
    CHECK(f.filter.totals() == junk::Counts{});
    CHECK(f.log_size() == 7);
    (void)apply_training(f.account, f.filter);
    CHECK(f.filter.totals() == junk::Counts{.ham = 3, .spam = 4});
    // Too late, and it sees that.
    CHECK(batch->finish(inserted).added == junk::Counts{});
    CHECK(f.filter.totals() == junk::Counts{.ham = 3, .spam = 4});
}

TEST_CASE("nothing is trained without a filter, or when the insert is given up", "[store][junk]") {
    Fixture without;
    CHECK_FALSE(TrainingBatch::start(without.account));
    without.change([](Transaction& tx) { tx.set_trains(true); });
    CHECK_FALSE(TrainingBatch::start(without.account));

    TrainingFixture f;
    auto batch = TrainingBatch::start(f.account);
    f.account.database().run("UPDATE mailbox SET uidnext = 4294967290 WHERE name = 'Inbox'");
    CHECK_THROWS_AS(insert(f, &*batch), Error);
    CHECK(f.filter.totals() == junk::Counts{});
    CHECK(f.log_size() == 0);
}
