#include "server/imap/message_rows.hpp"

namespace mox::imap {

namespace {

constexpr std::size_t rows_at_once = 8192;

}  // namespace

bool MessageRows::step(store::Account& account, const std::function<void(const MessageRow&)>& visit) {
    auto rows = account.database().prepare(
        "SELECT size, received, received_offset, subject_base, thread_id, thread_parent, structure FROM message"
        " WHERE id = ?");
    for (std::size_t count = 0; count < rows_at_once && at_ < matches_.size(); ++count, ++at_) {
        rows.bind(view_.message(matches_[at_].position));
        MessageRow row;
        if (rows.step()) {
            row.size = rows.column<std::uint64_t>(0);
            row.received = {.seconds = rows.column<std::int64_t>(1), .offset_minutes = rows.column<std::int16_t>(2)};
            row.subject_base = rows.column<std::string_view>(3);
            row.thread = rows.column<std::int64_t>(4);
            row.parent = rows.column<std::optional<std::int64_t>>(5);
            row.sent = row.received;
            if (structure_.read(rows.column<std::string_view>(6))) {
                row.envelope = structure_.envelope(structure_.root());
                row.sent = structure_.date().value_or(row.received);
            }
        }
        visit(row);
    }
    return at_ < matches_.size();
}

}  // namespace mox::imap
