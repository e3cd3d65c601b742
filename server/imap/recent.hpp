#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "db/database.hpp"
#include "store/types.hpp"

namespace mox::imap {

// Which messages are \Recent (RFC 3501 section 2.3.2): those of which no session was told yet. All sessions of an
// account share it, on the account's strand. It is kept in memory only, and outlives the sessions: what was there when
// the account was first used in the life of the process is recent to nobody.
class RecentMessages {
public:
    static constexpr std::uint32_t none = 0xffffffff;

    // Whenever the account was opened, before anything is done with it.
    void begin(db::Database& database);
    // The messages of a mailbox with this UID or a higher one, or none.
    [[nodiscard]] std::uint32_t first(db::Database& database, store::MailboxId mailbox) const;
    // Their number.
    [[nodiscard]] std::int64_t count(db::Database& database, store::MailboxId mailbox) const;
    // A session was told of all messages up to that UID.
    void told(db::Database& database, store::MailboxId mailbox, std::uint32_t last);

private:
    std::optional<std::int64_t>
        since_;  // createseq above which messages are recent, in mailboxes that are not in `first_`
    std::map<store::MailboxId, std::uint32_t> first_;
};

}  // namespace mox::imap
