#include "check/threads.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "base/interrupt.hpp"

namespace mox::check {

namespace {

// The thread id of a message, from those at hand or from the database.
class ThreadIds {
public:
    ThreadIds(db::Database& database, const std::vector<ThreadChecks::Message>& messages)
        : messages_(messages),
          statement_(database.prepare("SELECT thread_id FROM message WHERE id = ?")) {}

    [[nodiscard]] std::optional<std::int64_t> find(std::int64_t id) {
        const auto it = std::lower_bound(messages_.begin(), messages_.end(), id,
                                         [](const auto& message, std::int64_t wanted) { return message.id < wanted; });
        if (it != messages_.end() && it->id == id) return it->thread_id;
        statement_.bind(id);
        if (!statement_.step()) return std::nullopt;
        return statement_.column<std::int64_t>(0);
    }

private:
    const std::vector<ThreadChecks::Message>& messages_;
    db::Statement statement_;
};

}  // namespace

void ThreadChecks::check_folder(db::Database& database, const std::vector<Message>& messages) {
    std::vector<std::int64_t> suspects;
    ThreadIds ids(database, messages);
    for (const Message& message : messages) {
        if (message.parent == 0) {
            if (message.thread_id != message.id)
                add("thread-id", message.id,
                    fmt::format("starts a thread, but has the thread id {}", message.thread_id));
            continue;
        }
        if (message.parent >= message.id) suspects.push_back(message.id);
        if (const auto of_parent = ids.find(message.parent)) {
            if (*of_parent != message.thread_id)
                add("thread-id", message.id,
                    fmt::format("has the thread id {}, its parent {} has {}", message.thread_id, message.parent,
                                *of_parent));
        } else if (const auto of_root = ids.find(message.thread_id); message.thread_id <= 0) {
            add("thread-id", message.id, fmt::format("has the thread id {}", message.thread_id));
        } else if (of_root && *of_root != message.thread_id) {
            add("thread-id", message.id,
                fmt::format("has the thread id {}, but that message is in thread {}", message.thread_id, *of_root));
        }
    }
    const std::lock_guard lock(mutex_);
    suspects_.insert(suspects_.end(), suspects.begin(), suspects.end());
}

void ThreadChecks::check_cycles() {
    const auto database = opened_.borrow();
    db::Statement parent_of = database->prepare("SELECT coalesce(thread_parent, 0) FROM message WHERE id = ?");
    std::sort(suspects_.begin(), suspects_.end());
    std::unordered_map<std::int64_t, std::size_t> walked;  // message to the walk that met it first
    for (std::size_t walk = 0; walk < suspects_.size(); ++walk) {
        check_interrupt();
        for (std::int64_t id = suspects_[walk]; id != 0;) {
            const auto [it, is_new] = walked.emplace(id, walk);
            if (!is_new) {
                if (it->second == walk) add("thread-cycle", id, "is an ancestor of itself");
                break;
            }
            parent_of.bind(id);
            id = parent_of.step() ? parent_of.column<std::int64_t>(0) : 0;  // a parent that is gone ends the walk
        }
    }
}

}  // namespace mox::check
