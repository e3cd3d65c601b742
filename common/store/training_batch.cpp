#include "store/training_batch.hpp"

#include <array>

#include "base/hash.hpp"
#include "datadir/lock.hpp"
#include "junk/batch_update.hpp"

namespace mox::store {

namespace {

constexpr std::size_t counter_bytes = 48U << 20U;

std::uint64_t hash_of(std::int64_t message, Trained state) {
    const std::array values{message, static_cast<std::int64_t>(state)};
    return xxh3_64(std::as_bytes(std::span(values)));
}

}  // namespace

std::unique_ptr<TrainingBatch> TrainingBatch::start(Account& account) {
    const auto path = account.layout().junk_filter_db(account.name());
    if (!account.database().value<bool>("SELECT trains FROM account").value_or(false) || !status_of(path))
        return nullptr;
    std::unique_ptr<TrainingBatch> batch(
        new TrainingBatch(account, junk::FilterDb(path, {.access = db::Access::read_write})));
    // What waits already is applied now: the filter can only follow the log in its order.
    (void)apply_training(account, batch->filter_);
    batch->parameters_ = batch->filter_.parameters();
    return batch;
}

TrainingBatch::TrainingBatch(Account& account, junk::FilterDb filter)
    : account_(&account),
      filter_(std::move(filter)),
      counter_(account.layout().tmp(), counter_bytes) {}

void TrainingBatch::add(MessageId id, bool as_junk, bool as_ham, std::span<const junk::WordKey> words) {
    for (const Trained state : {Trained::as_junk, Trained::as_ham}) {
        if (!(state == Trained::as_junk ? as_junk : as_ham)) continue;
        ++changes_;
        checksum_ += hash_of(number(id), state);
        if (words.empty()) {
            others_.unread.push_back({number(id), static_cast<int>(state)});
            continue;
        }
        counter_.add(words, state == Trained::as_junk);
        ++(state == Trained::as_junk ? others_.messages.spam : others_.messages.ham);
    }
}

bool TrainingBatch::is_what_the_log_asks_for(const BulkInsert::Result& inserted) {
    if (filter_.parameters() != parameters_) return false;
    const std::int64_t applied = filter_.applied_log();
    if (applied >= inserted.first_training) return false;
    db::Database& database = account_->database();
    if (database.value<int>("SELECT 1 FROM training_log WHERE id > ? AND id < ? LIMIT 1", applied,
                            inserted.first_training))
        return false;
    std::uint64_t changes = 0, checksum = 0;
    for (const auto& [message, state] : database.rows<std::int64_t, Trained>(
             "SELECT DISTINCT message_id, to_state FROM training_log WHERE id BETWEEN ? AND ?", inserted.first_training,
             inserted.last_training)) {
        ++changes;
        checksum += hash_of(message, state);
    }
    return changes == changes_ && checksum == checksum_;
}

// Empty when somebody else is training or something else is asked for.
Training TrainingBatch::apply(const BulkInsert::Result& inserted) {
    const auto lock =
        datadir::Lock::try_take(account_->layout(), "train-" + account_->name(), datadir::LockMode::exclusive);
    if (!lock || !is_what_the_log_asks_for(inserted)) return {};
    others_.applied_log = inserted.last_training;
    counter_.finish();
    junk::add_batch(filter_, others_, [&](const junk::FilterDb::PutWord& put) {
        junk::WordCounter* const counters[] = {&counter_};
        junk::WordCounter::merge(counters, put);
    });
    return {.added = others_.messages, .unread = static_cast<std::int64_t>(others_.unread.size())};
}

Training TrainingBatch::finish(const BulkInsert::Result& inserted) {
    if (inserted.last_training == 0) return {};
    const Training ours = apply(inserted);
    Training result = apply_training(*account_, filter_);
    result.added.ham += ours.added.ham;
    result.added.spam += ours.added.spam;
    result.unread += ours.unread;
    return result;
}

}  // namespace mox::store
