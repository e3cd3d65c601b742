#include "server/imap/recent.hpp"

namespace mox::imap {

namespace {

// Mailboxes that are remembered one by one; beyond, all begin anew with nothing recent.
constexpr std::size_t max_mailboxes = 1000;

std::int64_t last_modseq(db::Database& database) {
    return database.value<std::int64_t>("SELECT last_modseq FROM account").value_or(0);
}

}  // namespace

void RecentMessages::begin(db::Database& database) {
    if (!since_) since_ = last_modseq(database);
}

std::uint32_t RecentMessages::first(db::Database& database, store::MailboxId mailbox) const {
    if (const auto known = first_.find(mailbox); known != first_.end()) return known->second;
    // By the index of modseqs, as none is below its createseq.
    return database
        .value<std::uint32_t>(
            "SELECT min(uid) FROM placement WHERE mailbox_id = ?1 AND modseq > ?2 AND createseq > ?2"
            " HAVING min(uid) IS NOT NULL",
            mailbox, since_.value_or(INT64_MAX))
        .value_or(none);
}

std::int64_t RecentMessages::count(db::Database& database, store::MailboxId mailbox) const {
    return database
        .value<std::int64_t>("SELECT count(*) FROM placement WHERE mailbox_id = ? AND uid >= ?", mailbox,
                             first(database, mailbox))
        .value_or(0);
}

void RecentMessages::told(db::Database& database, store::MailboxId mailbox, std::uint32_t last) {
    if (first_.size() >= max_mailboxes && !first_.contains(mailbox)) {
        first_.clear();
        since_ = last_modseq(database);
    }
    first_[mailbox] = last == none ? none : last + 1;
}

}  // namespace mox::imap
