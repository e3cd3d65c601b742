#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/file.hpp"
#include "datadir/layout.hpp"
#include "db/database.hpp"
#include "journal/id_blocks.hpp"
#include "queue/message.hpp"

namespace mox::queue {

enum class State { any, pending, retired };

// Which messages to list: those that meet every condition given. Listed by id, `limit` at most (0: all) above `after`.
struct Filter {
    State state = State::pending;
    std::vector<MessageId> ids;
    std::optional<MessageId> base_id;
    std::optional<std::string> account;
    std::optional<std::string> sender_domain;
    std::optional<std::string> recipient_domain;
    std::optional<std::string> recipient;  // "localpart@domain"
    std::optional<std::string> from_id;
    std::optional<std::string> transport;
    std::optional<bool> hold;                  // of pending ones
    std::optional<std::int64_t> due_by;        // pending, not on hold, next attempt at or before
    std::optional<std::int64_t> expired_by;    // retired, keep_until at or before
    std::optional<std::int64_t> queued_since;  // at or after
    std::optional<std::int64_t> queued_until;  // before
    MessageId after = 0;
    int limit = 0;
};

struct EraseResult {
    int erased = 0;   // files removed
    int missing = 0;  // were gone already
    int left = 0;     // wait on: somebody holds erasure (a backup, for example)
};

// The outgoing queue of one data directory: queue/index.db and the message files beside it. Not thread-safe: one thread
// at a time; several processes may have it open. Functions that change something return when the change is on disk, or
// throw Error and leave database and files as they were.
class Queue {
public:
    // Opens queue/index.db. With Access::create it is made when missing. When writing is allowed, files and journal
    // rows that a crash left are cleaned up.
    Queue(datadir::Layout layout, const db::OpenOptions& options, const Clock& clock);
    Queue(Queue&&) noexcept = default;
    // Ids taken and not used are given up; close() also removes their journal row, which otherwise the next opener
    // does.
    ~Queue() = default;
    void close();

    // Queues one submission: a message for each recipient, all with these contents (their files are hard links to one
    // another where the file system can). All or none are there afterwards. Ids in the order of `messages`.
    // Errc::usage for no messages and for a message that message_problem() finds fault with.
    std::vector<MessageId> add(std::span<const NewMessage> messages, std::string_view contents);
    // The same with the contents of a regular file, which is copied (never linked: it stays the caller's).
    std::vector<MessageId> add_file(std::span<const NewMessage> messages, const std::filesystem::path& file);

    [[nodiscard]] std::optional<Message> get(MessageId id);
    [[nodiscard]] std::vector<Message> list(const Filter& filter);
    // Only the ids, for lists of any length.
    [[nodiscard]] std::vector<MessageId> list_ids(const Filter& filter);
    [[nodiscard]] std::int64_t count(State state);
    [[nodiscard]] std::filesystem::path file_of(MessageId id) const { return layout_.queue_message(id); }
    // Prefix and file of a pending message. Errc::not_found when there is no such message, Errc::corrupt when the file
    // is gone or not of the recorded size.
    [[nodiscard]] std::string read_contents(MessageId id);

    // An attempt ended: adds it to the history, sets the time of the last attempt to its start and of the next one.
    // Errc::not_found when the message is not pending.
    void record_attempt(MessageId id, const Attempt& attempt, std::int64_t next_attempt);
    // False: no such pending message.
    bool hold(MessageId id);
    bool release(MessageId id);
    bool set_next_attempt(MessageId id, std::int64_t next_attempt);
    bool set_transport(MessageId id, std::string_view transport);

    // Ends the delivery of a pending message and keeps what is in `retired`; false when there is no such message.
    bool retire(MessageId id, const Retired& retired);
    // Forgets a message, pending or retired; false when there was none.
    bool remove(MessageId id);
    // Both leave the file to this, so that many files go at the cost of one: it removes the files that wait for it,
    // unless somebody holds erasure (datadir::hold_erasure). Files waiting are no fault, and opening erases them, too.
    EraseResult erase_files();

    // For other layers that read or extend these tables: hold rules, suppressions, web hooks.
    [[nodiscard]] db::Database& database() { return database_; }

private:
    struct Block {
        datadir::Reservation reservation;
        journal::IdBlock ids;
        MessageId next = 0;
        bool in_doubt = false;          // files may be there that no row explains: the journal row has to stay
        std::int64_t staged_files = 0;  // names given out
    };
    using Sink = std::function<void(std::span<const std::byte> bytes)>;
    using Fill = std::function<void(const Sink&)>;

    std::vector<MessageId> add_contents(std::span<const NewMessage> messages, const Fill& fill);
    [[nodiscard]] MessageId take_ids(std::int64_t count);
    [[nodiscard]] journal::Files files();
    void clean_up();
    [[nodiscard]] bool drop_pending(MessageId id);
    void erase_batch_of(const std::vector<MessageId>& ids, EraseResult& result);

    datadir::Layout layout_;
    Ownership ownership_;
    const Clock* clock_;
    db::Database database_;
    std::optional<Block> block_;
};

}  // namespace mox::queue
