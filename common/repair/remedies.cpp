#include "repair/remedies.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "check/checks.hpp"

namespace mox::repair {

namespace {

constexpr std::string_view restore_or_rebuild =
    "mox-restore brings it back from a snapshot; an account's is made anew from its message files by --rebuild";
constexpr std::string_view restore_message = "mox-restore --message brings single messages back from a snapshot";
constexpr std::string_view by_server = "the server or an administrator decides about messages of the queue";

// clang-format off
constexpr Remedy remedies[] = {
    {"folder", "", "put a folder in its place, or bring it back from a snapshot"},
    {"database", "a junk filter is made anew", restore_or_rebuild},
    {"database-format", "a junk filter whose making was interrupted is made anew", restore_or_rebuild},
    {"database-version", "", "take a backup: the next program that writes to it upgrades it"},
    {"database-schema", "missing indexes are made anew; a junk filter is made anew", restore_or_rebuild},
    {"database-integrity", "indexes that disagree with their table are made anew from it; of a damaged log a copy is kept in moved/, and what can be read of it is applied; a junk filter is made anew", restore_or_rebuild},
    {"foreign-key", "placements of missing messages are expunged, those in missing mailboxes move to the mailbox Recovered, other orphans are removed", ""},
    {"seal", "once the integrity check passes, what the file of a message proves to be wrong is corrected and the row is sealed as it is now; a junk filter is made anew", "a message whose row and file contradict each other stays as it is: mox-restore --message brings it back from a snapshot"},
    {"counters", "the row is made anew, above everything that rows and files show", ""},
    {"sequence", "the last id of the table is the highest that it has", ""},
    {"message-file", "", restore_message},
    {"message-size", "the size is that of the file, if the file's SHA-256 is the recorded one", restore_message},
    {"message-hash", "only with --fix=message-hash: the recorded SHA-256 is that of the file, if the size agrees", restore_message},
    {"stray-file", "the file moves to moved/", ""},
    {"unknown-file", "", "remove what you know to be needless"},
    {"stale-reservation", "the files that it left without rows are removed, then the reservation", ""},
    {"next-message-id", "the next id is above all rows, reservations and files", ""},
    {"uid-next", "UIDNEXT is above all UIDs, UIDs that cannot be are given anew, and the mailbox gets a new UIDVALIDITY", ""},
    {"uid-order", "", "nothing needs to be done: clients do not rely on it"},
    {"uidvalidity-next", "the next UIDVALIDITY is above all, and one that cannot be is given anew", ""},
    {"uidvalidity-unique", "one of the two mailboxes gets a new UIDVALIDITY", ""},
    {"modseq", "the account's last modseq is raised, createseq lowered to modseq; values that nothing can have counted up to become the last one", ""},
    {"tombstone", "the account's last modseq is raised; those of UIDs that cannot be, or are there, are removed, and the mailbox gets a new UIDVALIDITY", ""},
    {"mailbox-counts", "counted anew", ""},
    {"account-size", "counted anew", ""},
    {"mailbox-keywords", "missing keywords are added, none is removed", ""},
    {"thread-id", "computed anew from the threads' roots", ""},
    {"thread-cycle", "cut at the lowest id, which starts a thread", ""},
    {"mailbox-gone", "the messages move to the mailbox Recovered, flags and keywords with them", ""},
    {"mailbox-parent", "linked by name; missing parents are made", ""},
    {"special-use", "the mailbox with the lowest id keeps it, a deleted one has none", ""},
    {"message-unplaced", "the message is put into the mailbox Recovered", ""},
    {"erase-queue", "the message no longer waits to be erased", ""},
    {"junk-counts", "the junk filter is made anew from the flags of messages; without a filter and training, trained states are removed", "mox-retrain makes the filter anew"},
    {"junk-words", "the junk filter is made anew from the flags of messages", "mox-retrain makes the filter anew"},
    {"name", "the mailbox gets the nearest name that can be, and a new UIDVALIDITY; subscriptions and annotations likewise", "an account is named in the configuration and by its folder"},
    {"keyword", "brought into their form; invalid ones become the nearest valid ones, or go", ""},
    {"flags", "unknown bits are removed, states that cannot be become possible ones", ""},
    {"message-row", "what the file proves to be wrong is corrected; times that cannot be become possible ones", restore_message},
    {"queue-state", "", by_server},
    {"queue-message", "", by_server},
    {"owner-mode", "owner and mode become those that the data directory lets in", ""},
    {"manifest", "", "take another snapshot"},
    {"archive", "", "take another archive"},
    {"structure", "parsed again from the file", restore_message},
    {"structure-offsets", "parsed again from the file", restore_message},
};
// clang-format on

consteval bool has_all_checks() {
    if (std::size(remedies) != check::check_count) return false;
    for (std::size_t i = 0; i < check::check_count; ++i)
        if (remedies[i].check != check::checks[i].id) return false;
    return true;
}
static_assert(has_all_checks(), "one remedy for each check, in the same order");

}  // namespace

const Remedy& remedy_of(std::string_view check) {
    const std::size_t index = check::index_of(check);
    if (index == check::check_count) throw std::logic_error("no such check");
    return remedies[index];
}

std::string remedy_table() {
    std::string text = "| check | repair | what is left to a person |\n|---|---|---|\n";
    for (const auto& [check, repair, by_hand] : remedies)
        text += fmt::format("| `{}` | {} | {} |\n", check, repair, by_hand);
    return text;
}

}  // namespace mox::repair
