#include "store/message.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "mime/domain.hpp"
#include "mime/message.hpp"

namespace mox::store {

namespace {

constexpr std::string_view placement_columns =
    "mailbox_id, uid, message_id, flags, keywords, modseq, createseq, save_date, mailbox_orig_id, mailbox_destined_id,"
    " is_reject, is_forward, muted, collapsed, trained";

Placement placement_of(const db::Statement& row) {
    return {.mailbox = row.column<MailboxId>(0),
            .uid = row.column<Uid>(1),
            .message = row.column<MessageId>(2),
            .flags = model::Flags::from_bits(row.column<std::uint32_t>(3)),
            .keywords = model::split_keywords(row.column<std::string_view>(4)),
            .modseq = row.column<ModSeq>(5),
            .createseq = row.column<ModSeq>(6),
            .save_date = row.column<std::optional<std::int64_t>>(7),
            .mailbox_orig = row.column<MailboxId>(8),
            .mailbox_destined = row.column<MailboxId>(9),
            .is_reject = row.column<bool>(10),
            .is_forward = row.column<bool>(11),
            .muted = row.column<bool>(12),
            .collapsed = row.column<bool>(13),
            .trained = row.column<Trained>(14)};
}

std::vector<std::string> split_words(std::string_view text) {
    return model::split_keywords(text);
}

}  // namespace

std::optional<Message> find_message(db::Database& database, MessageId id) {
    db::Statement row = database.prepare(
        "SELECT id, size, prefix, file_sha256, received, received_nanoseconds, received_offset, message_id, "
        "subject_base,"
        " thread_id, thread_parent, thread_missing_link, preview, structure FROM message WHERE id = ?");
    row.bind(id);
    if (!row.step()) return std::nullopt;
    Message message{.id = row.column<MessageId>(0),
                    .size_bytes = row.column<std::int64_t>(1),
                    .prefix = row.column<std::string>(2),
                    .received = {.seconds = row.column<std::int64_t>(4),
                                 .nanoseconds = row.column<std::int32_t>(5),
                                 .offset_minutes = row.column<std::int16_t>(6)},
                    .message_id = row.column<std::string>(7),
                    .subject_base = row.column<std::string>(8),
                    .thread = {.thread_id = row.column<std::int64_t>(9),
                               .parent = row.column<std::optional<MessageId>>(10),
                               .missing_link = row.column<bool>(11)},
                    .preview = row.column<std::optional<std::string>>(12),
                    .structure = row.column<std::optional<std::string>>(13)};
    const auto hash = row.column<std::string_view>(3);
    if (hash.size() == message.file_sha256.size()) std::ranges::copy(as_bytes(hash), message.file_sha256.begin());
    return message;
}

std::optional<Placement> find_placement(db::Database& database, MailboxId mailbox, Uid uid) {
    static const std::string sql =
        "SELECT " + std::string(placement_columns) + " FROM placement WHERE mailbox_id = ? AND uid = ?";
    db::Statement row = database.prepare(sql);
    row.bind(mailbox, uid);
    if (!row.step()) return std::nullopt;
    return placement_of(row);
}

void for_each_placement(db::Database& database, MailboxId mailbox, const std::function<void(const Placement&)>& visit) {
    static const std::string sql =
        "SELECT " + std::string(placement_columns) + " FROM placement WHERE mailbox_id = ? ORDER BY uid";
    db::Statement row = database.prepare(sql);
    row.bind(mailbox);
    while (row.step()) visit(placement_of(row));
}

std::vector<Placement> list_placements(db::Database& database, MailboxId mailbox) {
    std::vector<Placement> placements;
    for_each_placement(database, mailbox, [&](const Placement& placement) { placements.push_back(placement); });
    return placements;
}

std::optional<Delivery> find_delivery(db::Database& database, MessageId id) {
    static const std::string sql = fmt::format("SELECT {} FROM delivery WHERE message_id = ?", delivery_columns);
    db::Statement row = database.prepare(sql);
    row.bind(id);
    if (!row.step()) return std::nullopt;
    const auto text = [&](int column) { return row.column<std::string>(column); };
    const auto flag = [&](int column) { return row.column<bool>(column); };
    const auto validation = [&](int column) { return row.column<Validation>(column); };
    return Delivery{.remote_ip = text(1),
                    .remote_ip_masked1 = text(2),
                    .remote_ip_masked2 = text(3),
                    .remote_ip_masked3 = text(4),
                    .ehlo_domain = text(5),
                    .mail_from = text(6),
                    .mail_from_localpart = text(7),
                    .mail_from_domain = text(8),
                    .rcpt_to_localpart = text(9),
                    .rcpt_to_domain = text(10),
                    .msg_from_localpart = text(11),
                    .msg_from_domain = text(12),
                    .msg_from_org_domain = text(13),
                    .ehlo_validated = flag(14),
                    .mail_from_validated = flag(15),
                    .msg_from_validated = flag(16),
                    .ehlo_validation = validation(17),
                    .mail_from_validation = validation(18),
                    .msg_from_validation = validation(19),
                    .dkim_domains = split_words(text(20)),
                    .orig_ehlo_domain = text(21),
                    .orig_dkim_domains = split_words(text(22)),
                    .is_mailing_list = flag(23),
                    .is_dsn = flag(24),
                    .tls_version = row.column<std::uint16_t>(25),
                    .tls_cipher_suite = row.column<std::uint16_t>(26),
                    .require_tls = flag(27)};
}

void insert_message(Transaction& tx, const Message& message) {
    tx.database().run(
        "INSERT INTO message (id, size, prefix, file_sha256, received, received_nanoseconds, received_offset, "
        "message_id,"
        " subject_base, thread_id, thread_parent, thread_missing_link, preview, structure)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        message.id, message.size_bytes, db::Blob(message.prefix), db::Blob(message.file_sha256),
        message.received.seconds, message.received.nanoseconds, message.received.offset_minutes, message.message_id,
        message.subject_base, message.thread.thread_id, message.thread.parent, message.thread.missing_link,
        message.preview, message.structure ? std::optional(db::Blob(*message.structure)) : std::nullopt);
}

void insert_delivery(db::Database& database, MessageId id, const Delivery& d) {
    static const std::string sql = fmt::format(
        "INSERT INTO delivery ({}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
        "?,"
        " ?, ?)",
        delivery_columns);
    database.run(sql, id, d.remote_ip, d.remote_ip_masked1, d.remote_ip_masked2, d.remote_ip_masked3, d.ehlo_domain,
                 d.mail_from, d.mail_from_localpart, d.mail_from_domain, d.rcpt_to_localpart, d.rcpt_to_domain,
                 d.msg_from_localpart, d.msg_from_domain, d.msg_from_org_domain, d.ehlo_validated,
                 d.mail_from_validated, d.msg_from_validated, d.ehlo_validation, d.mail_from_validation,
                 d.msg_from_validation, model::joined(d.dkim_domains), d.orig_ehlo_domain,
                 model::joined(d.orig_dkim_domains), d.is_mailing_list, d.is_dsn, d.tls_version, d.tls_cipher_suite,
                 d.require_tls);
    for (const auto& domain : d.dkim_domains)
        database.run("INSERT OR IGNORE INTO delivery_dkim (domain, message_id) VALUES (?, ?)", domain, id);
}

void insert_recipients(Transaction& tx, MessageId id, const mime::Message& parsed, const Timestamp& received) {
    if (!parsed.root.envelope) return;
    const auto sent = parsed.date.value_or(received).seconds;
    for (const auto* list : {&parsed.root.envelope->to, &parsed.root.envelope->cc, &parsed.root.envelope->bcc}) {
        for (const auto& address : *list) {
            if (address.kind != mime::AddressKind::mailbox || address.localpart.empty() || address.host.empty() ||
                address.host.front() == '[')
                continue;
            const std::string domain = mime::unicode_domain(address.host);
            // Without a list of public suffixes the organisation is the domain itself.
            tx.database().run(
                "INSERT INTO recipient (message_id, localpart, domain, org_domain, sent) VALUES (?, ?, ?, ?, ?)", id,
                address.localpart, domain, domain, sent);
        }
    }
}

Uid insert_placement(Transaction& tx, Placement placement, std::int64_t size_bytes) {
    const auto next = tx.database().value<std::int64_t>("SELECT uidnext FROM mailbox WHERE id = ? AND expunged = 0",
                                                        placement.mailbox);
    if (!next) throw Error(Errc::not_found, "no mailbox with id " + std::to_string(number(placement.mailbox)));
    if (*next >= 0xffffffff) throw Error(Errc::failed, "the mailbox has used up all UIDs");
    tx.database().run("UPDATE mailbox SET uidnext = ? WHERE id = ?", *next + 1, placement.mailbox);
    placement.uid = static_cast<Uid>(*next);
    tx.database().run(
        "INSERT INTO placement (mailbox_id, uid, message_id, flags, keywords, modseq, createseq, save_date,"
        " mailbox_orig_id, mailbox_destined_id, is_reject, is_forward, muted, collapsed, trained)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        placement.mailbox, placement.uid, placement.message, placement.flags.bits(), model::joined(placement.keywords),
        tx.modseq(), tx.modseq(), placement.save_date, placement.mailbox_orig, placement.mailbox_destined,
        placement.is_reject, placement.is_forward, placement.muted, placement.collapsed, placement.trained);
    tx.add_counts(placement.mailbox, Counts::of(placement.flags, size_bytes));
    tx.add_keywords(placement.mailbox, placement.keywords);
    return placement.uid;
}

}  // namespace mox::store
