#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "db/database.hpp"
#include "store/account.hpp"
#include "store/types.hpp"

namespace mox::store {

// One change of an account: everything until commit(), or nothing, database and files. All its changes carry one
// modseq. Durable when commit() returns.
class Transaction {
public:
    // Waits for the account's write lock: Errc::locked after the account's time-out.
    explicit Transaction(Account& account);
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;
    ~Transaction();

    [[nodiscard]] Account& account() { return account_; }
    [[nodiscard]] db::Database& database() { return account_.database(); }

    // The modseq of this transaction, taken at the first call.
    [[nodiscard]] ModSeq modseq();
    // A UIDVALIDITY that no mailbox of this account ever had.
    [[nodiscard]] std::uint32_t take_uidvalidity();
    // Adds to a mailbox's counts, and to the account's size; written by commit().
    void add_counts(MailboxId mailbox, const Counts& counts);
    // Adds to the keywords that a mailbox has ever seen; written by commit().
    void add_keywords(MailboxId mailbox, const model::Keywords& keywords);
    // A file that belongs to this transaction: removed unless commit() is reached.
    void own_file(std::filesystem::path path);
    // True when the account trains a junk filter.
    [[nodiscard]] bool trains() const { return counters_.trains; }
    void set_trains(bool trains);

    void commit();

private:
    struct Counters {
        std::int64_t next_uidvalidity = 0;
        std::int64_t last_modseq = 0;
        std::int64_t message_size = 0;
        bool trains = false;
    };
    struct MailboxChange {
        Counts counts;
        model::Keywords keywords;
    };
    void write_mailbox_changes();

    Account& account_;
    db::Transaction transaction_;
    Counters counters_;
    std::optional<ModSeq> modseq_;
    bool counters_changed_ = false;
    std::map<MailboxId, MailboxChange> mailbox_changes_;
    std::vector<std::filesystem::path> files_;
    bool in_doubt_ = false;  // the commit failed: see db::Database::confirm_rollback
};

}  // namespace mox::store
