#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace mox::imap {

// Threads of some messages by what they refer to and by their subjects: THREAD=REFERENCES (RFC 5256 section 3).
// Messages are known by their place, in the order in which they are added, which is that of the mailbox.
class ReferenceThreads {
public:
    struct Message {
        std::uint64_t id = 0;                       // a hash of its Message-ID; 0: it has none
        std::span<const std::uint64_t> references;  // likewise, oldest first
        std::string subject;                        // the base subject
        bool is_reply = false;                      // or a forward, by its subject
        std::int64_t sent = 0;
    };
    void add(Message message);
    // When all are there.
    void finish();

    // Sorted by the time they were sent. Messages that answer one which is not there are roots of one thread.
    [[nodiscard]] const std::vector<std::vector<std::uint32_t>>& threads() const { return threads_; }
    [[nodiscard]] const std::vector<std::uint32_t>& children(std::uint32_t message) const { return children_[message]; }

private:
    static constexpr std::uint32_t none = 0xffffffff;
    // A message, or one that others refer to.
    struct Container {
        std::uint32_t message = none, parent = none;
        bool has_children = false;  // or had
    };
    struct Known {
        std::string subject;
        bool is_reply = false;
        std::int64_t sent = 0;
    };
    [[nodiscard]] std::uint32_t container_of(std::uint64_t id);
    void link(std::uint32_t child, std::uint32_t parent);
    [[nodiscard]] bool is_above(std::uint32_t container, std::uint32_t other) const;
    void collect_trees();
    void join_by_subject();
    void sort();

    std::vector<Known> messages_;
    std::vector<std::uint32_t> containers_of_messages_;
    std::vector<Container> containers_;
    std::unordered_map<std::uint64_t, std::uint32_t> by_id_;
    std::size_t missing_ = 0;
    std::vector<std::vector<std::uint32_t>> threads_;
    std::vector<std::vector<std::uint32_t>> children_;
};

}  // namespace mox::imap
