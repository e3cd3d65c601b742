#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "junk/filter_db.hpp"
#include "junk/word_counter.hpp"
#include "store/account.hpp"
#include "store/bulk.hpp"
#include "store/training.hpp"

namespace mox::store {

// Training of the messages of a bulk insert: their words are counted while the contents are at hand, and become one
// change of the junk filter after the commit. The training log, written by the commit, stays in charge: what is counted
// here is used only when the log asks for exactly that, and otherwise the log is applied as for any other change.
// Before the commit the filter does not change, so nothing is trained when there is none.
//
// Memory: at most 48 MiB, whatever the number of messages. One thread at a time.
class TrainingBatch {
public:
    // Null when the account does not train, or has no filter yet: then the log waits for whoever makes one.
    [[nodiscard]] static std::unique_ptr<TrainingBatch> start(Account& account);

    // For the tokenizers.
    [[nodiscard]] const junk::Parameters& parameters() const { return parameters_; }
    // Each message once. The states are those that the flags of its placements will ask for.
    void add(MessageId id, bool as_junk, bool as_ham, std::span<const junk::WordKey> words);
    // After the commit, once.
    Training finish(const BulkInsert::Result& inserted);

private:
    TrainingBatch(Account& account, junk::FilterDb filter);
    [[nodiscard]] bool is_what_the_log_asks_for(const BulkInsert::Result& inserted);
    Training apply(const BulkInsert::Result& inserted);

    Account* account_;
    junk::FilterDb filter_;
    junk::Parameters parameters_;
    junk::WordCounter counter_;
    junk::Update others_;
    // Of all messages and states added: their number, and a sum of hashes that does not depend on the order.
    std::uint64_t changes_ = 0, checksum_ = 0;
};

}  // namespace mox::store
