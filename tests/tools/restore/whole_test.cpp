#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "datadir/lock.hpp"
#include "datadir/restoring.hpp"
#include "fixture.hpp"
#include "snapshot/manifest.hpp"
#include "support/mounts.hpp"

using namespace mox;
using namespace mox::test;

namespace {

std::vector<std::string> rows_of(const datadir::Layout& layout, const std::string& account,
                                 const std::set<std::string>& without = {}) {
    auto opened = store::Account::open(layout, account);
    return dump_rows(opened.database(), without);
}

std::map<std::string, std::uint32_t> uidvalidities(const datadir::Layout& layout, const std::string& account) {
    auto opened = store::Account::open(layout, account);
    std::map<std::string, std::uint32_t> found;
    for (const auto& mailbox : store::list_mailboxes(opened.database())) found[mailbox.name] = mailbox.uidvalidity;
    return found;
}

// What a destination holds that a restore began and did not end.
void leave_incomplete(const TempDir& temp) {
    temp.write("dest/.restoring", "not completely restored\n");
    temp.write("dest/accounts/alice/msg/a/1", "half");
}

}  // namespace

TEST_CASE("a directory that was lost comes back with every message byte for byte", "[restore]") {
    const RestoreFixture fixture;
    std::map<std::string, std::vector<std::string>> before;
    std::map<std::string, std::map<std::string, std::uint32_t>> old_values;
    for (const auto* name : {"alice", "bob"}) {
        before[name] = texts_of(mail_of(fixture.live(), name));
        old_values[name] = uidvalidities(fixture.live(), name);
        REQUIRE(before[name].size() > 5);
    }
    fs::remove_all(fixture.live().root());

    const auto done = fixture.run({fixture.dest(), "--config-dir", fixture.temp() / "new-etc"});
    INFO(done.out << done.err);
    REQUIRE(done.exit_code == 0);
    CHECK_THAT(done.out, Catch::StartsWith("restored 15 messages of 2 accounts ("));
    CHECK(findings_but_owner(fixture.restored()) == Words{});
    const auto floor = static_cast<std::uint32_t>(SystemClock().now().seconds / 2 - 100);
    for (const auto* name : {"alice", "bob"}) {
        CHECK(texts_of(mail_of(fixture.restored(), name)) == before[name]);
        const auto values = uidvalidities(fixture.restored(), name);
        REQUIRE(values.size() == old_values[name].size());
        for (const auto& [mailbox, value] : values) {
            CHECK(value > old_values[name][mailbox]);
            CHECK(value > floor);
        }
        db::Database database(fixture.restored().account_db(name), {.access = db::Access::read_only});
        CHECK(database.value<std::string>("PRAGMA journal_mode") == "wal");
    }
    CHECK(read_file(fixture.temp() / "new-etc/dkim/key.pem") == "secret");
    CHECK(fs::status(fixture.temp() / "new-etc/dkim/key.pem").permissions() == fs::perms(0600));
    CHECK(fs::read_symlink(fixture.temp() / "new-etc/link") == "mox.conf");
    for (const auto& folder : {fixture.dest(), fixture.temp() / "new-etc"})
        CHECK_FALSE(status_of(folder / datadir::restoring_name));

    // Life goes on: no id and no UID is used twice.
    auto account = store::Account::open(fixture.restored(), "alice");
    const auto delivered = store::deliver(account, "Inbox", {}, HealthyDirectory::message("new", "new@example"));
    CHECK(number(delivered.id) > 9);
    account.close();
    CHECK(findings_but_owner(fixture.restored()) == Words{});
}

TEST_CASE("a restore that keeps UIDVALIDITY brings back every row as it was", "[restore]") {
    const RestoreFixture fixture;
    const auto done = fixture.run({fixture.dest(), "--keep-uidvalidity", "-q"});
    INFO(done.out << done.err);
    REQUIRE(done.exit_code == 0);
    CHECK(done.out.empty());
    for (const auto* name : {"alice", "bob"})
        CHECK(rows_of(fixture.restored(), name, {"id_block"}) == rows_of(fixture.live(), name, {"id_block"}));
    // The copies are files of their own.
    for (const auto& file : files_below(fixture.restored().messages("alice")))
        CHECK(status_of(fixture.restored().messages("alice") / file)->st_nlink == 1);
}

