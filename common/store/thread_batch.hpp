#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "db/database.hpp"
#include "mime/threading.hpp"
#include "store/types.hpp"

namespace mox::store {

// Bounds of what a ThreadBatch keeps in memory. Tests make them small.
struct ThreadBatchLimits {
    std::size_t text_bytes = 1U << 20U;            // of ids and subjects, for finding messages of the account by index
    std::size_t definitions = 180'000;             // in one partition of ids
    std::size_t sorted_records = 100'000;          // at once
    std::uint64_t messages_for_each_look_up = 16;  // an account with more of them is searched by index
};

// Threads for many messages at once, among themselves and those of the account, in time linear in their number and
// their references, whatever the shape of conversations. The rules are those of store/threads.hpp; rule 3 sees of the
// batch itself the messages that were received before, or else the first one of the day after that is no reply.
//
// Keeps 10 bytes a message in memory and waits with the rest in nameless files. A batch that is small beside its
// account looks messages of the account up by index; otherwise it reads all of them, once.
class ThreadBatch {
public:
    // Files are made and at once unlinked beside `scratch`, with names that start like it.
    explicit ThreadBatch(std::filesystem::path scratch, const ThreadBatchLimits& limits = {});
    ~ThreadBatch();
    ThreadBatch(ThreadBatch&&) noexcept;

    // In ascending order of ids. `mailbox` is an index into the list given to resolve().
    void add(MessageId id, const mime::Threading& message, std::size_t mailbox, const Timestamp& received);
    // Works out the threads, once, after the last add(). `mailboxes`: those that exist; nullopt for new ones. Not
    // inside a transaction.
    void resolve(db::Database& database, const std::vector<std::optional<MailboxId>>& mailboxes);
    // Then calls visit(id, link) for each message in the order of add().
    void for_each(const std::function<void(MessageId, const ThreadLink&)>& visit);

    struct State;

private:
    class Resolution;
    std::unique_ptr<State> state_;
    std::unique_ptr<Resolution> resolution_;
};

}  // namespace mox::store
