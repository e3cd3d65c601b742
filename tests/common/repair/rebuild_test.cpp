#include "repair/rebuild.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "base/error.hpp"
#include "base/hash.hpp"
#include "datadir/lock.hpp"
#include "db/snapshot.hpp"
#include "fixing.hpp"
#include "store/junk_filter.hpp"
#include "store/training.hpp"
#include "support/damages.hpp"
#include "support/logical_dump.hpp"
#include "support/promises.hpp"

using namespace mox;
using Directory = test::HealthyDirectory;
namespace fs = std::filesystem;

namespace {

struct Done {
    repair::Rebuilt sums;
    std::vector<repair::Action> actions;
    std::vector<std::string> troubles;
};

Done rebuild(const datadir::Layout& layout, repair::RebuildOptions options) {
    Done done;
    options.lock_timeout = std::chrono::milliseconds(50);
    done.sums = repair::rebuild(layout, options,
                                {.action = [&](const repair::Action& action) { done.actions.push_back(action); },
                                 .trouble = [&](const std::string& path, const std::string& what,
                                                const std::string&) { done.troubles.push_back(path + ": " + what); },
                                 .finding = {}});
    return done;
}

std::optional<Errc> refusal(const datadir::Layout& layout, const repair::RebuildOptions& options) {
    try {
        (void)rebuild(layout, options);
    } catch (const Error& error) {
        UNSCOPED_INFO(error.what());
        return error.code();
    }
    return std::nullopt;
}

// "mailbox UID id flags keywords received size prefix" of every placement.
std::vector<std::string> mail(const Directory& directory, const std::string& mailbox = "%") {
    db::Database database(directory.layout().account_db("alice"), {.access = db::Access::read_write});
    std::vector<std::string> found;
    for (const auto& [line] : database.rows<std::string>(
             "SELECT b.name || ' ' || p.uid || ' ' || m.id || ' ' || p.flags || ' ' || p.keywords || ' ' || m.received"
             " || ' ' || m.size || ' ' || m.prefix FROM placement p JOIN mailbox b ON b.id = p.mailbox_id JOIN message"
             " m ON m.id = p.message_id WHERE b.name LIKE ? ORDER BY b.name, p.uid",
             mailbox))
        found.push_back(line);
    return found;
}
std::int64_t value(const Directory& directory, const std::string& sql) {
    db::Database database(directory.layout().account_db("alice"), {.access = db::Access::read_write});
    return database.value<std::int64_t>(sql).value_or(-1);
}

std::map<std::string, int> contents_of(const Directory& directory) {
    return test::dump_contents(directory.layout().root());
}

// What a snapshot has of alice's database.
fs::path snapshot_of(const Directory& directory) {
    const fs::path copy = directory.temp() / "snapshot.db";
    fs::remove(copy);
    db::snapshot(directory.layout().account_db("alice"), copy);
    return copy;
}

const std::vector<test::Damage>& ruins() {
    static const std::vector<test::Damage> rows{
        test::at("missing", "accounts/alice/index.db", [](const fs::path& path) { fs::remove(path); }),
        test::at("noise", "accounts/alice/index.db",
                 [](const fs::path& path) { test::write_bytes(path, std::string(70'000, '\x5a')); }),
        test::at("empty", "accounts/alice/index.db", [](const fs::path& path) { fs::resize_file(path, 0); }),
        test::at("cut", "accounts/alice/index.db",
                 [](const fs::path& path) { fs::resize_file(path, fs::file_size(path) / 2); }),
        test::at("a zeroed page", "accounts/alice/index.db",
                 [](const fs::path& path) {
                     test::write_bytes(path, read_file(path).replace(8192, 8192, std::string(8192, '\0')));
                 }),
        test::at("a folder", "accounts/alice/index.db",
                 [](const fs::path& path) { fs::remove(path), fs::create_directory(path); }),
        test::at("noise with a log", "accounts/alice/index.db",
                 [](const fs::path& path) {
                     test::write_bytes(path, std::string(70'000, '\x5a'));
                     test::write_bytes(path.native() + "-wal", std::string(5'000, '\x11'));
                 }),
    };
    return rows;
}

}  // namespace

TEST_CASE("an account is rebuilt from its files alone, whatever became of its database", "[repair][rebuild]") {
    for (const auto& ruin : ruins()) {
        INFO(ruin.check);
        const Directory directory;
        const auto messages = value(directory, "SELECT count(*) FROM message");
        const auto next_id = value(directory, "SELECT next_message_id FROM account");
        const auto contents = contents_of(directory);
        const bool was_there = ruin.check != "missing" && ruin.check != "a folder";
        ruin.inflict(directory);
        const std::string bytes = was_there ? read_file(directory / ruin.path) : "";

        const auto done = rebuild(directory.layout(), {.account = "alice"});
        CHECK(done.troubles.empty());
        CHECK(done.sums.messages == static_cast<std::uint64_t>(messages));
        CHECK(done.sums.recovered == done.sums.messages);
        test::check_promises(directory.layout());
        CHECK(contents_of(directory) == contents);
        CHECK(mail(directory, "Recovered").size() == done.sums.messages);
        CHECK(mail(directory).size() == done.sums.messages);
        CHECK(value(directory, "SELECT next_message_id FROM account") > messages);
        if (was_there) CHECK(read_file(directory / ("moved/" + ruin.path)) == bytes);
        CHECK(fs::is_empty(directory.layout().tmp()));
        (void)next_id;
        // Threads come back by themselves.
        CHECK(value(directory, "SELECT count(*) FROM message WHERE thread_id = 1") == 3);
    }
}

TEST_CASE("a rebuilt account can be used: ids and UIDVALIDITY values are new", "[repair][rebuild]") {
    const Directory directory;
    const auto uidvalidity = value(directory, "SELECT max(uidvalidity) FROM mailbox");
    // The row of counters can still be read although an index cannot.
    directory.sql("alice",
                  "UPDATE account SET next_message_id = 5000, next_uidvalidity = 3000000000, last_modseq = 900");
    directory.sql("alice", "CREATE TABLE more (x INTEGER) STRICT");
    (void)rebuild(directory.layout(), {.account = "alice"});
    CHECK(value(directory, "SELECT next_message_id FROM account") >= 5000);
    CHECK(value(directory, "SELECT min(uidvalidity) FROM mailbox") >= 3'000'000'000);
    CHECK(value(directory, "SELECT min(uidvalidity) FROM mailbox") > uidvalidity);
    CHECK(value(directory, "SELECT last_modseq FROM account") > 900);
    auto account = store::Account::open(directory.layout(), "alice");
    (void)store::deliver(account, "Inbox", {.received = account.now()}, Directory::message("new", "new@example"));
    account.close();
    test::check_promises(directory.layout());
}

TEST_CASE("dates come from the topmost Received field, or else from the file", "[repair][rebuild]") {
    const Directory directory;
    const auto dated = directory.layout().message("alice", 99), undated = directory.layout().message("alice", 100),
               garbage = directory.layout().message("alice", 101);
    test::write_bytes(dated,
                      "Received: from a by b;\r\n Tue, 14 Nov 2023 22:13:20 +0100\r\nReceived: from x by a; Mon, 13 Nov"
                      " 2023 01:02:03 +0000\r\nSubject: dated\r\n\r\nHello.\r\n");
    test::write_bytes(undated, "Subject: undated\r\n\r\nReceived: x; Tue, 14 Nov 2023 22:13:20 +0000\r\n");
    test::write_bytes(garbage, std::string("\0\xff\r\n\n\r", 6) + std::string(3000, '\x80'));
    const struct timespec times[2] = {{.tv_sec = 1'600'000'000, .tv_nsec = 5}, {.tv_sec = 1'600'000'000, .tv_nsec = 5}};
    for (const auto& path : {undated, garbage}) REQUIRE(::utimensat(AT_FDCWD, path.c_str(), times, 0) == 0);
    fs::remove(directory.layout().account_db("alice"));
    CHECK(rebuild(directory.layout(), {.account = "alice"}).troubles.empty());
    CHECK(value(directory, "SELECT received FROM message WHERE id = 99") == 1'699'996'400);
    CHECK(value(directory, "SELECT received_offset FROM message WHERE id = 99") == 60);
    CHECK(value(directory, "SELECT received FROM message WHERE id = 100") == 1'600'000'000);
    CHECK(value(directory, "SELECT received FROM message WHERE id = 101") == 1'600'000'000);
    test::check_promises(directory.layout());
}

TEST_CASE("what the snapshot knows comes back as it was", "[repair][rebuild]") {
    for (const auto& ruin : ruins()) {
        INFO(ruin.check);
        const Directory directory;
        const auto before = mail(directory);
        const auto contents = contents_of(directory);
        db::Database reference(snapshot_of(directory), {.access = db::Access::read_only});
        const std::set<std::string> others{"account", "mailbox", "placement"};
        const auto rows = test::dump_rows(reference, others);
        const auto uidvalidity = value(directory, "SELECT max(uidvalidity) FROM mailbox");
        ruin.inflict(directory);

        const auto done = rebuild(directory.layout(), {.account = "alice", .snapshot_database = reference.path()});
        CHECK(done.troubles.empty());
        CHECK(done.sums.known == done.sums.messages);
        CHECK(done.sums.recovered == 0);
        CHECK(done.sums.lost == 0);
        test::check_promises(directory.layout());
        CHECK(contents_of(directory) == contents);
        CHECK(mail(directory) == before);
        CHECK(value(directory, "SELECT min(uidvalidity) FROM mailbox WHERE expunged = 0") > uidvalidity);
        db::Database rebuilt(directory.layout().account_db("alice"), {.access = db::Access::read_write});
        CHECK(test::dump_rows(rebuilt, others) == rows);
    }
}

TEST_CASE("messages that came, went or changed since the snapshot", "[repair][rebuild]") {
    const Directory directory;
    const auto snapshot = snapshot_of(directory);
    auto before = mail(directory);
    std::int64_t fresh = 0;
    {
        auto account = store::Account::open(directory.layout(), "alice");
        fresh = number(store::deliver(account, "Inbox", {.prefix = "X-Gone: yes\r\n", .received = account.now()},
                                      Directory::message("Re: plan", "fresh@example", "3@example"))
                           .id);
        account.close();
    }
    fs::remove(directory.layout().message("alice", 4));
    const auto changed = directory.layout().message("alice", 1);
    test::write_bytes(changed, read_file(changed) + "more");
    fs::remove(directory.layout().account_db("alice"));

    const auto done = rebuild(directory.layout(), {.account = "alice", .snapshot_database = snapshot});
    CHECK(done.troubles.empty());
    CHECK(done.sums.recovered == 2);
    CHECK(done.sums.lost == 1);
    test::check_promises(directory.layout());
    const auto recovered = mail(directory, "Recovered");
    REQUIRE(recovered.size() == 2);
    CHECK(recovered[0].starts_with("Recovered 1 1 "));
    CHECK(recovered[1].starts_with("Recovered 2 " + std::to_string(fresh) + " "));
    std::erase_if(before,
                  [](const std::string& line) { return line.find("Inbox 1 1 ") == 0 || line.find("Inbox 4 4 ") == 0; });
    auto after = mail(directory);
    std::erase_if(after, [](const std::string& line) { return line.starts_with("Recovered "); });
    CHECK(after == before);
    // It answers a message that the snapshot knows.
    CHECK(value(directory, "SELECT thread_parent FROM message WHERE id = " + std::to_string(fresh)) == 3);
}

TEST_CASE("a reservation in the snapshot removes nothing", "[repair][rebuild]") {
    const Directory directory;
    directory.sql("alice",
                  "INSERT INTO id_block (first_id, last_id, purpose, lock_number, lock_token, started) VALUES (50, 60,"
                  " 'import', 4000, 'x', 0); UPDATE account SET next_message_id = 100");
    const auto snapshot = snapshot_of(directory);
    test::write_bytes(directory.layout().message("alice", 55), Directory::message("kept", "55@example"));
    fs::remove(directory.layout().account_db("alice"));
    const auto done = rebuild(directory.layout(), {.account = "alice", .snapshot_database = snapshot});
    CHECK(done.sums.recovered == 1);
    test::check_promises(directory.layout());
}

TEST_CASE("the junk filter is made anew with the database", "[repair][rebuild]") {
    const Directory directory;
    {
        auto account = store::Account::open(directory.layout(), "alice");
        for (int i = 0; i < 4; ++i)
            (void)store::deliver(account, i % 2 == 0 ? "Junk" : "Inbox",
                                 {.received = account.now(),
                                  .flags = i % 2 == 0 ? model::Flags(model::Flag::junk) : model::Flag::not_junk},
                                 Directory::message("trained", std::to_string(i) + "@trained"));
        const junk::Parameters parameters{.onegrams = true, .twograms = false, .tokenizer_version = 1};
        auto filter = store::open_junk_filter(account, parameters, std::chrono::milliseconds(50));
        (void)store::retrain(account, filter, {.parameters = parameters, .jobs = 1, .progress = {}});
        account.close();
    }
    test::check_promises(directory.layout());
    const auto snapshot = snapshot_of(directory);
    fs::remove(directory.layout().account_db("alice"));
    const auto done = rebuild(directory.layout(), {.account = "alice", .snapshot_database = snapshot});
    CHECK(done.sums.has_filter);
    test::check_promises(directory.layout());
    CHECK(value(directory, "SELECT trains FROM account") == 1);
    CHECK(value(directory, "SELECT count(*) FROM placement WHERE trained <> 0") == 4);
    CHECK(status_of(directory / "moved/accounts/alice/junkfilter.db"));
}

TEST_CASE("what is no message's file moves out of the way", "[repair][rebuild]") {
    const Directory directory;
    const auto folder = directory.layout().messages("alice");
    test::write_bytes(folder / "a/letter", "x");
    test::write_bytes(folder / "readme", "y");
    fs::create_directory(folder / "a/77");
    fs::create_symlink("nowhere", folder / "a/78");
    const auto contents = contents_of(directory);
    fs::remove(directory.layout().account_db("alice"));
    CHECK(rebuild(directory.layout(), {.account = "alice"}).troubles.empty());
    test::check_promises(directory.layout());
    CHECK(contents_of(directory) == contents);
    CHECK(read_file(directory / "moved/accounts/alice/msg/a/letter") == "x");
    CHECK(fs::is_symlink(directory / "moved/accounts/alice/msg/a/78"));
}

TEST_CASE("a database that is sound, or can be mended, is not made anew unless forced", "[repair][rebuild]") {
    struct Row {
        std::string what, sql;
        Errc code;
    };
    for (const auto& row :
         {Row{"sound", "", Errc::failed}, Row{"mended by --fix", "UPDATE account SET message_size = 0", Errc::failed},
          Row{"without an index", "DROP INDEX message_thread", Errc::failed},
          Row{"newer", "PRAGMA user_version = 1000", Errc::newer_version}}) {
        INFO(row.what);
        const Directory directory;
        if (!row.sql.empty()) directory.sql("alice", row.sql);
        const auto tree = test::dump_tree(directory.layout().accounts());
        CHECK(refusal(directory.layout(), {.account = "alice"}) == row.code);
        CHECK(test::dump_tree(directory.layout().accounts()) == tree);
        CHECK(fs::is_empty(directory.layout().tmp()));
        (void)rebuild(directory.layout(), {.account = "alice", .force = true});
        test::check_promises(directory.layout());
    }
}

TEST_CASE("nothing is rebuilt while somebody is at work, or of what is not there", "[repair][rebuild]") {
    const Directory directory;
    const auto options = repair::RebuildOptions{.account = "alice", .force = true};
    CHECK(refusal(directory.layout(), {.account = "nobody"}) == Errc::not_found);
    CHECK(refusal(directory.layout(), {.account = "../alice"}) == Errc::not_found);
    const auto tree = test::dump_tree(directory.layout().accounts());
    for (const std::string lock : {"serve", "repair", "train-alice"}) {
        INFO(lock);
        const auto held = datadir::Lock::try_take(directory.layout(), lock, datadir::LockMode::exclusive);
        CHECK(refusal(directory.layout(), options) == Errc::locked);
    }
    {
        auto account = store::Account::open(directory.layout(), "alice");
        CHECK(refusal(directory.layout(), options) == Errc::locked);
        account.close();
    }
    CHECK(test::dump_tree(directory.layout().accounts()) == tree);
    fs::rename(directory / "accounts/alice/msg", directory.temp() / "away");
    test::write_bytes(directory / "accounts/alice/msg", "x");
    CHECK(refusal(directory.layout(), options) == Errc::failed);
}

TEST_CASE("a damaged snapshot is refused, and nothing has changed", "[repair][rebuild]") {
    struct Row {
        std::string what;
        std::function<void(const fs::path&)> damage;
        Errc code;
    };
    for (const auto& row :
         {Row{"a flipped bit", [](const fs::path& path) { test::flip_in(path, "X-Added"); }, Errc::corrupt},
          Row{"cut", [](const fs::path& path) { fs::resize_file(path, fs::file_size(path) / 2); }, Errc::corrupt},
          Row{"noise", [](const fs::path& path) { test::write_bytes(path, std::string(9'000, 'x')); }, Errc::corrupt},
          Row{"another database",
              [](const fs::path& path) {
                  db::Database database(path, {.access = db::Access::read_write, .switch_to_wal = false});
                  database.exec("PRAGMA application_id = 7");
              },
              Errc::unknown_format},
          Row{"newer",
              [](const fs::path& path) {
                  db::Database database(path, {.access = db::Access::read_write, .switch_to_wal = false});
                  database.exec("PRAGMA user_version = 1000");
              },
              Errc::newer_version}}) {
        INFO(row.what);
        const Directory directory;
        const auto snapshot = snapshot_of(directory);
        row.damage(snapshot);
        const auto tree = test::dump_tree(directory.layout().accounts());
        const auto code =
            refusal(directory.layout(), {.account = "alice", .snapshot_database = snapshot, .force = true});
        CHECK(code == row.code);
        CHECK(test::dump_tree(directory.layout().accounts()) == tree);
        CHECK(fs::is_empty(directory.layout().tmp()));
    }
}
