#pragma once

#include <cstdint>
#include <functional>

#include "junk/filter_db.hpp"
#include "junk/tokenizer.hpp"
#include "junk/word_set.hpp"
#include "store/account.hpp"
#include "store/trainable.hpp"

// From trained states to the junk filter's counts. A message counts once as junk when any of its placements is trained
// as junk, and once as ham when any is trained as ham.
//
// Whoever changes a filter holds the lock train-<account>, so it is never applied twice. Nobody waits for it: the log
// stays for whoever comes next. The filter's own transaction says how far the log is applied; rows of the log go after
// it. Killed at any moment, the next run goes on where the filter stands.

namespace mox::store {

struct Training {
    junk::Counts added, removed;  // messages counted from now on, and no longer
    std::int64_t unread = 0;      // messages in which nothing could be read; they are not counted
    std::int64_t damaged = 0;     // counts that could not be undone exactly: a retrain is needed
    bool busy = false;            // somebody else is training; nothing was done
};

// Applies the account's training log. Each message is read with the parameters of the filter.
Training apply_training(Account& account, junk::FilterDb& filter);

struct RetrainOptions {
    junk::Parameters parameters;
    unsigned jobs = 1;
    std::function<void(std::uint64_t messages, std::uint64_t bytes)> progress;  // may be empty
};
struct Retrained {
    junk::Counts messages;  // counted
    std::int64_t unread = 0;
    std::int64_t words = 0;
};
// Brings the trained states of all placements in line with their flags and makes the filter anew from them. The old one
// is in force until the new one is complete; what happens meanwhile is applied at the end. From now on the account
// trains. Errc::locked when somebody else is training.
Retrained retrain(Account& account, junk::FilterDb& filter, const RetrainOptions& options);

// Reads and tokenises every message that flags say to train, in the order of their ids; changes nothing. `consume` gets
// the words (empty: unread) and the two states; it runs on the calling thread.
void for_each_trainable(Account& account, const RetrainOptions& options, junk::Texts texts,
                        const std::function<void(const TrainedMessage&, const junk::WordSet&)>& consume);

// The first junk::max_message_bytes of a message; empty when it cannot be read.
[[nodiscard]] std::string trainable_contents(Account& account, MessageId id);

}  // namespace mox::store
