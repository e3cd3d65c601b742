#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "outlet/writer.hpp"
#include "store/account.hpp"
#include "store/types.hpp"
#include "tools/export/criteria.hpp"

namespace mox::exporting {

struct SelectedMailbox {
    outlet::MailboxInfo info;
    std::int64_t first = 0, last = 0;  // numbers in the list; none when first > last
    [[nodiscard]] std::int64_t messages() const { return last - first + 1; }
};

// A message of the list. `stored` has neither structure nor thread; without it the database has lost the row.
struct SelectedMessage {
    store::Uid uid{};
    store::MessageId id{};
    model::Flags flags;
    model::Keywords keywords;
    std::optional<store::Message> stored;
    std::optional<std::string> mail_from;  // of the delivery, when there was one
};

// The list of what is to be exported, as of one moment: it is taken in one read transaction and kept in a temporary
// file of SQLite, so that neither memory nor the journal of the account grows while messages are written. What is read
// later are rows of messages, which never change and stay as long as erasure is held.
class Selection {
public:
    // Errc::not_found when the mailbox is missing. `account` must outlive it.
    Selection(store::Account& account, const Criteria& criteria);

    // Sorted by name. With criteria other than a mailbox, those without a message are left out.
    [[nodiscard]] const std::vector<SelectedMailbox>& mailboxes() const { return mailboxes_; }
    [[nodiscard]] const std::vector<std::string>& subscriptions() const { return subscriptions_; }
    [[nodiscard]] std::int64_t messages() const { return messages_; }
    [[nodiscard]] std::int64_t size_bytes() const { return size_bytes_; }

    // In the order of UIDs.
    void for_each(const SelectedMailbox& mailbox, const std::function<void(SelectedMessage&&)>& visit);

private:
    void list_mailbox(const store::Mailbox& mailbox, const Criteria& criteria);
    void list_by_header(const store::Mailbox& mailbox, const Criteria& criteria);
    void count_keywords(SelectedMailbox& mailbox);
    [[nodiscard]] bool has_wanted_header(store::MessageId id, const Criteria& criteria);

    store::Account& account_;
    std::vector<SelectedMailbox> mailboxes_;
    std::vector<std::string> subscriptions_;
    std::int64_t messages_ = 0, size_bytes_ = 0;
};

}  // namespace mox::exporting
