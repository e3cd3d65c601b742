#include "check/checks.hpp"

#include <catch2/catch.hpp>
#include <functional>
#include <map>
#include <set>

#include "check/verify.hpp"
#include "junk/filter_db.hpp"
#include "support/healthy_directory.hpp"
#include "support/promises.hpp"

using namespace mox;
namespace fs = std::filesystem;

namespace {

using Directory = test::HealthyDirectory;

struct Found {
    std::map<std::string, std::set<std::string>> paths;  // by check
    check::Summary summary;
};

Found verify(const Directory& directory, check::Options options = {.contents = check::Contents::hashes, .jobs = 2}) {
    Found found;
    found.summary = check::verify(directory.layout(), options, [&](const check::Finding& finding) {
        UNSCOPED_INFO(finding.path << ": " << finding.detail << " [" << finding.check << "]");
        found.paths[std::string(finding.check)].insert(finding.path);
    });
    return found;
}

constexpr std::string_view account_db = "accounts/alice/index.db";
constexpr std::string_view queue_db = "queue/index.db";

// Breaks one promise.
struct Damage {
    std::string check;
    std::string path;
    std::function<void(const Directory&)> inflict;
};

Damage by_sql(std::string check, std::string statements) {
    return {std::move(check), std::string(account_db),
            [statements](const Directory& directory) { directory.sql("alice", statements); }};
}
Damage by_queue_sql(std::string check, std::string statements) {
    return {std::move(check), std::string(queue_db),
            [statements](const Directory& directory) { directory.queue_sql(statements); }};
}
Damage at(std::string check, std::string path, std::function<void(const fs::path&)> inflict) {
    return {std::move(check), path, [=](const Directory& directory) { inflict(directory / path); }};
}

void write(const fs::path& path, std::string_view bytes) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
    fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
}
// The same bytes with one changed, which no structure of the database notices.
void flip_in(const fs::path& path, std::string_view text) {
    std::string bytes = read_file(path);
    const auto position = bytes.find(text);
    REQUIRE(position != std::string::npos);
    bytes[position] ^= 0x01;
    write(path, bytes);
}

std::vector<Damage> damages() {
    return {
        at("folder", "accounts/alice/msg/a",
           [](const fs::path& path) { fs::rename(path, path.parent_path() / "../../../tmp/a"), write(path, "x"); }),
        at("database", "accounts/alice/index.db", [](const fs::path& path) { fs::remove(path); }),
        by_sql("database-format", "PRAGMA user_version = 1000"),
        by_queue_sql("database-format", "PRAGMA application_id = 7"),
        by_sql("database-schema", "CREATE TABLE more (x INTEGER) STRICT"),
        by_sql("database-schema", "DROP INDEX recipient_org_domain"),
        at("seal", std::string(account_db), [](const fs::path& path) { flip_in(path, "X-Added"); }),
        by_sql("foreign-key",
               "INSERT INTO recipient (message_id, localpart, domain, org_domain, sent)"
               " VALUES (4711, 'a', 'b', 'b', 0)"),
        by_sql("counters", "DELETE FROM account"),
        by_queue_sql("counters", "DELETE FROM queue"),
        at("message-file", "accounts/alice/msg/a/2", [](const fs::path& path) { fs::remove(path); }),
        at("message-file", "accounts/alice/msg/a/3",
           [](const fs::path& path) { fs::remove(path), fs::create_directory(path); }),
        at("message-file", "accounts/alice/msg/a/3",
           [](const fs::path& path) {
               fs::rename(path, path.string() + "x"), fs::create_symlink("3x", path),
                   fs::rename(path.string() + "x", path.parent_path() / "../../../../tmp/3x");
           }),
        at("message-file", "accounts/alice/msg/a/3",
           [](const fs::path& path) { fs::remove(path), ::mkfifo(path.c_str(), 0600); }),
        at("message-file", "queue/a/1", [](const fs::path& path) { fs::remove(path); }),
        at("message-size", "accounts/alice/msg/a/4", [](const fs::path& path) { fs::resize_file(path, 10); }),
        at("message-hash", "accounts/alice/msg/a/4", [](const fs::path& path) { flip_in(path, "Hello"); }),
        at("message-hash", "queue/a/3",
           [](const fs::path& path) {
               const std::string bytes = read_file(path);
               fs::remove(path);
               write(path, bytes);
               flip_in(path, "Hello");
           }),
        at("stray-file", "accounts/alice/msg/a/99", [](const fs::path& path) { write(path, "x"); }),
        at("stray-file", "accounts/alice/msg/a/x", [](const fs::path& path) { write(path, "x"); }),
        at("stray-file", "accounts/alice/msg/a/01", [](const fs::path& path) { write(path, "x"); }),
        at("stray-file", "accounts/alice/msg/a/90000", [](const fs::path& path) { write(path, "x"); }),
        at("stray-file", "accounts/alice/msg/a/77", [](const fs::path& path) { fs::create_directory(path); }),
        at("stray-file", "accounts/alice/msg/aa", [](const fs::path& path) { fs::create_directory(path); }),
        at("stray-file", "queue/a/99", [](const fs::path& path) { write(path, "x"); }),
        at("unknown-file", "accounts/alice/msg/readme", [](const fs::path& path) { write(path, "x"); }),
        at("unknown-file", "accounts/alice/readme", [](const fs::path& path) { write(path, "x"); }),
        at("unknown-file", "accounts/readme", [](const fs::path& path) { write(path, "x"); }),
        at("unknown-file", "queue/readme", [](const fs::path& path) { write(path, "x"); }),
        at("unknown-file", "readme", [](const fs::path& path) { write(path, "x"); }),
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
           [](const fs::path& path) {
               junk::FilterDb filter(path, {.access = db::Access::create});
               filter.database().run("INSERT INTO word (word, ham, spam) VALUES ('x', 1, 0)");
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
           [](const fs::path& path) { fs::permissions(path, fs::perms::all, fs::perm_options::add); }),
        by_sql("structure", "UPDATE message SET structure = x'ff00ff' WHERE id = 1"),
        by_sql("structure-offsets",
               "UPDATE message SET structure = (SELECT structure FROM message WHERE id = 4) WHERE"
               " id = 1"),
    };
}

}  // namespace

