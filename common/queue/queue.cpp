#include "queue/queue.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <system_error>
#include <utility>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "journal/scratch.hpp"
#include "queue/message_rows.hpp"
#include "queue/placing.hpp"
#include "queue/schema.hpp"

namespace mox::queue {

namespace fs = std::filesystem;

namespace {

constexpr std::int64_t block_size = 64;     // ids burned at a time: one more commit for so many submissions
constexpr std::int64_t erase_batch = 1000;  // files removed before their rows are

db::Database open_database(const datadir::Layout& layout, db::OpenOptions options, const Ownership& ownership) {
    options.ownership = ownership;
    if (options.access == db::Access::create) make_directory(layout.queue(), ownership);
    return db::open(layout.queue_db(), queue_schema(), options);
}

Message to_message(const NewMessage& from) {
    return {.envelope = from.envelope,
            .attempts = from.attempts,
            .last_attempt = from.last_attempt,
            .history = from.history,
            .dialed_ips = from.dialed_ips,
            .pending = from.pending};
}

std::vector<Message> checked(std::span<const NewMessage> messages) {
    if (messages.empty()) throw Error(Errc::usage, "queue: no recipients");
    std::vector<Message> result;
    for (const auto& message : messages) {
        result.push_back(to_message(message));
        result.back().size = static_cast<std::int64_t>(message.pending.prefix.size());
        if (const auto problem = message_problem(result.back()); !problem.empty())
            throw Error(Errc::usage, "queue: " + problem);
    }
    return result;
}

}  // namespace

Queue::Queue(datadir::Layout layout, const db::OpenOptions& options, const Clock& clock)
    : layout_(std::move(layout)),
      ownership_(datadir::ownership_of(layout_.root())),
      clock_(&clock),
      database_(open_database(layout_, options, ownership_)) {
    if (options.access == db::Access::read_write || options.access == db::Access::create) clean_up();
}

journal::Files Queue::files() {
    return {.database = database_,
            .counters = "queue",
            .folder = layout_.queue(),
            .explained_sql =
                "SELECT 1 WHERE EXISTS (SELECT 1 FROM pending WHERE message_id = ?1)"
                " OR EXISTS (SELECT 1 FROM erase_queue WHERE message_id = ?1)"};
}

void Queue::close() {
    if (block_ && !block_->in_doubt) journal::end(database_, block_->ids);
    block_.reset();
}

void Queue::clean_up() {
    journal::recover(files(), layout_);
    journal::remove_dead_scratch_files(layout_);
    erase_files();
}

MessageId Queue::take_ids(std::int64_t count) {
    if (!block_ || block_->ids.last - block_->next + 1 < count) {
        auto reservation = datadir::Reservation::take(layout_);
        const journal::IdBlock ended = block_ && !block_->in_doubt ? block_->ids : journal::IdBlock{};
        const auto ids =
            journal::reserve(files(), std::max(count, block_size), "queue", reservation, clock_->now().seconds, ended);
        block_.emplace(Block{.reservation = std::move(reservation), .ids = ids, .next = ids.first});
    }
    const MessageId id = block_->next;
    block_->next += count;
    return id;
}

std::vector<MessageId> Queue::add(std::span<const NewMessage> messages, std::string_view contents) {
    return add_contents(messages, [&](const Sink& sink) { sink(as_bytes(contents)); });
}

std::vector<MessageId> Queue::add_file(std::span<const NewMessage> messages, const fs::path& file) {
    const UniqueFd fd = open_for_reading(file);
    struct stat status = {};
    if (::fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode))
        throw Error(Errc::failed, "queue " + quote(file.native()) + ": not a regular file");
    return add_contents(messages, [&](const Sink& sink) {
        std::vector<std::byte> buffer(256 * 1024);
        while (const std::size_t count = read_full(fd.get(), buffer, file)) sink(std::span(buffer).first(count));
    });
}

std::vector<MessageId> Queue::add_contents(std::span<const NewMessage> messages, const Fill& fill) {
    std::vector<Message> rows = checked(messages);
    MessageId id = take_ids(static_cast<std::int64_t>(rows.size()));
    const StagedFile staged(
        journal::scratch_file(layout_, block_->reservation.token(), "-queue-" + std::to_string(++block_->staged_files)),
        ownership_, fill);
    // Until all went well. Removing files again may fail, or not survive a crash; then the next opener does it.
    const bool was_in_doubt = std::exchange(block_->in_doubt, true);

    PlacedFiles placed(layout_, ownership_);
    std::vector<MessageId> ids;
    for (Message& message : rows) {
        message.id = id++;
        message.size += staged.size();
        message.pending->file_sha256 = staged.sha256();
        message.envelope.base_id = rows.size() > 1 ? rows.front().id : 0;
        ids.push_back(message.id);
        placed.place(staged, message.id);
    }
    placed.sync();

    db::Transaction tx(database_);
    for (const Message& message : rows) insert_message(database_, message);
    try {
        tx.commit();
    } catch (const Error& error) {
        // After an I/O error nobody knows whether the commit survives a crash: then the files have to be there. The
        // next opener sees whether rows explain them. A full disk is certain: no row is there.
        if (error.code() != Errc::no_space) placed.keep();
        throw;
    }
    placed.keep();
    block_->in_doubt = was_in_doubt;
    return ids;
}

