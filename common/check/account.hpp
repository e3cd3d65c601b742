#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "check/message_tree.hpp"
#include "check/opened.hpp"
#include "check/reservations.hpp"
#include "check/threads.hpp"
#include "store/types.hpp"

namespace mox::check {

// Everything that is checked of accounts/<name>: its folder, its databases, its messages.
void check_account(Scope& scope, const std::string& name);

// The row of counters.
struct AccountCounters {
    std::int64_t next_message_id = 0, next_uidvalidity = 0, last_modseq = 0, message_size = 0;
};

// A mailbox as its row has it, and what its messages say.
struct MailboxState {
    std::string name;
    std::optional<std::int64_t> parent;
    std::int64_t uidvalidity = 0, uidnext = 0, special_use = 0;
    model::Keywords keywords;
    store::Counts counts;
    std::int64_t createseq = 0, modseq = 0;
    bool expunged = false;

    store::Counts counted;  // of the placements, without their sizes
};
using Mailboxes = std::map<std::int64_t, MailboxState>;

// The checks of one account's rows. Every function may run in a thread of its own.
class AccountRows {
public:
    AccountRows(Scope& scope, OpenedDatabase& opened);

    // False when the row of counters is missing: nothing else can be said then.
    [[nodiscard]] bool load();
    [[nodiscard]] Mailboxes& mailboxes() { return mailboxes_; }

    void check_mailboxes();   // P6, P7, P10, P12
    void check_placements();  // P5, P7, P8, P10, P12
    void check_leavings();    // P7, P12: tombstones, annotations, subscriptions
    // After check_placements() and all messages were counted.
    void check_sums(const std::map<std::int64_t, std::int64_t>& sizes);

private:
    struct PlacementRow;
    struct PlacementCursor;
    void check_placement(const PlacementRow& row, PlacementCursor& at);
    void check_keywords(const PlacementRow& row, PlacementCursor& at);
    void check_mailbox(std::int64_t id, const MailboxState& mailbox);
    void check_parent(std::int64_t id, const MailboxState& mailbox);
    void check_counts(std::int64_t id, const MailboxState& mailbox, std::int64_t size_bytes);
    void check_modseq(const std::string& what, std::int64_t createseq, std::int64_t modseq);
    void check_tombstones(db::Database& database);
    void check_annotations(db::Database& database);
    void check_subscriptions(db::Database& database);
    void add(CheckId check, std::string detail, std::string hint = {}) {
        scope_.add(check, opened_.path(), std::move(detail), std::move(hint));
    }

    Scope& scope_;
    OpenedDatabase& opened_;
    AccountCounters counters_;
    Mailboxes mailboxes_;
};

// The checks of messages, in the folders that their files share: rows, threads, structure and files together.
class AccountMessages {
public:
    AccountMessages(Scope& scope, OpenedDatabase& opened, std::string account);

    // A task for each folder that rows or files name.
    [[nodiscard]] std::vector<Pool::Task> folder_tasks();
    // After all of these: threads across folders.
    void finish();
    // True when every folder could be read.
    [[nodiscard]] bool is_complete() const { return folders_left_ == 0; }
    // Bytes of messages by mailbox.
    [[nodiscard]] const std::map<std::int64_t, std::int64_t>& sizes() const { return sizes_; }

private:
    struct Folder;
    [[nodiscard]] std::vector<std::int64_t> folder_numbers();
    void check_folder(std::int64_t number);
    void read_messages(db::Database& database, Folder& folder);
    void read_placements(db::Database& database, Folder& folder);
    void read_erase_queue(db::Database& database, Folder& folder);
    void check_states(Folder& folder);
    void check_row(const db::Statement& row, std::int64_t id);
    void check_structure(const db::Statement& row, std::int64_t id, std::int64_t size_bytes);
    [[nodiscard]] ExpectedFile look_again(std::int64_t id);
    void add(CheckId check, std::int64_t id, std::string_view detail) {
        scope_.add(check, opened_.path(), "message " + std::to_string(id) + " " + std::string(detail));
    }

    Scope& scope_;
    OpenedDatabase& opened_;
    MessageTree tree_;
    ThreadChecks threads_;
    std::atomic<std::size_t> folders_left_ = 1;
    std::mutex mutex_;                            // guards what follows
    std::map<std::int64_t, std::int64_t> sizes_;  // by mailbox
};

}  // namespace mox::check
