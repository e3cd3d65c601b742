#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <vector>

#include "db/database.hpp"
#include "store/types.hpp"

namespace mox::imap {

// What was last seen of the mailboxes of one account, so that SELECT and searches for flags and keywords need not read
// all of a mailbox each time. 18 bytes a message; what has changed since is found by its modseq, whoever changed it.
// Used on the account's strand.
class MailboxIndexes {
public:
    // Those of all mailboxes together; a mailbox that has more messages has no index.
    static constexpr std::size_t most_messages = 300'000;
    // Different sets of keywords in one mailbox; with more of them, its index has no keywords.
    static constexpr std::size_t most_keyword_sets = 1'000;

    // As of `modseq`. In the order of UIDs; what belongs to a message has the same position in each.
    struct Index {
        store::MailboxId mailbox{};
        std::int64_t modseq = -1;
        std::vector<std::uint32_t> uids;
        std::vector<store::MessageId> messages;
        std::vector<std::uint32_t> flags;         // model::Flags::bits()
        std::vector<std::uint16_t> keyword_sets;  // positions in `sets`
        std::vector<std::string> sets{""};        // as in the database
        bool has_keywords = true;
        [[nodiscard]] std::string_view keywords(std::size_t at) const { return sets[keyword_sets[at]]; }
    };

    // Of the mailbox as the database has it, which is outside of a transaction or in one that only reads. Valid until
    // the next call of anything; null when the mailbox is too large, or not there.
    [[nodiscard]] const Index* up_to_date(db::Database& database, store::MailboxId mailbox);
    // Forgets until they have that many messages together at most; those used last stay.
    void shrink_to(std::size_t messages);

private:
    Index& index_of(store::MailboxId mailbox);

    std::list<Index> indexes_;  // the one used last first
};

}  // namespace mox::imap
