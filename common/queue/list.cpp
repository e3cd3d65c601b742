#include <fmt/format.h>

#include "queue/message_rows.hpp"
#include "queue/queue.hpp"

namespace mox::queue {

namespace {

// The text of a list's statement: only the conditions that are asked for, so that their indexes serve. Parameters have
// fixed numbers, the last one is always there.
std::string statement_for(const Filter& filter) {
    std::string sql =
        "SELECT m.id FROM message m LEFT JOIN pending p ON p.message_id = m.id"
        " LEFT JOIN retired r ON r.message_id = m.id WHERE m.id > ?1";
    const auto add = [&](bool wanted, std::string_view condition) {
        if (wanted) sql.append(" AND ").append(condition);
    };
    add(filter.state == State::pending, "p.message_id IS NOT NULL");
    add(filter.state == State::retired, "r.message_id IS NOT NULL");
    add(!filter.ids.empty(), "m.id IN (SELECT value FROM json_each(?2))");
    add(filter.base_id.has_value(), "m.base_id = ?3 AND m.base_id <> 0");
    add(filter.account.has_value(), "m.sender_account = ?4");
    add(filter.sender_domain.has_value(), "m.sender_domain = ?5");
    add(filter.recipient_domain.has_value(), "m.recipient_domain = ?6");
    add(filter.recipient.has_value(), "m.recipient_localpart || '@' || m.recipient_domain = ?7");
    add(filter.from_id.has_value(), "m.from_id = ?8 AND m.from_id <> ''");
    add(filter.transport.has_value(), "m.transport = ?9");
    add(filter.hold.has_value(), "p.hold = ?10");
    add(filter.due_by.has_value(), "p.hold = 0 AND p.next_attempt <= ?11");
    add(filter.expired_by.has_value(), "r.keep_until <= ?12");
    add(filter.queued_since.has_value(), "m.queued >= ?13");
    add(filter.queued_until.has_value(), "m.queued < ?14");
    return sql + " ORDER BY m.id LIMIT ?15";
}

}  // namespace

std::vector<MessageId> Queue::list_ids(const Filter& filter) {
    std::optional<std::string> ids;
    if (!filter.ids.empty()) ids = fmt::format("[{}]", fmt::join(filter.ids, ","));
    std::vector<MessageId> result;
    for (const auto& [id] : database_.rows<MessageId>(
             statement_for(filter), filter.after, ids, filter.base_id, filter.account, filter.sender_domain,
             filter.recipient_domain, filter.recipient, filter.from_id, filter.transport, filter.hold, filter.due_by,
             filter.expired_by, filter.queued_since, filter.queued_until, filter.limit > 0 ? filter.limit : -1))
        result.push_back(id);
    return result;
}

std::vector<Message> Queue::list(const Filter& filter) {
    const db::ReadTransaction snapshot(database_);
    std::vector<Message> result;
    for (const MessageId id : list_ids(filter))
        if (auto message = load_message(database_, id)) result.push_back(std::move(*message));
    return result;
}

std::int64_t Queue::count(State state) {
    switch (state) {
        case State::any:
            return database_.value<std::int64_t>("SELECT count(*) FROM message").value_or(0);
        case State::pending:
            return database_.value<std::int64_t>("SELECT count(*) FROM pending").value_or(0);
        case State::retired:
            return database_.value<std::int64_t>("SELECT count(*) FROM retired").value_or(0);
    }
    return 0;
}

}  // namespace mox::queue
