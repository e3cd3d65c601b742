#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>

#include "store/record_file.hpp"
#include "store/thread_forest.hpp"

namespace mox::store {

// Rule 3: replies without references, by base subject. Everything waits in a file and is sorted there, so a million
// messages with one subject are as good as any.
class ThreadSubjects {
public:
    // Two files are made beside `scratch`; at most `in_memory` messages are in memory.
    ThreadSubjects(const std::filesystem::path& scratch, std::size_t in_memory);

    struct Message {
        ThreadNode node;
        std::uint64_t subject = 0;  // thread_hash(), not 0
        std::int64_t mailbox = 0;   // numbers that tell mailboxes of the account and new ones apart
        std::int64_t received = 0;  // Unix seconds
        bool is_reply = false;      // or a forward
        bool seeks = false;         // of the batch, a reply without references and without a parent yet
    };
    void add(const Message& message);
    // Links those that seek.
    void finish(ThreadForest& forest);

private:
    static bool is_before(const Message& a, const Message& b);

    std::filesystem::path sorted_path_;
    std::size_t in_memory_;
    RecordFile<Message> messages_;
};

}  // namespace mox::store
