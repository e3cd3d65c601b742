#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "check/opened.hpp"

namespace mox::check {

// Threads of an account (promise P9), in time linear in the number of messages: a parent has its child's thread id, a
// root its own, and a message whose parent is gone belongs to a thread whose first message, where it is still there, is
// a root.
class ThreadChecks {
public:
    ThreadChecks(Scope& scope, OpenedDatabase& opened) : scope_(scope), opened_(opened) {}

    struct Message {
        std::int64_t id = 0;
        std::int64_t thread_id = 0;
        std::int64_t parent = 0;  // 0: a root
    };
    // The messages of one folder, ascending. Any thread.
    void check_folder(db::Database& database, const std::vector<Message>& messages);
    // Cycles: every one has a message whose parent is not older than itself, and only these are followed.
    void check_cycles();

private:
    void add(CheckId check, std::int64_t id, std::string_view detail) {
        scope_.add(check, opened_.path(), "message " + std::to_string(id) + " " + std::string(detail));
    }

    Scope& scope_;
    OpenedDatabase& opened_;
    std::mutex mutex_;
    std::vector<std::int64_t> suspects_;  // guarded by mutex_
};

}  // namespace mox::check
