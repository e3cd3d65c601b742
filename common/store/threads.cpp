#include "store/threads.hpp"

namespace mox::store {

namespace {

// A live message is one that some mailbox shows. "<> ''" lets SQLite use an index that has no empty values.
constexpr std::string_view by_message_id =
    "SELECT id, thread_id, subject_base FROM message m WHERE message_id = ? AND message_id <> '' AND id <> ?"
    " AND EXISTS (SELECT 1 FROM placement p WHERE p.message_id = m.id) ORDER BY id";

ThreadLink child_of(db::Database& database, std::int64_t parent, std::int64_t thread_id, bool missing_link) {
    const auto state = database.row<bool, bool>(
        "SELECT coalesce(max(muted), 0), coalesce(max(collapsed), 0) FROM placement WHERE message_id = ?", parent);
    const auto [muted, collapsed] = state.value();
    return {.thread_id = thread_id,
            .parent = static_cast<MessageId>(parent),
            .missing_link = missing_link,
            .muted = muted,
            .collapsed = collapsed};
}

}  // namespace

ThreadLink find_thread(db::Database& database, MessageId id, const mime::Threading& message, MailboxId mailbox,
                       const Timestamp& received) {
    if (!message.message_id.empty())
        if (const auto twin = database.row<std::int64_t, std::int64_t>(by_message_id, message.message_id, id))
            return child_of(database, std::get<0>(*twin), std::get<1>(*twin), true);

    bool missing_link = false;
    for (auto reference = message.references.rbegin(); reference != message.references.rend(); ++reference) {
        for (const auto& [parent, thread_id, subject] :
             database.rows<std::int64_t, std::int64_t, std::string>(by_message_id, *reference, id))
            if (subject == message.subject.text) return child_of(database, parent, thread_id, missing_link);
        missing_link = true;
    }

    if (message.references.empty() && message.subject.is_reply_or_forward && !message.subject.text.empty()) {
        const auto parent = database.row<std::int64_t, std::int64_t>(
            "SELECT id, thread_id FROM message m WHERE subject_base = ? AND subject_base <> '' AND id <> ?"
            " AND received BETWEEN ? AND ?"
            " AND EXISTS (SELECT 1 FROM placement p WHERE p.message_id = m.id AND p.mailbox_orig_id = ?)"
            " ORDER BY received DESC, id DESC",
            message.subject.text, id, received.seconds - reply_window_before, received.seconds + reply_window_after,
            mailbox);
        if (parent) return child_of(database, std::get<0>(*parent), std::get<1>(*parent), true);
        missing_link = true;
    }
    return {.thread_id = number(id), .missing_link = missing_link};
}

}  // namespace mox::store
