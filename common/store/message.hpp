#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "mime/message.hpp"
#include "store/transaction.hpp"

// Rows of messages and placements, read and written one by one.

namespace mox::store {

[[nodiscard]] std::optional<Message> find_message(db::Database& database, MessageId id);
[[nodiscard]] std::optional<Placement> find_placement(db::Database& database, MailboxId mailbox, Uid uid);
// In the order of UIDs, without reading all into memory.
void for_each_placement(db::Database& database, MailboxId mailbox, const std::function<void(const Placement&)>& visit);
[[nodiscard]] std::vector<Placement> list_placements(db::Database& database, MailboxId mailbox);
[[nodiscard]] std::optional<Delivery> find_delivery(db::Database& database, MessageId id);

void insert_message(Transaction& tx, const Message& message);
void insert_delivery(Transaction& tx, MessageId id, const Delivery& delivery);
// One row per address of To, Cc and Bcc of a sent message; addresses without localpart or domain are skipped.
void insert_recipients(Transaction& tx, MessageId id, const mime::Message& parsed, const Timestamp& received);
// Takes the mailbox's next UID, sets modseq and createseq, and keeps counts and the mailbox's keywords right.
Uid insert_placement(Transaction& tx, Placement placement, std::int64_t size_bytes);

}  // namespace mox::store
