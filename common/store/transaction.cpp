#include "store/transaction.hpp"

#include <unistd.h>

#include "base/error.hpp"

namespace mox::store {

Transaction::Transaction(Account& account) : account_(account), transaction_(account.database()) {
    const auto row = database().row<std::int64_t, std::int64_t, std::int64_t, bool>(
        "SELECT next_uidvalidity, last_modseq, message_size, trains FROM account");
    if (!row) throw Error(Errc::corrupt, "the table 'account' is empty", "run mox-verifydata");
    std::tie(counters_.next_uidvalidity, counters_.last_modseq, counters_.message_size, counters_.trains) = *row;
}

Transaction::~Transaction() {
    if (files_.empty()) return;  // committed, or there were none
    if (in_doubt_ && !database().confirm_rollback()) {
        account_.leave_id_block();
        return;
    }
    for (const auto& path : files_) ::unlink(path.c_str());
}

ModSeq Transaction::modseq() {
    if (!modseq_) {
        modseq_ = static_cast<ModSeq>(++counters_.last_modseq);
        counters_changed_ = true;
    }
    return *modseq_;
}

std::uint32_t Transaction::take_uidvalidity() {
    if (counters_.next_uidvalidity >= 0xffffffff)
        throw Error(Errc::failed, "the account has used up all UIDVALIDITY values");
    counters_changed_ = true;
    return static_cast<std::uint32_t>(counters_.next_uidvalidity++);
}

void Transaction::add_counts(MailboxId mailbox, const Counts& counts) {
    mailbox_changes_[mailbox].counts += counts;
    counters_.message_size += counts.size_bytes;
    counters_changed_ = counters_changed_ || counts.size_bytes != 0;
}

void Transaction::add_keywords(MailboxId mailbox, const model::Keywords& keywords) {
    if (keywords.empty()) return;
    auto& known = mailbox_changes_[mailbox].keywords;
    known = model::merged(known, keywords);
}

void Transaction::own_file(std::filesystem::path path) {
    files_.push_back(std::move(path));
}

void Transaction::set_trains(bool trains) {
    counters_changed_ = counters_changed_ || counters_.trains != trains;
    counters_.trains = trains;
}

void Transaction::write_mailbox_changes() {
    for (const auto& [mailbox, change] : mailbox_changes_) {
        const auto stored =
            database().value<std::string>("SELECT keywords FROM mailbox WHERE id = ?", mailbox).value_or("");
        const std::string keywords = change.keywords.empty()
                                         ? stored
                                         : model::joined(model::merged(model::split_keywords(stored), change.keywords));
        const auto& counts = change.counts;
        if (counts == Counts{} && keywords == stored) continue;
        database().run(
            "UPDATE mailbox SET count_total = count_total + ?, count_deleted = count_deleted + ?,"
            " count_unread = count_unread + ?, count_unseen = count_unseen + ?, size = size + ?, keywords = ? WHERE id "
            "= ?",
            counts.total, counts.deleted, counts.unread, counts.unseen, counts.size_bytes, keywords, mailbox);
    }
}

void Transaction::commit() {
    write_mailbox_changes();
    if (counters_changed_)
        database().run("UPDATE account SET next_uidvalidity = ?, last_modseq = ?, message_size = ?, trains = ?",
                       counters_.next_uidvalidity, counters_.last_modseq, counters_.message_size, counters_.trains);
    in_doubt_ = true;
    transaction_.commit();
    files_.clear();
}

}  // namespace mox::store
