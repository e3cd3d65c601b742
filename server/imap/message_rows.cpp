#include "server/imap/message_rows.hpp"

#include <algorithm>

namespace mox::imap {

namespace {

// Up to that many messages for each that is wanted, reading all in a row takes less time than finding single ones.
constexpr std::size_t dense = 4;

constexpr std::string_view one_sql =
    "SELECT id, size, received, received_offset, subject_base, thread_id, thread_parent FROM message WHERE id = ?";
constexpr std::string_view one_with_structure_sql =
    "SELECT id, size, received, received_offset, subject_base, thread_id, thread_parent, structure, prefix FROM"
    " message WHERE id = ?";
constexpr std::string_view all_sql =
    "SELECT p.uid, m.size, m.received, m.received_offset, m.subject_base, m.thread_id, m.thread_parent"
    " FROM placement p CROSS JOIN message m ON m.id = p.message_id WHERE p.mailbox_id = ? AND p.uid BETWEEN ? AND ?"
    " ORDER BY p.uid";
constexpr std::string_view all_with_structure_sql =
    "SELECT p.uid, m.size, m.received, m.received_offset, m.subject_base, m.thread_id, m.thread_parent, m.structure,"
    " m.prefix FROM placement p CROSS JOIN message m ON m.id = p.message_id WHERE p.mailbox_id = ? AND p.uid BETWEEN ? "
    "AND ?"
    " ORDER BY p.uid";

MessageRow row_of(const db::Statement& row, MessageRows::Structures structures, mime::MessageView& structure) {
    MessageRow out{.size = row.column<std::uint64_t>(1),
                   .received = {.seconds = row.column<std::int64_t>(2), .offset_minutes = row.column<std::int16_t>(3)},
                   .subject_base = row.column<std::string_view>(4),
                   .thread = row.column<std::int64_t>(5),
                   .parent = row.column<std::optional<std::int64_t>>(6)};
    out.sent = out.received;
    if (structures == MessageRows::Structures::with && structure.read(row.column<std::string_view>(7))) {
        out.envelope = structure.envelope(structure.root());
        out.sent = structure.date().value_or(out.received);
        out.prefix = row.column<std::string_view>(8);
        out.header_size = structure.root().body_offset;
    }
    return out;
}

db::Statement one_row(store::Account& account, MessageRows::Structures structures) {
    return account.database().prepare(structures == MessageRows::Structures::with ? one_with_structure_sql : one_sql);
}

}  // namespace

bool MessageRows::step(store::Account& account, const Visit& visit, std::size_t most) {
    const auto end = std::min(at_ + most, matches_.size());
    if (at_ == end) return false;
    const std::size_t span = matches_[end - 1].position - matches_[at_].position + 1;
    if (span <= (end - at_) * dense)
        read_in_order(account, end, visit);
    else
        read_one_by_one(account, end, visit);
    return at_ < matches_.size();
}

void MessageRows::read_one_by_one(store::Account& account, std::size_t end, const Visit& visit) {
    auto rows = one_row(account, structures_);
    for (; at_ < end; ++at_) {
        rows.bind(view_.message(matches_[at_].position));
        visit(rows.step() ? row_of(rows, structures_, structure_) : MessageRow{});
    }
}

void MessageRows::read_in_order(store::Account& account, std::size_t end, const Visit& visit) {
    auto rows = account.database().prepare(structures_ == Structures::with ? all_with_structure_sql : all_sql);
    const auto uid_at = [&](std::size_t at) { return view_.uid(matches_[at].position); };
    rows.bind(view_.mailbox, uid_at(at_), uid_at(end - 1));
    while (at_ < end && rows.step()) {
        const auto uid = rows.column<store::Uid>(0);
        for (; at_ < end && uid_at(at_) < uid; ++at_) visit_expunged(account, visit);
        if (at_ == end || uid_at(at_) != uid) continue;
        visit(row_of(rows, structures_, structure_));
        ++at_;
    }
    for (; at_ < end; ++at_) visit_expunged(account, visit);
}

void MessageRows::visit_expunged(store::Account& account, const Visit& visit) {
    visit_row(account, view_.message(matches_[at_].position), structures_, visit);
}

void visit_row(store::Account& account, store::MessageId message, MessageRows::Structures structures,
               const std::function<void(const MessageRow&)>& visit) {
    mime::MessageView structure;
    auto rows = one_row(account, structures);
    rows.bind(message);
    visit(rows.step() ? row_of(rows, structures, structure) : MessageRow{});
}

}  // namespace mox::imap
