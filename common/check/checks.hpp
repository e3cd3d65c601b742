#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

// The promises of a data directory (docs/data-directory.md, section "Promises") as one list of checks: what the command
// prints, what --only takes, what docs/verification.md shows, and what every test of a store expects to hold.

namespace mox::check {

enum class Severity { warning, error };

struct Check {
    std::string_view id;  // printed and accepted by --only; never reused for something else
    int promise;          // number in docs/data-directory.md
    Severity severity;
    std::string_view sentence;  // what must hold
};

// clang-format off
inline constexpr std::array checks{
    Check{"folder", 1, Severity::error, "every folder of the data directory is a folder that can be read"},
    Check{"database", 1, Severity::error, "every database is a regular file that can be opened and read to its end"},
    Check{"database-format", 1, Severity::error, "every database is of the right kind and of a version that this program knows"},
    Check{"database-version", 1, Severity::warning, "every database is of the newest version that this program knows"},
    Check{"database-schema", 1, Severity::error, "every database has exactly the tables and indexes of its version"},
    Check{"database-integrity", 1, Severity::error, "every database passes SQLite's integrity check"},
    Check{"foreign-key", 1, Severity::error, "no row refers to a row that is missing"},
    Check{"seal", 1, Severity::error, "every row agrees with the seal that was computed when it was written"},
    Check{"counters", 1, Severity::error, "every account and the queue have their one row of counters"},
    Check{"sequence", 1, Severity::error, "no table can give out the id of a row that it has again"},
    Check{"message-file", 2, Severity::error, "every message has exactly one file, which is regular and readable"},
    Check{"message-size", 2, Severity::error, "a message's prefix and file together have the recorded size"},
    Check{"message-hash", 3, Severity::error, "a message's file has the recorded SHA-256"},
    Check{"stray-file", 4, Severity::error, "no file lies among the messages that no message explains"},
    Check{"unknown-file", 4, Severity::warning, "nothing lies in the data directory that does not belong there"},
    Check{"stale-reservation", 4, Severity::warning, "every reservation of message ids has an owner that is running"},
    Check{"next-message-id", 4, Severity::error, "every message id is below the next one to be given out"},
    Check{"uid-next", 5, Severity::error, "every UID is below the UIDNEXT of its mailbox"},
    Check{"uid-order", 5, Severity::warning, "UIDs ascend in the order in which messages came into a mailbox"},
    Check{"uidvalidity-next", 6, Severity::error, "every UIDVALIDITY is below the next one of its account"},
    Check{"uidvalidity-unique", 6, Severity::error, "no two mailboxes that have or had the same name share a UIDVALIDITY"},
    Check{"modseq", 7, Severity::error, "createseq is at most modseq, and modseq at most the account's last one"},
    Check{"tombstone", 7, Severity::error, "what an expunge left has a modseq of the account's past and a UID that is gone"},
    Check{"mailbox-counts", 8, Severity::error, "the counts and the size of a mailbox are those of its messages"},
    Check{"account-size", 8, Severity::error, "the size of an account is that of its messages"},
    Check{"mailbox-keywords", 8, Severity::error, "a mailbox knows every keyword of its messages"},
    Check{"thread-id", 9, Severity::error, "every message has the thread id of the thread's root"},
    Check{"thread-cycle", 9, Severity::error, "following the parents of a message ends"},
    Check{"mailbox-gone", 10, Severity::error, "no message lies in a deleted mailbox"},
    Check{"mailbox-parent", 10, Severity::error, "the parent of a mailbox is there and has the name that the child's name begins with"},
    Check{"special-use", 10, Severity::error, "no two mailboxes have the same special use, and no deleted one has any"},
    Check{"message-unplaced", 10, Severity::error, "a message that lies in no mailbox waits to be erased"},
    Check{"erase-queue", 10, Severity::error, "a message that waits to be erased lies in no mailbox"},
    Check{"junk-counts", 11, Severity::error, "the junk filter and the training log together have counted exactly the messages that are trained"},
    Check{"junk-words", 11, Severity::error, "no word is in more messages than the junk filter has counted"},
    Check{"name", 12, Severity::error, "names of accounts, mailboxes and subscriptions obey their grammar"},
    Check{"keyword", 12, Severity::error, "keywords are valid, in lower case, sorted, each once"},
    Check{"flags", 12, Severity::error, "flags, special uses and states are ones that this program knows"},
    Check{"message-row", 12, Severity::error, "the values of a message are possible: id, size, hash, time, Message-ID"},
    Check{"queue-state", 13, Severity::error, "a message of the queue is either pending or retired"},
    Check{"queue-message", 13, Severity::error, "a message of the queue has valid addresses, sane times and attempts that agree with them"},
    Check{"owner-mode", 14, Severity::warning, "everything belongs to the owner of the data directory and is open to nobody beyond those the directory lets in"},
    Check{"manifest", 15, Severity::error, "a snapshot has exactly the files that its manifest names, with their sizes and hashes"},
    Check{"archive", 15, Severity::error, "an archive can be read to its end, and has each file once, under a name that leads nowhere else"},
    Check{"structure", 16, Severity::error, "the recorded structure of a message can be read"},
    Check{"structure-offsets", 16, Severity::error, "the offsets of the recorded structure lie inside the message"},
};
// clang-format on

inline constexpr std::size_t check_count = checks.size();

// Position in `checks`; check_count when there is no such id.
[[nodiscard]] constexpr std::size_t index_of(std::string_view id) {
    std::size_t index = 0;
    while (index < check_count && checks[index].id != id) ++index;
    return index;
}

namespace detail {
consteval bool ids_are_unique() {
    for (std::size_t i = 0; i < check_count; ++i)
        if (index_of(checks[i].id) != i) return false;
    return true;
}
consteval bool promises_ascend() {
    return std::ranges::is_sorted(checks, {}, &Check::promise);
}
}  // namespace detail
static_assert(detail::ids_are_unique());
static_assert(detail::promises_ascend());

// Names one check; a text that is no check's id does not compile.
class CheckId {
public:
    template <std::size_t Size>
    consteval CheckId(const char (&id)[Size]) : index_(index_of(id)) {  // NOLINT: reads as the id itself
        if (index_ == check_count) throw "there is no such check";
    }
    [[nodiscard]] constexpr std::size_t index() const { return index_; }
    [[nodiscard]] constexpr const Check& check() const { return checks[index_]; }

private:
    std::size_t index_;
};

}  // namespace mox::check
