#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "server/imap/context.hpp"
#include "server/imap/index_ranges.hpp"
#include "server/imap/sequence_set.hpp"
#include "store/types.hpp"

namespace mox::imap {

// What a client knows of the mailbox it has selected: which messages there are, in the order of their UIDs. 12 bytes a
// message; flags and all else are asked of the database. Position 0 is message number 1. Messages that others expunged
// stay until the client is told (RFC 9051 section 7.5.1): their placements are gone, their rows and files are not
// (docs/imap.md, "Expunged messages").
class Selected {
public:
    store::MailboxId mailbox{};
    std::string name;
    std::uint32_t uidvalidity = 0;
    bool read_only = false;
    bool owes_highest_modseq = false;  // to a client that wants it since (want_condstore())
    model::Keywords keywords;          // those of the last FLAGS answer

    // Up to where the client knows changes: flags and new messages up to and including (modseq, uid), expunges
    // likewise.
    struct Position {
        std::int64_t modseq = 0;
        std::uint32_t uid = 0xffffffff;
        friend auto operator<=>(const Position&, const Position&) = default;
        // Everything up to that modseq is included.
        [[nodiscard]] std::int64_t complete() const { return uid == 0xffffffff ? modseq : modseq - 1; }
    };
    Position told_changes, told_expunges;
    // No message of which the client does not know has this UID or a lower one.
    std::uint32_t largest_known = 0;
    // Flags of messages from here on are not told unasked: too many are new, or FETCH is under way.
    std::uint32_t silent_from = 0xffffffff;

    // Results that the client is told of as they change (context_updates.hpp), up to which changes; with none it does
    // not matter.
    std::vector<Context> contexts;
    Position told_results;

    // The UIDs that are \Recent to this session (recent.hpp); those that are gone do not count. None for clients of
    // rev2.
    NumberRanges recent;
    [[nodiscard]] bool is_recent(std::uint32_t uid) const;
    [[nodiscard]] std::size_t recent_count() const;

    // The UIDs that SEARCH saved (RFC 9051 section 6.4.4.1), ascending; those that are gone do not count.
    NumberRanges saved;

    [[nodiscard]] std::size_t size() const { return uids_.size(); }
    [[nodiscard]] bool empty() const { return uids_.empty(); }
    [[nodiscard]] store::Uid uid(std::size_t position) const { return static_cast<store::Uid>(uids_[position]); }
    [[nodiscard]] store::MessageId message(std::size_t position) const { return messages_[position]; }
    // 0 without messages.
    [[nodiscard]] std::uint32_t largest_uid() const { return uids_.empty() ? 0 : uids_.back(); }
    // The position of a UID, if the client knows of it.
    [[nodiscard]] std::optional<std::size_t> find(store::Uid uid) const;
    // The first position with that UID or a higher one; size() when there is none.
    [[nodiscard]] std::size_t lower_bound(std::uint32_t uid) const;

    // Positions of message numbers; numbers that no message has are skipped, or Refusal is thrown for them.
    enum class Missing { refused, skipped };
    [[nodiscard]] IndexRanges by_number(const SequenceSet& set, Missing missing = Missing::refused) const;
    // Positions of UIDs; those that no message has are skipped.
    [[nodiscard]] IndexRanges by_uid(const SequenceSet& set) const;
    [[nodiscard]] IndexRanges positions(const SequenceSet& set, bool uids) const {
        return uids ? by_uid(set) : by_number(set);
    }
    [[nodiscard]] IndexRanges by_uids(const NumberRanges& ranges) const;
    // The UIDs at some positions, as few ranges as there can be without others in the view between them.
    [[nodiscard]] store::UidRanges uid_ranges(const IndexRanges& positions) const;
    // What compact_set() needs to tell the UIDs, or the message numbers.
    [[nodiscard]] NumberRanges uid_numbers(const IndexRanges& positions) const;

    // UIDs ascend.
    void reserve(std::size_t count);
    void append(store::Uid uid, store::MessageId message);
    // All at once.
    void assign(const std::vector<std::uint32_t>& uids, const std::vector<store::MessageId>& messages) {
        uids_ = uids;
        messages_ = messages;
    }
    // Takes those UIDs out (ascending) and gives the message numbers that they had, as EXPUNGE tells them: each as it
    // is when those before it are gone. Unknown ones are skipped; `known` gets the others.
    [[nodiscard]] std::vector<std::uint32_t> remove(const std::vector<std::uint32_t>& uids,
                                                    std::vector<std::uint32_t>& known);

private:
    std::vector<std::uint32_t> uids_;
    std::vector<store::MessageId> messages_;
};

}  // namespace mox::imap
