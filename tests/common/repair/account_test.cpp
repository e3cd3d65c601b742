#include <catch2/catch.hpp>

#include "base/hash.hpp"
#include "fixing.hpp"
#include "store/deliver.hpp"
#include "support/damages.hpp"
#include "support/logical_dump.hpp"
#include "support/promises.hpp"

using namespace mox;
using test::fix;
using Directory = test::HealthyDirectory;
namespace fs = std::filesystem;

namespace {

std::vector<std::string> lines(const Directory& directory, const std::string& sql) {
    db::Database database(directory.layout().account_db("alice"), {.access = db::Access::read_write});
    std::vector<std::string> found;
    for (const auto& [line] : database.rows<std::string>(sql)) found.push_back(line);
    return found;
}
std::string line(const Directory& directory, const std::string& sql) {
    const auto found = lines(directory, sql);
    return found.empty() ? "" : found.front();
}
// Name and UIDVALIDITY of every mailbox.
std::vector<std::string> uidvalidities(const Directory& directory, const std::string& without = {}) {
    return lines(directory, "SELECT name || ' ' || uidvalidity FROM mailbox WHERE expunged = 0 AND name <> '" +
                                without + "' AND name <> 'Recovered' ORDER BY name");
}

// Everything is right afterwards.
test::Fixed fix_all(const Directory& directory) {
    auto fixed = fix(directory.layout());
    CHECK(fixed.troubles.empty());
    CHECK(fixed.left.empty());
    test::check_promises(directory.layout());
    return fixed;
}

}  // namespace

TEST_CASE("a flipped bit in a value, its index or a structure comes back from the file", "[repair]") {
    std::size_t flipped = 0;
    for (std::size_t occurrence = 0;; ++occurrence) {
        const Directory directory;
        const auto path = directory / "accounts/alice/index.db";
        const auto rows = lines(directory, "SELECT message_id || hex(structure) FROM message ORDER BY id");
        std::string bytes = read_file(path);
        std::size_t at = bytes.find("4@example");
        for (std::size_t i = 0; i < occurrence && at != std::string::npos; ++i) at = bytes.find("4@example", at + 1);
        if (at == std::string::npos) break;
        bytes[at] ^= 0x01;
        test::write_bytes(path, bytes);
        INFO("occurrence " << occurrence);
        if (!fix_all(directory).actions.empty()) ++flipped;
        CHECK(lines(directory, "SELECT message_id || hex(structure) FROM message ORDER BY id") == rows);
    }
    CHECK(flipped >= 3);
}

TEST_CASE("a recorded hash with a flipped bit is that of the file again", "[repair]") {
    const Directory directory;
    const auto hash = sha256(as_bytes(read_file(directory / "accounts/alice/msg/a/6")));
    test::flip_in(directory / "accounts/alice/index.db", as_text(hash));
    const auto fixed = fix_all(directory);
    CHECK(fixed.checks() == std::set<std::string>{"seal"});
    CHECK(line(directory, "SELECT hex(file_sha256) FROM message WHERE id = 6") ==
          line(directory, "SELECT upper('" + to_hex(hash) + "')"));
}

TEST_CASE("a message whose file and damaged row contradict each other stays for a person", "[repair]") {
    const Directory directory;
    const auto hash = sha256(as_bytes(read_file(directory / "accounts/alice/msg/a/6")));
    test::flip_in(directory / "accounts/alice/index.db", as_text(hash));
    fs::resize_file(directory / "accounts/alice/msg/a/6", 20);
    const auto fixed = fix(directory.layout());
    CHECK(fixed.actions.empty());
    CHECK(fixed.left_checks() == std::set<std::string>{"message-size", "seal"});
}

TEST_CASE("a database that is damaged otherwise is not touched", "[repair]") {
    const Directory directory;
    const auto path = directory / "accounts/alice/index.db";
    const std::string root = line(directory, "SELECT rootpage FROM sqlite_schema WHERE name = 'placement'");
    test::write_bytes(path, read_file(path).replace((std::stoul(root) - 1) * 4096, 4096, std::string(4096, '\0')));
    const auto before = read_file(path);
    const auto fixed = fix(directory.layout());
    CHECK(fixed.actions.empty());
    CHECK_FALSE(fixed.left.empty());
    CHECK(read_file(path) == before);
}

