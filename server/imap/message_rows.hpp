#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "base/clock.hpp"
#include "db/statement.hpp"
#include "mime/message_view.hpp"
#include "server/imap/search_run.hpp"

namespace mox::imap {

// What SORT and THREAD use of a message. Views are valid during the visit.
struct MessageRow {
    std::uint64_t size = 0;
    Timestamp received;
    std::string_view subject_base;
    std::int64_t thread = 0;
    std::optional<std::int64_t> parent;
    const mime::EnvelopeView* envelope = nullptr;
    Timestamp sent;  // of the Date field, else as received
    std::string_view prefix;
    std::uint64_t header_size = 0;  // with the prefix
};

// Visits the rows of some matches, also of messages that others expunged. Those whose message is gone are visited with
// nothing in them.
class MessageRows {
public:
    enum class Structures { with, without };  // what follows `parent`, or nothing of it
    MessageRows(const Selected& view, const std::vector<SearchRun::Match>& matches, Structures structures)
        : view_(view),
          matches_(matches),
          structures_(structures) {}
    // Some of them, `most` or fewer, in their order; false when all were visited.
    bool step(store::Account& account, const std::function<void(const MessageRow&)>& visit, std::size_t most = 8192);

private:
    using Visit = std::function<void(const MessageRow&)>;
    void read_one_by_one(store::Account& account, std::size_t end, const Visit& visit);
    void read_in_order(store::Account& account, std::size_t end, const Visit& visit);
    void visit_expunged(store::Account& account, const Visit& visit);

    const Selected& view_;
    const std::vector<SearchRun::Match>& matches_;
    const Structures structures_;
    std::size_t at_ = 0;
    mime::MessageView structure_;
};

// One message, also when it is in no mailbox any more; visited with nothing in it when it is gone.
void visit_row(store::Account& account, store::MessageId message, MessageRows::Structures structures,
               const std::function<void(const MessageRow&)>& visit);

}  // namespace mox::imap