TEST_CASE("new UIDVALIDITY values are above the stored ones when the clock is behind", "[restore]") {
    const RestoreFixture fixture;
    fixture.healthy().sql("alice", "UPDATE account SET next_uidvalidity = 4000000000");
    fixture.take(fixture.temp() / "later");
    const auto done = cli::run_tool(restore::tool(), {fixture.temp() / "later", fixture.dest()});
    INFO(done.err);
    REQUIRE(done.exit_code == 0);
    for (const auto& [mailbox, value] : uidvalidities(fixture.restored(), "alice")) CHECK(value >= 4'000'000'000);
    CHECK(findings_but_owner(fixture.restored()) == Words{});
}

TEST_CASE("ids go on above every file that there is", "[restore]") {
    const RestoreFixture fixture;
    fs::copy(fixture.live().root(), fixture.temp() / "plain", fs::copy_options::recursive);
    fixture.temp().write("plain/accounts/alice/msg/b/9000", "stray");
    const auto done = cli::run_tool(restore::tool(), {fixture.temp() / "plain", fixture.dest(), "--damaged", "--json"});
    INFO(done.out);
    CHECK(done.exit_code == 3);
    CHECK(json_of(done.out, "finding").size() == 1);
    auto account = store::Account::open(fixture.restored(), "alice");
    CHECK(number(account.take_message_id()) > 9000);
}

TEST_CASE("an interrupted restore is no data directory, and the next one replaces it", "[restore]") {
    const RestoreFixture fixture;
    leave_incomplete(fixture.temp());
    CHECK_THROWS_WITH(datadir::open(fixture.dest()), Catch::Contains("not completely restored"));
    const auto dry = fixture.run({fixture.dest(), "-n"});
    CHECK_THAT(dry.out, Catch::Contains("replacing what an interrupted restore left"));
    CHECK(status_of(fixture.dest() / "accounts/alice/msg/a/1"));

    const auto done = fixture.run({fixture.dest()});
    INFO(done.err);
    CHECK(done.exit_code == 0);
    CHECK(findings_but_owner(fixture.restored()) == Words{});
}

TEST_CASE("a series gives its newest complete snapshot", "[restore]") {
    const RestoreFixture fixture;
    const fs::path series = fixture.temp() / "series";
    fs::create_directory(series);
    fs::copy(fixture.snapshot(), series / "2026-11-20T030000Z", fs::copy_options::recursive);
    fixture.expunge_all("alice", "Inbox");
    fixture.take(series / "2026-11-21T030000Z");
    fs::remove(fixture.live().root() / "accounts/alice/msg/a/6");
    fixture.take(series / "2026-11-22T030000Z");  // a message is missing: not complete
    fs::create_directory(series / "2026-11-23T030000Z");
    fixture.temp().write("series/2026-11-23T030000Z/.incomplete", "");
    const auto done = cli::run_tool(restore::tool(), {series, fixture.dest(), "-v"});
    INFO(done.err);
    CHECK(done.exit_code == 0);
    CHECK_THAT(done.err, Catch::Contains("2026-11-21T030000Z'"));
    CHECK(mail_of(fixture.restored(), "alice").size() == mail_of(fixture.restored(), "bob").size() - 4);

    const auto named = cli::run_tool(restore::tool(), {series / "2026-11-22T030000Z", fixture.temp() / "other"});
    CHECK(named.exit_code == 1);
    CHECK_THAT(named.err, Catch::Contains("when the snapshot was made: message file is missing"));
    CHECK_FALSE(status_of(fixture.temp() / "other"));
    fs::remove_all(series / "2026-11-20T030000Z");
    fs::remove_all(series / "2026-11-21T030000Z");
    CHECK(cli::run_tool(restore::tool(), {series, fixture.temp() / "other"}).exit_code == 10);
}

TEST_CASE("a damaged snapshot is refused, and restored as far as it goes when asked", "[restore]") {
    struct Row {
        const char* name;
        void (*damage)(const fs::path& snapshot);
        const char* told;
    };
    static const Row rows[] = {
        {"contents of a message", [](const fs::path& s) { flip_byte(s / "data/accounts/alice/msg/a/1", 60); },
         "[message-hash]"},
        {"a message is gone", [](const fs::path& s) { fs::remove(s / "data/accounts/alice/msg/a/1"); },
         "message files instead of"},
        {"a message is shorter", [](const fs::path& s) { fs::resize_file(s / "data/accounts/bob/msg/a/2", 10); },
         "[message-size]"},
        {"a message is a link",
         [](const fs::path& s) {
             fs::remove(s / "data/accounts/alice/msg/a/1");
             fs::create_symlink("/etc/passwd", s / "data/accounts/alice/msg/a/1");
         },
         "symbolic link"},
        {"a queued message", [](const fs::path& s) { flip_byte(s / "data/queue/a/1", 60); }, "queue/a/1"},
        {"a database", [](const fs::path& s) { flip_byte(s / "data/accounts/alice/index.db", 5000); },
         "data/accounts/alice/index.db"},
        {"a database is cut", [](const fs::path& s) { fs::resize_file(s / "data/dmarcrpt.db", 4096); }, "dmarcrpt.db"},
        {"a file more", [](const fs::path& s) { std::ofstream(s / "data/more") << "x"; }, "data/more"},
    };
    const Row& row = rows[GENERATE(range(0, 8))];
    INFO(row.name);
    const RestoreFixture fixture;
    row.damage(fixture.snapshot());
    const auto refused = fixture.run({fixture.dest()});
    INFO(refused.out << refused.err);
    CHECK(refused.exit_code == 1);
    CHECK_THAT(refused.out + refused.err, Catch::Contains(row.told));
    CHECK_THAT(refused.err, Catch::Contains("--damaged"));
    CHECK_FALSE(status_of(fixture.dest()));
    if (fixture.run({fixture.dest(), "-n"}).exit_code == 0) FAIL("a dry run sees no damage");

    const auto done = fixture.run({fixture.dest(), "--damaged"});
    INFO(done.out << done.err);
    CHECK(done.exit_code == 3);
    auto bob = store::Account::open(fixture.restored(), "bob");
    CHECK(bob.database().value<int>("SELECT count(*) FROM placement") == 8);
}

TEST_CASE("a manifest that was altered, or none, is refused", "[restore]") {
    const RestoreFixture fixture;
    flip_byte(fixture.snapshot() / "manifest.json", 100);
    CHECK(fixture.run({fixture.dest()}).exit_code == 1);
    fs::remove(fixture.snapshot() / "manifest.json");
    const auto without = fixture.run({fixture.dest()});
    CHECK(without.exit_code == 10);
    CHECK_THAT(without.err, Catch::Contains("has no manifest.json"));
    fixture.temp().write("snapshot/.incomplete", "");
    CHECK_THAT(fixture.run({fixture.dest()}).err, Catch::Contains("incomplete"));
    // Whoever knows better can name the data directory.
    CHECK(cli::run_tool(restore::tool(), {fixture.snapshot() / "data", fixture.dest()}).exit_code == 0);
}

TEST_CASE("mox-restore refuses destinations that will not do, and touches nothing", "[restore]") {
    const RestoreFixture fixture;
    const TempDir& temp = fixture.temp();
    temp.write("full/file", "x");
    temp.write("plain-file", "x");
    (void)datadir::create(temp / "served");
    const auto serving =
        datadir::Lock::try_take(datadir::Layout(temp / "served"), "serve", datadir::LockMode::exclusive);
    leave_incomplete(temp);
    const UniqueFd working(::open((fixture.dest() / ".restoring").c_str(), O_RDONLY | O_CLOEXEC));
    REQUIRE(::flock(working.get(), LOCK_EX) == 0);
    struct Row {
        const char* name;
        const char* words;
        int exit_code;
        const char* error;
    };
    static constexpr Row rows[] = {
        {"not empty", "@full", 1, "is not empty"},
        {"a file", "@plain-file", 1, "is no directory"},
        {"served", "@served", 1, "served by a running server"},
        {"no parent", "@no/where", 10, "no directory '"},
        {"inside of the snapshot", "@snapshot/data/x", 1, "inside of the snapshot"},
        {"another restore works there", "@dest", 11, "another restore"},
        {"configuration not empty", "@new --config-dir @full", 1, "is not empty"},
        {"configuration inside", "@new --config-dir @new/etc", 1, "inside of one another"},
        {"no such user", "@new --owner nobody-at-all", 2, "no user"},
        {"no such group", "@new --owner 0:nothing-at-all", 2, "no group"},
        {"no destination", "", 2, "DEST is missing"},
        {"selection without account", "@new --mailbox Inbox", 2, "--mailbox needs --account"},
        {"target without account", "@new --duplicates", 2, "--duplicates needs --account"},
    };
    for (const auto& row : rows) {
        INFO(row.name);
        const auto done = fixture.run_line(row.words);
        INFO(done.err);
        CHECK(done.exit_code == row.exit_code);
        CHECK_THAT(done.err, Catch::Contains(row.error));
        CHECK_FALSE(status_of(temp / "new"));
    }
    CHECK(read_file(temp / "full/file") == "x");
    CHECK(status_of(fixture.dest() / "accounts/alice/msg/a/1"));
}

TEST_CASE("mox-restore refuses what is no snapshot", "[restore]") {
    const TempDir temp;
    temp.write("file", "x");
    temp.write("other/file", "x");
    temp.write("half/data/accounts/alice/index.db", "x");
    fs::create_directory(temp / "empty");
    struct Row {
        const char* name;
        int exit_code;
        const char* error;
    };
    static constexpr Row rows[] = {{"missing", 10, "no snapshot '"},
                                   {"file", 12, "is no archive"},
                                   {"other", 12, "is not a snapshot"},
                                   {"empty", 12, "is not a snapshot"},
                                   {"half", 10, "has no manifest.json"}};
    for (const auto& row : rows) {
        INFO(row.name);
        const auto done = cli::run_tool(restore::tool(), {temp / row.name, temp / "dest"});
        CHECK(done.exit_code == row.exit_code);
        CHECK_THAT(done.err, Catch::Contains(row.error));
        CHECK_FALSE(status_of(temp / "dest"));
    }
}

TEST_CASE("a destination that is full or read-only fails as a whole", "[restore]") {
    const RestoreFixture fixture;
    fs::create_directory(fixture.dest());
    if (const auto full = Mounted::small(fixture.dest(), 300'000)) {
        const auto done = fixture.run({fixture.dest()});
        INFO(done.err);
        CHECK(done.exit_code == 1);
        CHECK_THAT(done.err, Catch::Contains("no space left"));
        CHECK(fs::is_empty(fixture.dest()));
    }
    if (const auto read_only = Mounted::read_only(fixture.dest())) {
        const auto done = fixture.run({fixture.dest()});
        CHECK(done.exit_code == 1);
        CHECK_THAT(done.err, Catch::Contains(fixture.dest().native()));
    }
    CHECK(fs::is_empty(fixture.dest()));
}

TEST_CASE("restored files have the owner and the modes of their directory", "[restore]") {
    const RestoreFixture fixture;
    fs::create_directory(fixture.dest());
    fs::permissions(fixture.dest(), fs::perms(0700));
    Words words{fixture.dest()};
    const bool is_root = ::geteuid() == 0;
    if (is_root) words.insert(words.end(), {"--owner", "1234:1235"});
    const auto done = fixture.run(words);
    INFO(done.err);
    REQUIRE(done.exit_code == 0);
    for (const auto& entry : fs::recursive_directory_iterator(fixture.dest())) {
        const auto status = status_of(entry.path()).value();
        INFO(entry.path());
        CHECK((status.st_mode & 077) == 0);
        if (is_root) CHECK(status.st_uid == 1234);
        if (is_root) CHECK(status.st_gid == 1235);
    }
    CHECK(findings_in(fixture.restored()) == Words{});
    if (!is_root) CHECK(fixture.run({fixture.temp() / "new", "--owner", "0"}).exit_code == 1);
}

TEST_CASE("the queue waits when it is told to", "[restore]") {
    const RestoreFixture fixture;
    const auto sending = fixture.run({fixture.dest()});
    CHECK_THAT(sending.err, Catch::Contains("2 queued messages will be sent") && Catch::Contains("--hold-queue"));
    fs::remove_all(fixture.dest());
    const auto holding = fixture.run({fixture.dest(), "--hold-queue"});
    CHECK_THAT(holding.err, !Catch::Contains("will be sent"));
    db::Database queue(fixture.restored().queue_db(), {});
    CHECK(queue.value<int>("SELECT count(*) FROM pending WHERE hold = 1") == 2);
    CHECK(findings_but_owner(fixture.restored()) == Words{});
}

TEST_CASE("a data directory in use is no source of a whole restore", "[restore]") {
    const RestoreFixture fixture;
    auto account = store::Account::open(fixture.live(), "alice");
    const auto done = cli::run_tool(restore::tool(), {fixture.live().root(), fixture.dest()});
    CHECK(done.exit_code == 1);
    CHECK_THAT(done.err, Catch::Contains("in use") && Catch::Contains("mox-backup"));
    CHECK_FALSE(status_of(fixture.dest()));
}
