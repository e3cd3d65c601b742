#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string_view>

#include "db/database.hpp"
#include "mime/threading.hpp"
#include "store/types.hpp"

// Which message answers which. Rules (docs/data-directory.md, "Threads"): (1) a message with the Message-ID of another
// is that one's child; (2) the nearest reference whose message has the same base subject is the parent; (3) a reply
// without references is the child of the newest message with its base subject in the same mailbox, from four weeks
// before to one day after; (4) otherwise it starts a thread.

namespace mox::store {

// For one message, among those in the database. Two or three look-ups.
[[nodiscard]] ThreadLink find_thread(db::Database& database, MessageId id, const mime::Threading& message,
                                     MailboxId mailbox, const Timestamp& received);

// For many messages at once, among themselves and those in the database, in time linear in their number and their
// references. Keeps about 80 bytes a message in memory; references wait in a file of their own below `scratch`.
class ThreadBatch {
public:
    // `scratch`: a file to make for its own use; it has no name any more when this returns.
    explicit ThreadBatch(const std::filesystem::path& scratch);
    ~ThreadBatch();
    ThreadBatch(ThreadBatch&&) noexcept;

    // In ascending order of ids. `mailbox` is an index into the list given to resolve().
    void add(MessageId id, const mime::Threading& message, std::size_t mailbox, const Timestamp& received);
    // Calls visit(id, link) for each message in the order of add(). `mailboxes`: those that exist; nullopt for new
    // ones.
    template <class Visit>
    void resolve(db::Database& database, const std::vector<std::optional<MailboxId>>& mailboxes, Visit&& visit) {
        link(database, mailboxes);
        for (std::size_t i = 0; i < size(); ++i) visit(id_at(i), link_at(i));
    }
    [[nodiscard]] std::size_t size() const;

private:
    struct State;
    void link(db::Database& database, const std::vector<std::optional<MailboxId>>& mailboxes);
    [[nodiscard]] MessageId id_at(std::size_t index) const;
    [[nodiscard]] ThreadLink link_at(std::size_t index) const;

    std::unique_ptr<State> state_;
};

}  // namespace mox::store
