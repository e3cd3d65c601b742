#pragma once

#include <string>

#include "server/imap/message_rows.hpp"
#include "server/imap/reference_threads.hpp"
#include "server/imap/sort_request.hpp"

namespace mox::imap {

// Puts messages into threads (RFC 5256 section 3). The References fields are in files only: of these, headers are read.
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
        std::int64_t sent = 0;
        std::string subject;
        std::vector<std::uint32_t> children;
    };
    void add(const MessageRow& row);
    void add_with_references(store::Account& account, const MessageRow& row);
    void link_by_subject();
    void take_threads();
    void sort(std::vector<std::uint32_t>& nodes) const;
    void write_tree(std::string& out, std::uint32_t root, bool uids) const;

    const Threading threading_;
    const Selected& view_;
    const std::vector<SearchRun::Match>& matches_;
    MessageRows rows_;
    std::vector<Node> nodes_;
    ReferenceThreads references_;
    std::vector<std::vector<std::uint32_t>> threads_;  // the roots of each
};

}  // namespace mox::imap
