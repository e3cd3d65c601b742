#include "tools/export/selection.hpp"

#include <algorithm>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/interrupt.hpp"
#include "mime/scanner.hpp"
#include "store/mailbox.hpp"
#include "store/message.hpp"
#include "tools/export/contents.hpp"

namespace mox::exporting {

namespace {

// The account's part of the condition, with ?1 to ?4: mailbox, since, before, flags.
constexpr std::string_view candidates =
    " FROM placement p LEFT JOIN message m ON m.id = p.message_id WHERE p.mailbox_id = ?1"
    " AND (?2 IS NULL OR m.received >= ?2) AND (?3 IS NULL OR m.received < ?3) AND p.flags & ?4 = ?4";

std::string with_keywords(std::string sql, const Criteria& criteria) {
    // Keywords are words of printable ASCII without quotes that would matter; only the apostrophe is doubled.
    for (const auto& keyword : criteria.keywords) {
        std::string text;
        for (const char c : keyword) text += c == '\'' ? std::string("''") : std::string(1, c);
        sql += " AND instr(' ' || p.keywords || ' ', ' " + text + " ') > 0";
    }
    return sql + " ORDER BY p.uid";
}

bool is_below(std::string_view name, std::string_view top) {
    return name.size() > top.size() && name.starts_with(top) && name[top.size()] == '/';
}

bool selects_messages(const Criteria& criteria) {
    return criteria.since || criteria.before || !criteria.flags.empty() || !criteria.keywords.empty() ||
           criteria.looks_at_header();
}

}  // namespace

Selection::Selection(store::Account& account, const Criteria& criteria) : account_(account) {
    db::Database& database = account.database();
    database.exec("PRAGMA temp_store = FILE");
    database.exec("BEGIN");
    try {
        database.exec(
            "CREATE TEMP TABLE chosen (number INTEGER PRIMARY KEY, uid INTEGER NOT NULL, message_id INTEGER NOT NULL,"
            " flags INTEGER NOT NULL, keywords TEXT NOT NULL)");
        const auto is_wanted = [&](std::string_view name) {
            return !criteria.mailbox || name == *criteria.mailbox ||
                   (criteria.recursive && is_below(name, *criteria.mailbox));
        };
        const auto all = store::list_mailboxes(database);
        if (criteria.mailbox &&
            std::none_of(all.begin(), all.end(), [&](const auto& m) { return m.name == *criteria.mailbox; }))
            throw Error(Errc::not_found, "no mailbox " + quote(*criteria.mailbox));
        for (const auto& mailbox : all)
            if (is_wanted(mailbox.name)) list_mailbox(mailbox, criteria);
        for (auto& name : store::list_subscriptions(database))
            if (is_wanted(name)) subscriptions_.push_back(std::move(name));
        database.exec("COMMIT");
    } catch (...) {
        database.roll_back_if_open();
        throw;
    }
}

void Selection::list_mailbox(const store::Mailbox& mailbox, const Criteria& criteria) {
    check_interrupt();
    db::Database& database = account_.database();
    SelectedMailbox selected{
        .info = {.name = mailbox.name, .uidvalidity = mailbox.uidvalidity, .uidnext = number(mailbox.uidnext)},
        .first = messages_ + 1};
    if (criteria.looks_at_header())
        list_by_header(mailbox, criteria);
    else
        database.run(with_keywords("INSERT INTO temp.chosen (uid, message_id, flags, keywords)"
                                   " SELECT p.uid, p.message_id, p.flags, p.keywords" +
                                       std::string(candidates),
                                   criteria),
                     mailbox.id, criteria.since, criteria.before, criteria.flags.bits());
    const auto counted = database.row<std::int64_t, std::int64_t>(
        "SELECT coalesce(max(c.number), ?1 - 1), coalesce(sum(m.size), 0) FROM temp.chosen c"
        " LEFT JOIN message m ON m.id = c.message_id WHERE c.number >= ?1",
        selected.first);
    selected.last = messages_ = std::get<0>(*counted);
    size_bytes_ += std::get<1>(*counted);
    if (selected.messages() == 0 && selects_messages(criteria) && mailbox.name != criteria.mailbox) return;
    count_keywords(selected);
    mailboxes_.push_back(std::move(selected));
}

void Selection::list_by_header(const store::Mailbox& mailbox, const Criteria& criteria) {
    db::Database& database = account_.database();
    db::Statement insert =
        database.prepare("INSERT INTO temp.chosen (uid, message_id, flags, keywords) VALUES (?, ?, ?, ?)");
    const std::string sql = with_keywords(
        "SELECT p.uid, p.message_id, p.flags, p.keywords, m.structure" + std::string(candidates), criteria);
    for (const auto& [uid, id, flags, keywords, structure] :
         database.rows<std::int64_t, store::MessageId, std::int64_t, std::string, std::optional<std::string>>(
             sql, mailbox.id, criteria.since, criteria.before, criteria.flags.bits())) {
        check_interrupt();
        const auto parsed = structure ? mime::decode(*structure) : std::nullopt;
        const bool is_known = parsed && parsed->root.envelope;
        if (is_known ? matches_header(criteria, *parsed->root.envelope) : has_wanted_header(id, criteria))
            insert.run(uid, id, flags, keywords);
    }
}

// For messages whose structure is not in the database. A file that cannot be read is selected, so that it is named.
bool Selection::has_wanted_header(store::MessageId id, const Criteria& criteria) {
    const auto message = store::find_message(account_.database(), id);
    if (!message) return true;
    const LoadedMessage loaded = load(account_.message_file(id), *message);
    if (loaded.is_unreadable) return true;
    mime::Scanner scanner;
    outlet::for_each_run(loaded.contents, [&](std::string_view text, bool) { scanner.feed(text); });
    return matches_header(criteria, *scanner.finish().root.envelope);
}

void Selection::count_keywords(SelectedMailbox& mailbox) {
    if (mailbox.messages() == 0) return;
    constexpr model::Flags with_letter = model::Flag::junk | model::Flag::not_junk | model::Flag::forwarded |
                                         model::Flag::phishing | model::Flag::mdn_sent;
    for (const auto& [flags, keywords] : account_.database().rows<std::uint32_t, std::string>(
             "SELECT flags & ?3, keywords FROM temp.chosen WHERE number BETWEEN ?1 AND ?2 AND (flags & ?3 <> 0"
             " OR keywords <> '')",
             mailbox.first, mailbox.last, with_letter.bits())) {
        for (const auto name : model::imap_names(model::Flags::from_bits(flags)))
            ++mailbox.info.keyword_counts[std::string(name)];
        for (const auto& keyword : model::split_keywords(keywords)) ++mailbox.info.keyword_counts[keyword];
    }
}

void Selection::for_each(const SelectedMailbox& mailbox, const std::function<void(SelectedMessage&&)>& visit) {
    // Short reads, between which the account's writers can tidy their log.
    constexpr std::int64_t at_once = 512;
    std::vector<SelectedMessage> batch;
    for (std::int64_t first = mailbox.first; first <= mailbox.last; first += at_once) {
        batch.clear();
        db::Statement row = account_.database().prepare(
            "SELECT c.uid, c.message_id, c.flags, c.keywords, m.id, m.size, m.prefix, m.file_sha256, m.received,"
            " m.received_nanoseconds, m.received_offset, d.mail_from FROM temp.chosen c"
            " LEFT JOIN message m ON m.id = c.message_id LEFT JOIN delivery d ON d.message_id = c.message_id"
            " WHERE c.number BETWEEN ? AND ? ORDER BY c.number");
        row.bind(first, std::min(first + at_once - 1, mailbox.last));
        while (row.step()) {
            SelectedMessage message{.uid = row.column<store::Uid>(0),
                                    .id = row.column<store::MessageId>(1),
                                    .flags = model::Flags::from_bits(row.column<std::uint32_t>(2)),
                                    .keywords = model::split_keywords(row.column<std::string_view>(3)),
                                    .mail_from = row.column<std::optional<std::string>>(11)};
            if (!row.is_null(4)) {
                message.stored = store::Message{.id = message.id,
                                                .size_bytes = row.column<std::int64_t>(5),
                                                .prefix = row.column<std::string>(6),
                                                .received = {.seconds = row.column<std::int64_t>(8),
                                                             .nanoseconds = row.column<std::int32_t>(9),
                                                             .offset_minutes = row.column<std::int16_t>(10)}};
                const auto hash = row.column<std::string_view>(7);
                if (hash.size() == message.stored->file_sha256.size())
                    std::ranges::copy(as_bytes(hash), message.stored->file_sha256.begin());
            }
            batch.push_back(std::move(message));
        }
        row.reset();
        for (auto& message : batch) visit(std::move(message));
    }
}

}  // namespace mox::exporting
