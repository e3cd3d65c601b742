#pragma once

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.hpp"
#include "junk/filter_db.hpp"
#include "support/healthy_directory.hpp"

// One damage for each check, for tests of verification and of repairs.

namespace mox::test {

inline constexpr std::string_view account_db = "accounts/alice/index.db";
inline constexpr std::string_view queue_db = "queue/index.db";

// Breaks one promise, so that verification finds exactly this check at this path.
struct Damage {
    std::string check;
    std::string path;
    std::function<void(const HealthyDirectory&)> inflict;
};

inline Damage by_sql(std::string check, std::string statements) {
    return {std::move(check), std::string(account_db),
            [statements](const HealthyDirectory& directory) { directory.sql("alice", statements); }};
}
inline Damage by_queue_sql(std::string check, std::string statements) {
    return {std::move(check), std::string(queue_db),
            [statements](const HealthyDirectory& directory) { directory.queue_sql(statements); }};
}
inline Damage at(std::string check, std::string path, std::function<void(const std::filesystem::path&)> inflict) {
    return {std::move(check), path, [=](const HealthyDirectory& directory) { inflict(directory / path); }};
}

inline void write_bytes(const std::filesystem::path& path, std::string_view bytes) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
    std::filesystem::permissions(path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}
// The same bytes with one changed, which no structure of the database notices.
inline void flip_in(const std::filesystem::path& path, std::string_view text) {
    std::string bytes = read_file(path);
    const auto position = bytes.find(text);
    REQUIRE(position != std::string::npos);
    bytes[position] ^= 0x01;
    write_bytes(path, bytes);
}

inline std::vector<Damage> damages() {
    return {
        at("folder", "accounts/alice/msg/a",
           [](const std::filesystem::path& path) {
               std::filesystem::rename(path, path.parent_path() / "../../../tmp/a"), write_bytes(path, "x");
           }),
        at("database", "accounts/alice/index.db",
           [](const std::filesystem::path& path) { std::filesystem::remove(path); }),
        by_sql("database-format", "PRAGMA user_version = 1000"),
        by_queue_sql("database-format", "PRAGMA application_id = 7"),
        by_sql("database-schema", "CREATE TABLE more (x INTEGER) STRICT"),
        by_sql("database-schema", "DROP INDEX recipient_org_domain"),
        at("seal", std::string(account_db), [](const std::filesystem::path& path) { flip_in(path, "X-Added"); }),
        by_sql("foreign-key",
               "INSERT INTO recipient (message_id, localpart, domain, org_domain, sent)"
               " VALUES (4711, 'a', 'b', 'b', 0)"),
        by_sql("counters", "DELETE FROM account"),
        by_queue_sql("counters", "DELETE FROM queue"),
        by_sql("sequence", "UPDATE sqlite_sequence SET seq = 0 WHERE name = 'mailbox'"),
        by_sql("sequence", "UPDATE sqlite_sequence SET seq = seq + (1 << 60) WHERE name = 'mailbox'"),
        by_sql("sequence", "UPDATE sqlite_sequence SET seq = 'x' WHERE name = 'mailbox'"),
        by_sql("sequence", "UPDATE sqlite_sequence SET name = 'mailboy' WHERE name = 'mailbox'"),
        by_sql("sequence",
               "INSERT INTO sqlite_sequence (name, seq) SELECT name, seq FROM sqlite_sequence WHERE name ="
               " 'mailbox'"),
        by_queue_sql("sequence", "INSERT INTO sqlite_sequence (name, seq) VALUES (NULL, 1)"),
        at("message-file", "accounts/alice/msg/a/2",
           [](const std::filesystem::path& path) { std::filesystem::remove(path); }),
        at("message-file", "accounts/alice/msg/a/3",
           [](const std::filesystem::path& path) {
               std::filesystem::remove(path), std::filesystem::create_directory(path);
           }),
        at("message-file", "accounts/alice/msg/a/3",
           [](const std::filesystem::path& path) {
               std::filesystem::rename(path, path.string() + "x"), std::filesystem::create_symlink("3x", path),
                   std::filesystem::rename(path.string() + "x", path.parent_path() / "../../../../tmp/3x");
           }),
        at("message-file", "accounts/alice/msg/a/3",
           [](const std::filesystem::path& path) { std::filesystem::remove(path), ::mkfifo(path.c_str(), 0600); }),
        at("message-file", "queue/a/1", [](const std::filesystem::path& path) { std::filesystem::remove(path); }),
        at("message-size", "accounts/alice/msg/a/4",
           [](const std::filesystem::path& path) { std::filesystem::resize_file(path, 10); }),
        at("message-hash", "accounts/alice/msg/a/4", [](const std::filesystem::path& path) { flip_in(path, "Hello"); }),
        at("message-hash", "queue/a/3",
           [](const std::filesystem::path& path) {
               const std::string bytes = read_file(path);
               std::filesystem::remove(path);
               write_bytes(path, bytes);
               flip_in(path, "Hello");
           }),
        at("stray-file", "accounts/alice/msg/a/99", [](const std::filesystem::path& path) { write_bytes(path, "x"); }),
        at("stray-file", "accounts/alice/msg/a/x", [](const std::filesystem::path& path) { write_bytes(path, "x"); }),
        at("stray-file", "accounts/alice/msg/a/01", [](const std::filesystem::path& path) { write_bytes(path, "x"); }),
        at("stray-file", "accounts/alice/msg/a/90000",
           [](const std::filesystem::path& path) { write_bytes(path, "x"); }),
        at("stray-file", "accounts/alice/msg/a/77",
           [](const std::filesystem::path& path) { std::filesystem::create_directory(path); }),
        at("stray-file", "accounts/alice/msg/aa",
           [](const std::filesystem::path& path) { std::filesystem::create_directory(path); }),
        at("stray-file", "queue/a/99", [](const std::filesystem::path& path) { write_bytes(path, "x"); }),
        at("unknown-file", "accounts/alice/msg/readme",
           [](const std::filesystem::path& path) { write_bytes(path, "x"); }),
        at("unknown-file", "accounts/alice/readme", [](const std::filesystem::path& path) { write_bytes(path, "x"); }),
        at("unknown-file", "accounts/readme", [](const std::filesystem::path& path) { write_bytes(path, "x"); }),
        at("unknown-file", "queue/readme", [](const std::filesystem::path& path) { write_bytes(path, "x"); }),
        at("unknown-file", "readme", [](const std::filesystem::path& path) { write_bytes(path, "x"); }),
        by_sql("stale-reservation",
               "INSERT INTO id_block (first_id, last_id, purpose, lock_number, lock_token, started)"
               " VALUES (50, 60, 'import', 4000, 'x', 0)"),
        by_sql("next-message-id", "UPDATE account SET next_message_id = 3"),
        by_queue_sql("next-message-id", "UPDATE queue SET next_message_id = 2"),
        by_sql("uid-next",
               "UPDATE mailbox SET uidnext = 2 WHERE name = 'Archive'; UPDATE placement SET uid = 2 WHERE"
               " mailbox_id = (SELECT id FROM mailbox WHERE name = 'Archive')"),
        by_sql("uid-order",
               "UPDATE placement SET createseq = createseq - 1 WHERE uid = 3 AND mailbox_id = 1;"
               "UPDATE placement SET createseq = modseq WHERE uid = 2 AND mailbox_id = 1;"
               "UPDATE placement SET createseq = 0 WHERE uid = 3 AND mailbox_id = 1"),
        by_sql("uidvalidity-next",
               "UPDATE mailbox SET uidvalidity = (SELECT next_uidvalidity FROM account) WHERE name ="
               " 'Sent'"),
        by_sql("uidvalidity-unique",
               "UPDATE mailbox SET uidvalidity = (SELECT uidvalidity FROM mailbox WHERE name ="
               " 'Old' AND expunged = 1) WHERE name = 'Old'"),
        by_sql("modseq", "UPDATE placement SET createseq = modseq + 1 WHERE mailbox_id = 1 AND uid = 4"),
        by_sql("modseq", "UPDATE placement SET modseq = 4711 WHERE mailbox_id = 1 AND uid = 4"),
        by_sql("modseq", "UPDATE mailbox SET modseq = 4711 WHERE name = 'Sent'"),
        by_sql("modseq",
               "INSERT INTO annotation (key, is_string, createseq, modseq, expunged) VALUES ('/private/x', 1,"
               " 9, 1, 0)"),
        by_sql("tombstone", "UPDATE tombstone SET modseq = 4711"),
        by_sql("tombstone", "UPDATE tombstone SET uid = 4711"),
        by_sql("tombstone", "INSERT INTO tombstone (mailbox_id, modseq, uid) VALUES (1, 1, 1)"),
        by_sql("tombstone", "UPDATE erase_queue SET modseq = 4711"),
        by_sql("mailbox-counts", "UPDATE mailbox SET count_unseen = count_unseen + 1 WHERE id = 1"),
        by_sql("mailbox-counts", "UPDATE mailbox SET size = size - 1 WHERE id = 1"),
        by_sql("account-size", "UPDATE account SET message_size = 0"),
        by_sql("mailbox-keywords", "UPDATE mailbox SET keywords = 'todo' WHERE id = 1"),
        by_sql("thread-id", "UPDATE message SET thread_id = 4 WHERE id = 3"),
        by_sql("thread-id", "UPDATE message SET thread_id = 1 WHERE id = 4"),
        by_sql("thread-id", "UPDATE message SET thread_parent = 4711, thread_id = 2 WHERE id = 4"),
        by_sql("thread-id", "UPDATE message SET thread_parent = 4711, thread_id = 0 WHERE id = 4"),
        by_sql("thread-cycle", "UPDATE message SET thread_parent = 3 WHERE id = 1"),
        by_sql("thread-cycle", "UPDATE message SET thread_parent = 4 WHERE id = 4"),
        by_sql(
            "mailbox-gone",
            "UPDATE placement SET mailbox_id = (SELECT id FROM mailbox WHERE name = 'Old' AND expunged = 1), uid = 1"
            " WHERE mailbox_id = (SELECT id FROM mailbox WHERE name = 'Archive');"
            "UPDATE mailbox SET count_total = 0, count_unread = 0, count_unseen = 0, size = 0 WHERE name = 'Archive';"
            "DELETE FROM tombstone WHERE mailbox_id = (SELECT id FROM mailbox WHERE name = 'Old' AND expunged = 1)"),
        by_sql("mailbox-parent", "UPDATE mailbox SET parent_id = NULL WHERE name = 'Groups/C++'"),
        by_sql("mailbox-parent", "UPDATE mailbox SET parent_id = 1 WHERE name = 'Groups/C++'"),
        by_sql("mailbox-parent", "UPDATE mailbox SET parent_id = 1 WHERE name = 'Sent'"),
        by_sql("special-use", "UPDATE mailbox SET special_use = 16 WHERE name = 'Groups'"),
        by_sql("special-use", "UPDATE mailbox SET special_use = 1 WHERE expunged = 1"),
        by_sql("message-unplaced", "DELETE FROM erase_queue"),
        by_sql("erase-queue", "INSERT INTO erase_queue (message_id, modseq, queued) VALUES (1, 1, 0)"),
        by_sql("junk-counts", "UPDATE placement SET trained = 1 WHERE uid = 1 AND mailbox_id = 1"),
        by_sql("junk-counts", "INSERT INTO training_log (message_id, from_state, to_state) VALUES (1, 2, 0)"),
        at("junk-words", "accounts/alice/junkfilter.db",
           [](const std::filesystem::path& path) {
               junk::FilterDb filter(path, {.access = db::Access::create});
               filter.database().run("INSERT INTO words (key, ham, spam) VALUES (1, 1, 0)");
           }),
        by_sql("name", "UPDATE mailbox SET name = 'Sent\n' WHERE name = 'Sent'"),
        by_sql("name", "INSERT INTO subscription (name) VALUES ('a//b')"),
        by_sql("name",
               "INSERT INTO annotation (key, is_string, createseq, modseq, expunged) VALUES ('/Private/x', 1, 1,"
               " 1, 0)"),
        by_sql("keyword", "UPDATE placement SET keywords = 'work todo' WHERE uid = 4 AND mailbox_id = 1"),
        by_sql("keyword", "UPDATE mailbox SET keywords = 'todo work (' WHERE id = 1"),
        by_sql("keyword", "UPDATE mailbox SET keywords = 'todo todo work' WHERE id = 1"),
        by_sql("flags", "UPDATE placement SET flags = flags | 65536 WHERE uid = 1"),
        by_sql("flags", "UPDATE placement SET muted = 2 WHERE uid = 1"),
        by_sql("flags", "UPDATE mailbox SET special_use = 64 WHERE name = 'Groups'"),
        by_sql("message-row", "UPDATE message SET file_sha256 = x'00' WHERE id = 5"),
        by_sql("message-row", "UPDATE message SET message_id = 'UPPER@example' WHERE id = 1"),
        by_sql("message-row", "UPDATE message SET received_offset = 9999 WHERE id = 1"),
        by_queue_sql("queue-state",
                     "INSERT INTO retired (message_id, recipient_address, success, last_activity,"
                     " last_activity_nanoseconds, keep_until) SELECT 3, recipient_address, success,"
                     " last_activity, last_activity_nanoseconds, keep_until FROM retired"),
        by_queue_sql("queue-message", "UPDATE message SET recipient_domain = '' WHERE id = 1"),
        by_queue_sql("queue-message", "UPDATE pending SET next_attempt = 5 WHERE message_id = 3"),
        at("owner-mode", "accounts/alice/msg/a/1",
           [](const std::filesystem::path& path) {
               std::filesystem::permissions(path, std::filesystem::perms::all, std::filesystem::perm_options::add);
           }),
        by_sql("structure", "UPDATE message SET structure = x'ff00ff' WHERE id = 1"),
        by_sql("structure-offsets",
               "UPDATE message SET structure = (SELECT structure FROM message WHERE id = 4) WHERE"
               " id = 1"),
    };
}

}  // namespace mox::test