TEST_CASE("messages of a deleted or missing mailbox are recovered with their flags", "[repair]") {
    for (const std::string mailbox : {"(SELECT id FROM mailbox WHERE name = 'Old' AND expunged = 1)", "4711"}) {
        const Directory directory;
        directory.sql("alice", "UPDATE placement SET uid = 1, mailbox_id = " + mailbox +
                                   " WHERE mailbox_id = 1 AND uid = 4; DELETE FROM tombstone");
        const auto others = uidvalidities(directory);
        const auto fixed = fix_all(directory);
        CHECK(fixed.checks().contains(mailbox == "4711" ? "foreign-key" : "mailbox-gone"));
        CHECK(lines(directory,
                    "SELECT b.name || ' ' || p.uid || ' ' || p.flags || ' ' || p.keywords || ' ' || b.keywords FROM"
                    " placement p JOIN mailbox b ON b.id = p.mailbox_id WHERE p.message_id = 4") ==
              std::vector<std::string>{"Recovered 1 4 todo work todo work"});
        CHECK(uidvalidities(directory) == others);
    }
}

TEST_CASE("a placement of a message that is missing leaves a tombstone", "[repair]") {
    const Directory directory;
    directory.sql("alice", "DELETE FROM message WHERE id = 4");
    fs::remove(directory / "accounts/alice/msg/a/4");
    (void)fix_all(directory);
    CHECK(lines(directory, "SELECT uid FROM placement WHERE mailbox_id = 1 ORDER BY uid") ==
          std::vector<std::string>{"1", "2", "3"});
    CHECK(line(directory, "SELECT count(*) FROM tombstone WHERE mailbox_id = 1 AND uid = 4") == "1");
}

TEST_CASE("UIDVALIDITY changes where UIDs did, and nowhere else", "[repair]") {
    const Directory directory;
    const auto before = uidvalidities(directory), without_archive = uidvalidities(directory, "Archive");
    directory.sql("alice", "UPDATE mailbox SET count_total = 99, size = 1; UPDATE account SET message_size = 1");
    (void)fix_all(directory);
    CHECK(uidvalidities(directory) == before);
    for (const std::string uid : {"0", "-7", "4294967295", "1099511627776", "500"}) {
        directory.sql("alice", "UPDATE placement SET uid = " + uid +
                                   " WHERE mailbox_id = (SELECT id FROM mailbox WHERE name = 'Archive')");
        const auto changed = uidvalidities(directory);
        INFO("UID " << uid);
        (void)fix_all(directory);
        CHECK(uidvalidities(directory) != changed);
        CHECK(uidvalidities(directory, "Archive") == without_archive);
    }
}

