#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "base/clock.hpp"
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
};

// Visits the rows of some matches. Those whose message is gone are visited with nothing in them.
class MessageRows {
public:
    MessageRows(const Selected& view, const std::vector<SearchRun::Match>& matches) : view_(view), matches_(matches) {}
    // Some of them, in their order; false when all were visited.
    bool step(store::Account& account, const std::function<void(const MessageRow&)>& visit);

private:
    const Selected& view_;
    const std::vector<SearchRun::Match>& matches_;
    std::size_t at_ = 0;
    mime::MessageView structure_;
};

}  // namespace mox::imap
