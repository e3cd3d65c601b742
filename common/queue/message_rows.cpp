#include "queue/message_rows.hpp"

#include <algorithm>
#include <cstring>

#include "base/encoding.hpp"

namespace mox::queue {

namespace {

std::optional<int> to_column(RequireTls require) {
    if (require == RequireTls::unspecified) return std::nullopt;
    return require == RequireTls::yes ? 1 : 0;
}

RequireTls require_tls_of(std::optional<int> column) {
    if (!column) return RequireTls::unspecified;
    return *column != 0 ? RequireTls::yes : RequireTls::no;
}

Envelope envelope_of(const db::Statement& row) {
    return {.base_id = row.column<MessageId>(0),
            .queued = {.seconds = row.column<std::int64_t>(1), .nanoseconds = row.column<std::int32_t>(2)},
            .sender_account = row.column<std::string>(3),
            .sender = {row.column<std::string>(4), row.column<std::string>(5)},
            .from_id = row.column<std::string>(6),
            .recipient = {row.column<std::string>(7), row.column<std::string>(8)},
            .max_attempts = row.column<int>(9),
            .has_8bit = row.column<bool>(10),
            .smtputf8 = row.column<bool>(11),
            .is_dmarc_report = row.column<bool>(12),
            .is_tls_report = row.column<bool>(13),
            .message_id = row.column<std::string>(14),
            .subject = row.column<std::string>(15),
            .transport = row.column<std::string>(16),
            .require_tls = require_tls_of(row.column<std::optional<int>>(17)),
            .future_release_request = row.column<std::string>(18),
            .extra = {}};
}

std::optional<Message> load_common(db::Database& database, MessageId id) {
    db::Statement row = database.prepare(
        "SELECT base_id, queued, queued_nanoseconds, sender_account, sender_localpart, sender_domain, from_id,"
        " recipient_localpart, recipient_domain, max_attempts, has_8bit, smtputf8, is_dmarc_report, is_tls_report,"
        " message_id, subject, transport, require_tls, future_release_request, attempts, last_attempt,"
        " last_attempt_nanoseconds, size FROM message WHERE id = ?");
    row.bind(id);
    if (!row.step()) return std::nullopt;
    Message message{.id = id, .envelope = envelope_of(row)};
    message.attempts = row.column<int>(19);
    if (!row.is_null(20))
        message.last_attempt =
            Timestamp{.seconds = row.column<std::int64_t>(20), .nanoseconds = row.column<std::int32_t>(21)};
    message.size = row.column<std::int64_t>(22);
    return message;
}

std::optional<Pending> load_pending(db::Database& database, MessageId id) {
    const auto row = database.row<std::string, std::string, std::optional<std::string>, bool, std::int64_t>(
        "SELECT file_sha256, prefix, dsn_utf8, hold, next_attempt FROM pending WHERE message_id = ?", id);
    if (!row) return std::nullopt;
    const auto& [digest, prefix, dsn_utf8, hold, next_attempt] = *row;
    Pending pending{.prefix = prefix, .dsn_utf8 = dsn_utf8, .hold = hold, .next_attempt = next_attempt};
    std::memcpy(pending.file_sha256.data(), digest.data(), std::min(digest.size(), pending.file_sha256.size()));
    return pending;
}

std::optional<Retired> load_retired(db::Database& database, MessageId id) {
    const auto row = database.row<std::string, bool, std::int64_t, std::int32_t, std::int64_t>(
        "SELECT recipient_address, success, last_activity, last_activity_nanoseconds, keep_until FROM retired"
        " WHERE message_id = ?",
        id);
    if (!row) return std::nullopt;
    const auto& [address, success, seconds, nanoseconds, keep_until] = *row;
    return Retired{.recipient_address = address,
                   .success = success,
                   .last_activity = {.seconds = seconds, .nanoseconds = nanoseconds},
                   .keep_until = keep_until};
}

void load_lists(db::Database& database, Message& message) {
    for (const auto& [seconds, nanoseconds, duration, success, code, secode, error] :
         database.rows<std::int64_t, std::int32_t, std::int64_t, bool, int, std::string, std::string>(
             "SELECT started, started_nanoseconds, duration, success, code, secode, error FROM attempt"
             " WHERE message_id = ? ORDER BY number",
             message.id))
        message.history.push_back({.started = {.seconds = seconds, .nanoseconds = nanoseconds},
                                   .duration = std::chrono::nanoseconds(duration),
                                   .success = success,
                                   .code = code,
                                   .secode = secode,
                                   .error = error});
    for (const auto& [host, ip] : database.rows<std::string, std::string>(
             "SELECT host, ip FROM dialed_ip WHERE message_id = ? ORDER BY host, number", message.id))
        message.dialed_ips[host].push_back(ip);
    for (const auto& [name, value] : database.rows<std::string, std::string>(
             "SELECT name, value FROM message_extra WHERE message_id = ?", message.id))
        message.envelope.extra[name] = value;
}

void insert_common(db::Database& database, const Message& message) {
    const Envelope& e = message.envelope;
    std::optional<std::int64_t> last;
    std::optional<std::int32_t> last_nanoseconds;
    if (message.last_attempt) {
        last = message.last_attempt->seconds;
        last_nanoseconds = message.last_attempt->nanoseconds;
    }
    database.run(
        "INSERT INTO message (id, base_id, queued, queued_nanoseconds, sender_account, sender_localpart, sender_domain,"
        " from_id, recipient_localpart, recipient_domain, attempts, max_attempts, last_attempt,"
        " last_attempt_nanoseconds, has_8bit, smtputf8, is_dmarc_report, is_tls_report, size, message_id, subject,"
        " transport, require_tls, future_release_request)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        message.id, e.base_id, e.queued.seconds, e.queued.nanoseconds, e.sender_account, e.sender.localpart,
        e.sender.domain, e.from_id, e.recipient.localpart, e.recipient.domain, message.attempts, e.max_attempts, last,
        last_nanoseconds, e.has_8bit, e.smtputf8, e.is_dmarc_report, e.is_tls_report, message.size, e.message_id,
        e.subject, e.transport, to_column(e.require_tls), e.future_release_request);
}

void insert_pending(db::Database& database, MessageId id, const Pending& pending) {
    std::optional<db::Blob> dsn;
    if (pending.dsn_utf8) dsn.emplace(*pending.dsn_utf8);
    database.run(
        "INSERT INTO pending (message_id, file_sha256, prefix, dsn_utf8, hold, next_attempt)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        id, db::Blob(pending.file_sha256), db::Blob(pending.prefix), dsn, pending.hold, pending.next_attempt);
}

}  // namespace

void insert_attempt(db::Database& database, MessageId id, std::int64_t number, const Attempt& attempt) {
    database.run(
        "INSERT INTO attempt (message_id, number, started, started_nanoseconds, duration, success, code, secode, error)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        id, number, attempt.started.seconds, attempt.started.nanoseconds,
        static_cast<std::int64_t>(attempt.duration.count()), attempt.success, attempt.code, attempt.secode,
        attempt.error);
}

void insert_retired(db::Database& database, MessageId id, const Retired& retired) {
    database.run(
        "INSERT INTO retired (message_id, recipient_address, success, last_activity, last_activity_nanoseconds,"
        " keep_until) VALUES (?, ?, ?, ?, ?, ?)",
        id, retired.recipient_address, retired.success, retired.last_activity.seconds,
        retired.last_activity.nanoseconds, retired.keep_until);
}

void insert_message(db::Database& database, const Message& message) {
    insert_common(database, message);
    if (message.pending) insert_pending(database, message.id, *message.pending);
    if (message.retired) insert_retired(database, message.id, *message.retired);
    std::int64_t number = 0;
    for (const auto& attempt : message.history) insert_attempt(database, message.id, ++number, attempt);
    for (const auto& [host, ips] : message.dialed_ips) {
        number = 0;
        for (const auto& ip : ips)
            database.run("INSERT INTO dialed_ip (message_id, host, number, ip) VALUES (?, ?, ?, ?)", message.id, host,
                         ++number, ip);
    }
    for (const auto& [name, value] : message.envelope.extra)
        database.run("INSERT INTO message_extra (message_id, name, value) VALUES (?, ?, ?)", message.id, name, value);
}

std::optional<Message> load_message(db::Database& database, MessageId id) {
    auto message = load_common(database, id);
    if (!message) return std::nullopt;
    message->pending = load_pending(database, id);
    message->retired = load_retired(database, id);
    load_lists(database, *message);
    return message;
}

}  // namespace mox::queue