TEST_CASE("a healthy directory passes every check", "[check]") {
    const Directory directory;
    test::check_promises(directory.layout());
    const auto found = verify(directory);
    CHECK(found.paths.empty());
    CHECK(found.summary.accounts == 2);
    CHECK(found.summary.messages == 2 * 7 + 2);
    CHECK(found.summary.errors + found.summary.warnings == 0);
}

TEST_CASE("each broken promise is found by its own check and by no other", "[check]") {
    for (const auto& damage : damages()) {
        const Directory directory;
        damage.inflict(directory);
        INFO("check " << damage.check << " at " << damage.path);
        const auto found = verify(directory);
        REQUIRE_FALSE(found.paths.empty());
        CHECK(found.paths.size() == 1);
        CHECK(found.paths.begin()->first == damage.check);
        CHECK(found.paths.begin()->second == std::set{damage.path});
    }
}

TEST_CASE("every check has damage that only it finds", "[check]") {
    // Pages are damaged in damage_test.cpp, archives in archive_test.cpp, snapshots in tests/tools/verifydata.
    std::set<std::string_view> tested{"database-integrity", "archive", "manifest"};
    const auto rows = damages();
    for (const auto& damage : rows) tested.insert(damage.check);
    for (const auto& check : check::checks) {
        INFO(check.id);
        CHECK(tested.contains(check.id));
    }
}

TEST_CASE("only the checks that were asked for speak", "[check]") {
    const Directory directory;
    directory.sql("alice", "UPDATE account SET message_size = 0; DELETE FROM erase_queue");
    check::Options options{.jobs = 1};
    options.only.set(check::CheckId("account-size").index());
    const auto found = verify(directory, options);
    CHECK(found.paths.size() == 1);
    CHECK(found.paths.contains("account-size"));
    CHECK(found.summary.errors == 1);
}

TEST_CASE("contents are read only when asked for", "[check]") {
    const Directory directory;
    flip_in(directory / "accounts/bob/msg/a/1", "Hello");
    CHECK(verify(directory, {.jobs = 1}).paths.empty());
    CHECK(verify(directory).paths.contains("message-hash"));
}

TEST_CASE("a ruined account does not flood the report, and the totals are right", "[check]") {
    const Directory directory;
    for (int i = 0; i < 300; ++i) write(directory / ("accounts/alice/msg/a/stray" + std::to_string(i)), "x");
    std::size_t lines = 0;
    std::string last;
    const auto summary = check::verify(directory.layout(), {.most_findings = 100}, [&](const check::Finding& finding) {
        ++lines;
        last = finding.detail;
    });
    CHECK(lines == 101);
    CHECK(last == "and 200 more of this kind, here and in other places");
    CHECK(summary.errors == 300);
}
