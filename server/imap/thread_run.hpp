#pragma once

#include <string>

#include "server/imap/message_rows.hpp"
#include "server/imap/sort_request.hpp"

namespace mox::imap {

// Puts messages into threads (RFC 5256 section 3). REFERENCES goes by the threads that the database keeps: parents that
// are not among the messages are left out, and what only they held together stays together.
class ThreadRun {
public:
    // `matches` must stay as they are until the end.
    ThreadRun(Threading threading, const Selected& view, const std::vector<SearchRun::Match>& matches);
    // False when all threads are known.
    bool step(store::Account& account);
    // "(1)(2 3 (4)(5))".
    void write(std::string& out, bool uids) const;

private:
    struct Node {
        std::int64_t message = 0, thread = 0, sent = 0;
        std::int64_t parent = 0;  // id of a message; 0: none
        std::string subject;
        std::vector<std::uint32_t> children;
    };
    void add(const MessageRow& row);
    void link_by_subject();
    void link_by_references(store::Account& account);
    void sort(std::vector<std::uint32_t>& nodes) const;
    void write_tree(std::string& out, std::uint32_t root, bool uids) const;

    const Threading threading_;
    const Selected& view_;
    const std::vector<SearchRun::Match>& matches_;
    MessageRows rows_;
    std::vector<Node> nodes_;
    std::vector<std::vector<std::uint32_t>> threads_;  // the roots of each
};

}  // namespace mox::imap
