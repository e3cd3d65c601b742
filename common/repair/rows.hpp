#pragma once

#include "repair/part.hpp"
#include "store/transaction.hpp"

// Repairs of the rows of one account. Each is one transaction, finds by itself what is wrong, and does nothing when
// nothing is.

namespace mox::repair {

// The mailbox for messages of which nothing tells where they lay.
inline constexpr std::string_view recovered_name = "Recovered";

// What the repairs of one account share.
struct AccountRepair {
    Part& part;
    store::Account& account;
    std::string path;  // of the database, for findings

    [[nodiscard]] db::Database& database() const { return account.database(); }
    [[nodiscard]] bool wanted(CheckId check) const { return part.wanted(check); }
    void did(CheckId check, std::string detail) const { part.did(check, path, std::move(detail)); }
    // One that may change the counters of the account.
    template <class Work>
    void change_counters(Work&& work) const {
        part.in_transaction<db::Transaction>(path, account.database(), std::forward<Work>(work));
    }
    template <class Work>
    void change(Work&& work) const {
        part.in_transaction<store::Transaction>(path, account, std::forward<Work>(work));
    }
};

// counters.cpp. The first before anything else: without its row nothing works.
void mend_counter_row(const AccountRepair& repair);
void mend_uidvalidity_next(const AccountRepair& repair);
void mend_modseqs(const AccountRepair& repair);
void raise_modseq_to_tombstones(const AccountRepair& repair);
void mend_sums(const AccountRepair& repair);  // mailbox-counts, account-size

// mailboxes.cpp
void mend_mailbox_names(const AccountRepair& repair);
void mend_other_names(const AccountRepair& repair);  // subscriptions, annotations
void mend_uidvalidity_unique(const AccountRepair& repair);
void mend_special_uses(const AccountRepair& repair);
void mend_parents(const AccountRepair& repair);
void mend_mailbox_keywords(const AccountRepair& repair);

// placements.cpp
void mend_keywords(const AccountRepair& repair);
void mend_flags(const AccountRepair& repair);
void mend_uids(const AccountRepair& repair);
void mend_tombstones(const AccountRepair& repair);
void mend_erase_queue(const AccountRepair& repair);
void mend_orphans(const AccountRepair& repair);        // foreign-key
void recover_placements(const AccountRepair& repair);  // foreign-key, mailbox-gone, message-unplaced

// threads.cpp
void mend_threads(const AccountRepair& repair);

// messages.cpp. The first before seals are made anew: of rows whose seal does not hold it sets what their files prove
// to be wrong, and gives those that contradict their files, so that they stay as they are.
[[nodiscard]] std::vector<std::int64_t> mend_sealed_messages(Part& part, db::Database& database,
                                                             const std::string& account);
void mend_messages(const AccountRepair& repair);  // message-row, message-size, message-hash, structure

// junk_filter.cpp
void mend_junk_filter(const AccountRepair& repair);

}  // namespace mox::repair
