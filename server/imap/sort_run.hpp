#pragma once

#include "server/imap/message_rows.hpp"
#include "server/imap/sort_request.hpp"

namespace mox::imap {

// Puts messages in order by what rows say of them; equal ones stay in the order of the mailbox (RFC 5256 section 3).
class SortRun {
public:
    // `matches` must stay as they are until the end.
    SortRun(std::vector<SortCriterion> criteria, const Selected& view, const std::vector<SearchRun::Match>& matches);
    // False when all are in order.
    bool step(store::Account& account);
    [[nodiscard]] std::vector<SearchRun::Match> sorted() const;

private:
    // The values of one criterion, one for each message.
    struct Column {
        std::vector<std::int64_t> numbers;
        std::vector<std::string> texts;
    };
    void add(const MessageRow& row);

    const std::vector<SortCriterion> criteria_;
    const std::vector<SearchRun::Match>& matches_;
    MessageRows rows_;
    std::vector<Column> columns_;
};

}  // namespace mox::imap
