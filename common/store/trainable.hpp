#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "store/account.hpp"

// Contents of many messages, as the junk filter wants them: read on several threads, some messages at a time.

namespace mox::store {

// `junk`, `ham`: whether a placement is trained as that.
struct TrainedMessage {
    MessageId id{};
    bool junk = false, ham = false;
};
// `state` is the column or expression that says how a placement is trained. In the order of ids.
[[nodiscard]] std::vector<TrainedMessage> trained_messages(db::Database& database, const std::string& state);

// A message whose contents are still to be read.
struct Unopened {
    TrainedMessage message;
    std::int64_t size_bytes = -1;  // -1: there is no such message
    std::string prefix;
};
using UnopenedBatch = std::vector<Unopened>;

// Replaces `contents` by the first junk::max_message_bytes of the message; by nothing when it cannot be read.
void read_head(const Account& account, const Unopened& unopened, std::string& contents);

// Calls work(batch) for all messages in turn, some at a time, on up to `jobs` threads; done(result) in the same order
// on the calling thread. Checks for interrupts.
template <class Result>
void for_each_batch(Account& account, std::span<const TrainedMessage> messages, unsigned jobs,
                    const std::function<Result(const UnopenedBatch&)>& work, const std::function<void(Result&&)>& done);

// What for_each_batch() needs: the next messages from `at` on, and how much of them is in memory at once.
struct WeighedBatch {
    UnopenedBatch batch;
    std::size_t weight = 0;
};
[[nodiscard]] WeighedBatch next_batch(db::Database& database, std::span<const TrainedMessage> messages,
                                      std::size_t& at);

}  // namespace mox::store

#include "base/interrupt.hpp"
#include "base/parallel.hpp"

namespace mox::store {

template <class Result>
void for_each_batch(Account& account, std::span<const TrainedMessage> messages, unsigned jobs,
                    const std::function<Result(const UnopenedBatch&)>& work,
                    const std::function<void(Result&&)>& done) {
    constexpr std::size_t bytes_under_way = 32U << 20U;
    OrderedPipeline<UnopenedBatch, Result> pipeline(
        jobs, bytes_under_way, [&work](UnopenedBatch&& batch) { return work(batch); }, done);
    for (std::size_t at = 0; at < messages.size();) {
        check_interrupt();
        auto [batch, weight] = next_batch(account.database(), messages, at);
        pipeline.submit(std::move(batch), weight);
    }
    pipeline.finish();
}

}  // namespace mox::store
