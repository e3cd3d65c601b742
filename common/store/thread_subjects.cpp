#include "store/thread_subjects.hpp"

#include <tuple>

#include "store/threads.hpp"

namespace mox::store {

namespace {

using Message = ThreadSubjects::Message;
using Reader = RecordFile<Message>::Reader;

bool is_same_group(const Message& a, const Message& b) {
    return a.subject == b.subject && a.mailbox == b.mailbox;
}

// Runs ahead of the others: the newest message of the account among those that it passed.
class NewestOfAccount {
public:
    explicit NewestOfAccount(const RecordFile<Message>& sorted) : reader_(sorted), ahead_(reader_.next()) {}

    // Null when there is none; `at` only ascends.
    const Message* up_to(const Message& at) {
        while (ahead_ != nullptr && (is_same_group(*ahead_, at) ? ahead_->received <= at.received + reply_window_after
                                                                : !passed_group_of(at))) {
            if (is_same_group(*ahead_, at) && ahead_->node.is_of_account()) newest_ = *ahead_;
            ahead_ = reader_.next();
        }
        return !newest_.node.is_none() && is_same_group(newest_, at) ? &newest_ : nullptr;
    }

private:
    // Groups before the one of `at` are skipped, later ones not.
    [[nodiscard]] bool passed_group_of(const Message& at) const {
        return std::tuple(ahead_->subject, ahead_->mailbox) > std::tuple(at.subject, at.mailbox);
    }

    Reader reader_;
    const Message* ahead_;
    Message newest_;  // node: none without one
};

}  // namespace

ThreadSubjects::ThreadSubjects(const std::filesystem::path& scratch, std::size_t in_memory)
    : sorted_path_(scratch.native() + "-sorted"),
      in_memory_(in_memory),
      messages_(scratch) {}

void ThreadSubjects::add(const Message& message) {
    messages_.append(message);
}

bool ThreadSubjects::is_before(const Message& a, const Message& b) {
    const auto key = [](const Message& m) {
        return std::tuple(m.subject, m.mailbox, m.received, m.node.is_of_batch(), m.node.index());
    };
    return key(a) < key(b);
}

// Of one subject and mailbox in the order of receipt, those of the account first among equals: the newest of the
// account up to a day later, or the one just before, whichever is newer; or else the first of the batch in the day
// after that is no reply. Only the first of a group, or after a gap of four weeks, can need the latter.
void ThreadSubjects::finish(ThreadForest& forest) {
    const RecordFile<Message> sorted = sorted_records(messages_, sorted_path_, in_memory_, is_before);
    NewestOfAccount newest_of_account(sorted);
    Reader reader(sorted);
    constexpr Message nothing{};
    Message before, waiting;
    const auto is_there = [](const Message& message) { return !message.node.is_none(); };
    while (const Message* at = reader.next()) {
        if (!is_same_group(before, *at)) before = nothing;
        if (!is_same_group(waiting, *at) || at->received > waiting.received + reply_window_after) waiting = nothing;
        if (is_there(waiting) && at->node.is_of_batch() && !at->is_reply) {
            forest.link(waiting.node.index(), at->node, ThreadForest::by_subject);
            waiting = nothing;
        }
        if (at->seeks) {
            const Message* parent = newest_of_account.up_to(*at);
            if (is_there(before) && (parent == nullptr || !is_before(before, *parent))) parent = &before;
            if (parent != nullptr && parent->received >= at->received - reply_window_before)
                forest.link(at->node.index(), parent->node, ThreadForest::by_subject);
            else
                waiting = *at;
        }
        before = *at;
    }
}

}  // namespace mox::store
