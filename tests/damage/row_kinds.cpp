#include "db/database.hpp"
#include "kinds.hpp"

namespace mox::test {

namespace {

// A change of rows through SQL, so that seals hold: the check that is named for it must find it.
struct RowFault {
    std::string check, name;
    // {message}, {placement}, {mailbox}: conditions that choose one at random of those in use.
    std::string sql;
    std::string database = "index.db";  // of the account, or "junkfilter.db", or "queue"
};

const std::vector<RowFault>& row_faults() {
    static const std::vector<RowFault> rows{
        {"message-size", "wrong size", "UPDATE message SET size = size + 1 WHERE {message}"},
        {"message-hash", "wrong hash", "UPDATE message SET file_sha256 = randomblob(32) WHERE {message}"},
        {"message-row", "impossible hash", "UPDATE message SET file_sha256 = x'00' WHERE {message}"},
        {"message-row", "impossible time", "UPDATE message SET received_nanoseconds = -1 WHERE {message}"},
        {"uid-next", "UID beyond UIDNEXT",
         "UPDATE placement SET uid = (SELECT uidnext + 5 FROM mailbox m WHERE m.id = placement.mailbox_id) WHERE"
         " {placement}"},
        {"uid-next", "UIDNEXT too low", "UPDATE mailbox SET uidnext = 1 WHERE {mailbox}"},
        {"modseq", "modseq of the future",
         "UPDATE placement SET modseq = (SELECT last_modseq + 9 FROM account) WHERE {placement}"},
        {"modseq", "createseq after modseq", "UPDATE placement SET createseq = modseq + 1 WHERE {placement}"},
        {"modseq", "modseq of a mailbox", "UPDATE mailbox SET modseq = modseq + 100000 WHERE {mailbox}"},
        {"mailbox-counts", "count of messages", "UPDATE mailbox SET count_total = count_total + 1 WHERE {mailbox}"},
        {"mailbox-counts", "count of unseen", "UPDATE mailbox SET count_unseen = count_unseen - 1 WHERE {mailbox}"},
        {"mailbox-counts", "size of a mailbox", "UPDATE mailbox SET size = size + 1 WHERE {mailbox}"},
        {"account-size", "size of the account", "UPDATE account SET message_size = message_size - 1"},
        {"mailbox-keywords", "keyword unknown to the mailbox",
         "UPDATE placement SET keywords = 'zzz-unknown' WHERE {placement}"},
        {"keyword", "keywords not sorted", "UPDATE placement SET keywords = 'b a' WHERE {placement}"},
        {"flags", "unknown flag", "UPDATE placement SET flags = flags | 65536 WHERE {placement}"},
        {"thread-id", "wrong thread", "UPDATE message SET thread_id = thread_id + 1000000 WHERE {message}"},
        {"thread-cycle", "its own ancestor", "UPDATE message SET thread_parent = id WHERE {message}"},
        {"foreign-key", "missing mailbox",
         "UPDATE placement SET mailbox_id = (SELECT max(id) + 7 FROM mailbox) WHERE {placement}"},
        {"mailbox-gone", "deleted mailbox", "UPDATE mailbox SET expunged = 1 WHERE {mailbox}"},
        {"mailbox-parent", "wrong parent", "UPDATE mailbox SET parent_id = id WHERE {mailbox}"},
        {"special-use", "special use twice",
         "UPDATE mailbox SET special_use = 16 WHERE {mailbox} AND special_use <> 16"},
        {"uidvalidity-next", "next UIDVALIDITY too low",
         "UPDATE account SET next_uidvalidity = (SELECT uidvalidity FROM mailbox WHERE {mailbox})"},
        {"next-message-id", "next id too low",
         "UPDATE account SET next_message_id = (SELECT id FROM message WHERE"
         " {message})"},
        {"counters", "no counters", "DELETE FROM account"},
        {"sequence", "last id too low", "UPDATE sqlite_sequence SET seq = seq - 1 WHERE name = 'mailbox'"},
        {"sequence", "last id impossible", "UPDATE sqlite_sequence SET seq = -seq WHERE name = 'mailbox'"},
        {"foreign-key", "orphaned recipient",
         "INSERT INTO recipient (message_id, localpart, domain, org_domain, sent) VALUES (abs(random()) % 1000000 +"
         " 1000000, 'a', 'b', 'b', 0)"},
        {"foreign-key", "message gone", "DELETE FROM message WHERE {message}"},
        {"message-unplaced", "placement gone",
         "DELETE FROM placement WHERE message_id = (SELECT id FROM message WHERE {message})"},
        {"erase-queue", "placed and to be erased",
         "INSERT INTO erase_queue (message_id, modseq, queued) SELECT id, 1, 0 FROM message WHERE {message}"},
        {"tombstone", "tombstone of a message that is there",
         "INSERT INTO tombstone (mailbox_id, modseq, uid) SELECT mailbox_id, 1, uid FROM placement WHERE {placement}"},
        {"stale-reservation", "reservation without owner",
         "INSERT INTO id_block (first_id, last_id, purpose, lock_number, lock_token, started) SELECT id, id, 'x', 4000,"
         " 'x', 0 FROM message WHERE {message}"},
        {"structure", "unreadable structure", "UPDATE message SET structure = x'ff00ff' WHERE {message}"},
        {"structure-offsets", "structure of a larger message",
         "UPDATE message SET structure = (SELECT structure FROM message ORDER BY size DESC LIMIT 1) WHERE {message} AND"
         " size < (SELECT max(size) FROM message)"},
        {"name", "impossible name", "UPDATE mailbox SET name = name || char(10) WHERE {mailbox}"},
        {"junk-counts", "trained in the rows alone",
         "UPDATE placement SET trained = (trained + 1) % 3 WHERE {placement}"},
        {"junk-counts", "one more in the filter's sum", "UPDATE filter SET ham_messages = ham_messages + 1",
         "junkfilter.db"},
        {"junk-words", "word in more messages than there are",
         "UPDATE words SET ham = ham + 1000000 WHERE key = (SELECT key FROM words ORDER BY key LIMIT 1 OFFSET {any} %"
         " (SELECT count(*) FROM words))",
         "junkfilter.db"},
        {"queue-message", "recipient without a domain", "UPDATE message SET recipient_domain = ''", "queue"},
        {"queue-state", "neither pending nor retired", "DELETE FROM pending", "queue"},
        {"next-message-id", "next id of the queue too low", "UPDATE queue SET next_message_id = 1", "queue"},
    };
    return rows;
}

std::string replaced(std::string text, std::string_view name, const std::string& by) {
    for (auto at = text.find(name); at != std::string::npos; at = text.find(name, at + by.size()))
        text.replace(at, name.size(), by);
    return text;
}

// Puts random choices in.
std::string chosen(db::Database& database, std::string sql, Random& random) {
    const auto any = std::to_string(random.below(1'000'000'000));
    sql = replaced(sql, "{any}", any);
    if (sql.find("{message}") != std::string::npos)
        sql = replaced(sql, "{message}",
                       "id = " + std::to_string(database
                                                    .value<std::int64_t>("SELECT message_id FROM placement ORDER BY 1"
                                                                         " LIMIT 1 OFFSET " +
                                                                         any + " % (SELECT count(*) FROM placement)")
                                                    .value_or(0)));
    if (sql.find("{placement}") != std::string::npos)
        if (const auto row = database.row<std::int64_t, std::int64_t>(
                "SELECT mailbox_id, uid FROM placement ORDER BY 1, 2 LIMIT 1 OFFSET " + any +
                " % (SELECT count(*) FROM placement)"))
            sql = replaced(sql, "{placement}",
                           "mailbox_id = " + std::to_string(std::get<0>(*row)) +
                               " AND uid = " + std::to_string(std::get<1>(*row)));
    if (sql.find("{mailbox}") != std::string::npos)
        sql = replaced(sql, "{mailbox}",
                       "id = " + std::to_string(database
                                                    .value<std::int64_t>(
                                                        "SELECT DISTINCT mailbox_id FROM placement ORDER BY 1 LIMIT 1"
                                                        " OFFSET " +
                                                        any + " % (SELECT count(DISTINCT mailbox_id) FROM placement)")
                                                    .value_or(0)));
    return sql;
}

std::optional<Fault> inflict(const RowFault& row, Subject& subject, Random& random) {
    const std::string path =
        row.database == "queue" ? "data/queue/index.db" : "data/accounts/" + subject.account() + "/" + row.database;
    if (!std::filesystem::exists(subject.work() / path)) return std::nullopt;
    db::Database database(subject.change(path), {.access = db::Access::read_write, .switch_to_wal = false});
    database.exec("PRAGMA foreign_keys = OFF");
    const std::string sql = chosen(database, row.sql, random);
    if (database.run(sql) == 0) return std::nullopt;
    Fault fault{.what = sql, .paths = {path}, .check = row.check};
    // What is said of a message may be said of its file, and sums of the filter of the account.
    fault.paths.push_back("data/accounts/" + subject.account());
    return fault;
}

}  // namespace

std::vector<Kind> row_kinds() {
    std::vector<Kind> kinds;
    for (const auto& row : row_faults())
        kinds.push_back({.group = "rows",
                         .name = row.name + " (" + row.check + ")",
                         .inflict = [&row](Subject& subject, Random& random) { return inflict(row, subject, random); },
                         .needs_contents = row.check == "message-hash"});
    return kinds;
}

}  // namespace mox::test
