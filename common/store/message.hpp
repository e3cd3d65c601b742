#pragma once

#include <functional>
#include <optional>
#include <string_view>
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
void insert_delivery(db::Database& database, MessageId id, const Delivery& delivery);
// The columns of the tables `delivery` and `delivery_dkim` but for the seal, to copy rows from database to database.
inline constexpr std::string_view delivery_columns =
    "message_id, remote_ip, remote_ip_masked1, remote_ip_masked2, remote_ip_masked3, ehlo_domain, mail_from,"
    " mail_from_localpart, mail_from_domain, rcpt_to_localpart, rcpt_to_domain, msg_from_localpart, msg_from_domain,"
    " msg_from_org_domain, ehlo_validated, mail_from_validated, msg_from_validated, ehlo_validation,"
    " mail_from_validation, msg_from_validation, dkim_domains, orig_ehlo_domain, orig_dkim_domains, is_mailing_list,"
    " is_dsn, tls_version, tls_cipher_suite, require_tls";
inline constexpr std::string_view delivery_dkim_columns = "domain, message_id";
// One row per address of To, Cc and Bcc of a sent message; addresses without localpart or domain are skipped.
void insert_recipients(Transaction& tx, MessageId id, const mime::Message& parsed, const Timestamp& received);
// Takes the mailbox's next UID, sets modseq and createseq, and keeps counts and the mailbox's keywords right.
Uid insert_placement(Transaction& tx, Placement placement, std::int64_t size_bytes);

}  // namespace mox::store