TEST_CASE("numbers that nothing can have counted up to do not spread", "[repair]") {
    const Directory directory;
    directory.sql("alice",
                  "UPDATE placement SET modseq = 1 << 60 WHERE mailbox_id = 1 AND uid = 1;"
                  "UPDATE placement SET modseq = -5 WHERE mailbox_id = 1 AND uid = 2;"
                  "UPDATE mailbox SET modseq = 1 << 61, uidvalidity = 1 << 40 WHERE name = 'Sent';"
                  "UPDATE mailbox SET uidnext = 1 << 50 WHERE name = 'Archive'");
    (void)fix_all(directory);
    CHECK(std::stoll(line(directory, "SELECT last_modseq FROM account")) < 1'000);
    CHECK(std::stoll(line(directory, "SELECT next_uidvalidity FROM account")) < 0xffffffff);
}

TEST_CASE("many damages at once are mended", "[repair]") {
    const Directory directory;
    directory.sql(
        "alice",
        "DELETE FROM account; DELETE FROM erase_queue; UPDATE message SET thread_id = 3;"
        "UPDATE message SET thread_parent = 4 WHERE id = 1; UPDATE message SET thread_parent = 1 WHERE id = 4;"
        "UPDATE mailbox SET special_use = 24, keywords = 'B a', count_total = 0, parent_id = 999;"
        "UPDATE mailbox SET name = 'Groups/' || x'0a' WHERE name = 'Groups/C++';"
        "UPDATE placement SET flags = -1, trained = 7, createseq = 1 << 60;"
        "UPDATE message SET structure = x'00', size = size + 1");
    const auto contents = test::dump_contents(directory.layout().root());
    (void)fix_all(directory);
    CHECK(test::dump_contents(directory.layout().root()) == contents);
}

TEST_CASE("what running programs are about to add is not touched", "[repair]") {
    const Directory directory;
    auto account = store::Account::open(directory.layout(), "alice");
    const auto prepared = store::prepare(account, "", Directory::message("new", "n@example"));
    directory.sql("alice", "UPDATE account SET message_size = 7");
    CHECK(fix(directory.layout()).left.empty());
    {
        store::Transaction tx(account);
        (void)store::add(tx, store::find_mailbox(account.database(), "Inbox").value(), prepared,
                         {.received = account.now()});
        tx.commit();
    }
    account.close();
    test::check_promises(directory.layout());
}

TEST_CASE("files in the range of a damaged reservation are moved, not removed", "[repair]") {
    for (const std::string range : {"9, 1099511627776", "-5, 100", "99, 9"}) {
        const Directory directory;
        directory.sql("alice",
                      "INSERT INTO id_block (first_id, last_id, purpose, lock_number, lock_token, started) VALUES (" +
                          range + ", 'import', 4000, 'x', 0)");
        test::write_bytes(directory / "accounts/alice/msg/a/99", "precious");
        INFO(range);
        (void)fix_all(directory);
        CHECK(read_file(directory / "moved/accounts/alice/msg/a/99") == "precious");
    }
}

TEST_CASE("what is moved never replaces anything", "[repair]") {
    const Directory directory;
    for (const std::string text : {"one", "two", "three"}) {
        test::write_bytes(directory / "accounts/alice/msg/a/99", text);
        (void)fix_all(directory);
    }
    CHECK(read_file(directory / "moved/accounts/alice/msg/a/99") == "one");
    CHECK(read_file(directory / "moved/accounts/alice/msg/a/99.1") == "two");
    CHECK(read_file(directory / "moved/accounts/alice/msg/a/99.2") == "three");
}

TEST_CASE("a junk filter that is no database is made anew, the old one kept", "[repair]") {
    const Directory directory;
    directory.sql("alice",
                  "UPDATE account SET trains = 1; UPDATE placement SET flags = flags | 32, trained = 1 WHERE"
                  " mailbox_id = 1 AND uid < 3; UPDATE mailbox SET modseq = modseq");
    for (const std::string& noise : {std::string(5000, 'x'), std::string()}) {
        test::write_bytes(directory / "accounts/alice/junkfilter.db", noise);
        (void)fix_all(directory);
        junk::FilterDb filter(directory / "accounts/alice/junkfilter.db", {.access = db::Access::read_only});
        CHECK(filter.totals() == junk::Counts{.ham = 0, .spam = 2});
    }
    CHECK(read_file(directory / "moved/accounts/alice/junkfilter.db") == std::string(5000, 'x'));
    CHECK(read_file(directory / "moved/accounts/alice/junkfilter.db.1").empty());
    fs::remove(directory / "accounts/alice/junkfilter.db");
    CHECK(fix_all(directory).checks() == std::set<std::string>{"junk-counts"});
}

TEST_CASE("a junk filter whose making was interrupted is made anew", "[repair]") {
    const Directory directory;
    directory.sql("alice", "UPDATE account SET trains = 1");
    db::Database(directory / "accounts/alice/junkfilter.db", {.access = db::Access::create}).exec("VACUUM");
    CHECK(fix_all(directory).checks().contains("database-format"));
}

TEST_CASE("a locked database is told, and others are mended", "[repair]") {
    const Directory directory;
    directory.sql("alice", "UPDATE account SET message_size = 7");
    directory.sql("bob", "UPDATE account SET message_size = 7");
    db::Database database(directory.layout().account_db("alice"), {.access = db::Access::read_write});
    const db::Transaction held(database);
    const auto fixed = fix(directory.layout(), {.jobs = 1, .lock_timeout = std::chrono::milliseconds(50)});
    CHECK_FALSE(fixed.troubles.empty());
    REQUIRE(fixed.left.size() == 1);
    CHECK(fixed.left[0].path == "accounts/alice/index.db");
}