std::optional<Message> Queue::get(MessageId id) {
    return load_message(database_, id);
}

std::string Queue::read_contents(MessageId id) {
    const auto row = database_.row<std::int64_t, std::string>(
        "SELECT size, prefix FROM message JOIN pending ON pending.message_id = id WHERE id = ?", id);
    if (!row) throw Error(Errc::not_found, fmt::format("queue: no message {} to deliver", id));
    const auto& [size, prefix] = *row;
    const fs::path path = file_of(id);
    const auto status = status_of(path);
    if (!status || !S_ISREG(status->st_mode)) throw Error(Errc::corrupt, "missing file " + quote(path.native()));
    const auto expected = size - static_cast<std::int64_t>(prefix.size());
    if (status->st_size != expected)
        throw Error(Errc::corrupt, fmt::format("file {} has {} bytes, not {}", quote(path.native()),
                                               static_cast<std::int64_t>(status->st_size), expected));
    return prefix + read_file(path, static_cast<std::size_t>(expected) + 1);
}

void Queue::record_attempt(MessageId id, const Attempt& attempt, std::int64_t next_attempt) {
    db::Transaction tx(database_);
    if (database_.run("UPDATE pending SET next_attempt = ? WHERE message_id = ?", next_attempt, id) == 0)
        throw Error(Errc::not_found, fmt::format("queue: no message {} to deliver", id));
    const auto number =
        database_.value<std::int64_t>("SELECT coalesce(max(number), 0) + 1 FROM attempt WHERE message_id = ?", id);
    insert_attempt(database_, id, number.value_or(1), attempt);
    database_.run(
        "UPDATE message SET attempts = attempts + 1, last_attempt = ?, last_attempt_nanoseconds = ? WHERE id = ?",
        attempt.started.seconds, attempt.started.nanoseconds, id);
    tx.commit();
}

bool Queue::hold(MessageId id) {
    return database_.run("UPDATE pending SET hold = 1 WHERE message_id = ?", id) > 0;
}

bool Queue::release(MessageId id) {
    return database_.run("UPDATE pending SET hold = 0 WHERE message_id = ?", id) > 0;
}

bool Queue::set_next_attempt(MessageId id, std::int64_t next_attempt) {
    return database_.run("UPDATE pending SET next_attempt = ? WHERE message_id = ?", next_attempt, id) > 0;
}

bool Queue::set_transport(MessageId id, std::string_view transport) {
    return database_.run(
               "UPDATE message SET transport = ?1 WHERE id = ?2 AND EXISTS"
               " (SELECT 1 FROM pending WHERE message_id = ?2)",
               transport, id) > 0;
}

bool Queue::drop_pending(MessageId id) {
    if (database_.run("DELETE FROM pending WHERE message_id = ?", id) == 0) return false;
    database_.run("INSERT INTO erase_queue (message_id, queued) VALUES (?, ?)", id, clock_->now().seconds);
    return true;
}

bool Queue::retire(MessageId id, const Retired& retired) {
    db::Transaction tx(database_);
    if (!drop_pending(id)) return false;
    insert_retired(database_, id, retired);
    tx.commit();
    return true;
}

bool Queue::remove(MessageId id) {
    db::Transaction tx(database_);
    (void)drop_pending(id);
    const bool found = database_.run("DELETE FROM message WHERE id = ?", id) > 0;
    tx.commit();
    return found;
}

EraseResult Queue::erase_files() {
    EraseResult result;
    const auto waiting = [&] { return database_.value<int>("SELECT count(*) FROM erase_queue").value_or(0); };
    result.left = waiting();
    if (result.left == 0) return result;
    const auto lock = datadir::try_lock_erasure(layout_);
    if (!lock) return result;
    for (MessageId after = 0;;) {
        std::vector<MessageId> ids;
        for (const auto& [id] : database_.rows<MessageId>(
                 "SELECT message_id FROM erase_queue WHERE message_id > ? AND NOT EXISTS"
                 " (SELECT 1 FROM pending WHERE pending.message_id = erase_queue.message_id) ORDER BY 1 LIMIT ?",
                 after, erase_batch))
            ids.push_back(id);
        if (ids.empty()) break;
        after = ids.back();
        erase_batch_of(ids, result);
    }
    result.left = waiting();
    return result;
}

// The rows go when the files are gone for certain.
void Queue::erase_batch_of(const std::vector<MessageId>& ids, EraseResult& result) {
    std::set<fs::path> folders;
    std::vector<MessageId> gone;
    for (const MessageId id : ids) {
        const fs::path path = file_of(id);
        std::error_code error;
        const bool was_there = fs::remove(path, error);
        if (error) continue;  // stays in the queue, counted as left
        ++(was_there ? result.erased : result.missing);
        if (was_there) folders.insert(path.parent_path());
        gone.push_back(id);
    }
    for (const auto& folder : folders) sync_directory(folder);
    db::Transaction tx(database_);
    for (const MessageId id : gone) database_.run("DELETE FROM erase_queue WHERE message_id = ?", id);
    tx.commit();
}

}  // namespace mox::queue
