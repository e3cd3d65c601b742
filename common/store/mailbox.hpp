#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "store/transaction.hpp"

// Mailboxes and subscriptions. Names must be normalised (model/mailbox_name.hpp); Errc::usage with the reason when a
// name breaks the rules, Errc::not_found when a mailbox that was demanded is missing.

namespace mox::store {

[[nodiscard]] std::optional<Mailbox> find_mailbox(db::Database& database, std::string_view name);
[[nodiscard]] Mailbox get_mailbox(db::Database& database, MailboxId id);
// Sorted by name, without deleted ones.
[[nodiscard]] std::vector<Mailbox> list_mailboxes(db::Database& database);
// The mailbox with that special use, if there is one.
[[nodiscard]] std::optional<Mailbox> find_special_use(db::Database& database, SpecialUse use);

enum class Subscribe { no, yes };

// A new mailbox and its missing parents, each subscribed if asked. Errc::failed when it exists. A special use that
// another mailbox has is taken from that one.
Mailbox create_mailbox(Transaction& tx, std::string_view name, Subscribe subscribe,
                       SpecialUse special_use = SpecialUse::none);
// The mailbox of that name, made with its parents when missing.
Mailbox ensure_mailbox(Transaction& tx, std::string_view name, Subscribe subscribe);

// A new name for a mailbox and all below it; missing parents are made; every one gets a new UIDVALIDITY. Inbox cannot
// be renamed (IMAP's special rule for it is its session's business). Subscriptions follow.
void rename_mailbox(Transaction& tx, std::string_view from, std::string_view to);

// Removes a mailbox with all its messages. Errc::failed for Inbox and for one that has children.
void delete_mailbox(Transaction& tx, std::string_view name);

void set_special_use(Transaction& tx, MailboxId mailbox, SpecialUse special_use);
// A fresh UIDVALIDITY: clients forget what they knew of the mailbox.
void bump_uidvalidity(Transaction& tx, MailboxId mailbox);

void subscribe(Transaction& tx, std::string_view name);
void unsubscribe(Transaction& tx, std::string_view name);
[[nodiscard]] std::vector<std::string> list_subscriptions(db::Database& database);

}  // namespace mox::store
