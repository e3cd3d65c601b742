#include "snapshot/take.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/snapshot/fixture.hpp"
#include "datadir/lock.hpp"
#include "snapshot/destination.hpp"

using namespace mox;
using namespace mox::test;

namespace {

using Problems = std::set<std::string>;

ino_t inode_of(const fs::path& path) {
    return status_of(path).value().st_ino;
}

}  // namespace

TEST_CASE("a snapshot has data, configuration and a manifest, and verifies", "[snapshot]") {
    const Source source;
    const auto before = contents_of(source.layout.root());
    Hearing hearing;
    const auto manifest = source.take(hearing);
    CHECK(hearing.problems() == Problems{});
    CHECK(manifest.complete());
    CHECK(manifest.totals.accounts == 2);
    CHECK(manifest.totals.messages == 10);
    CHECK(manifest.totals.message_files == 10);
    CHECK(manifest.totals.mailboxes == 12);
    CHECK(hearing.stored_files() == 10);
    require_whole(source.dest);
    CHECK(snapshot::read_manifest(source.dest) == manifest);
    CHECK(contents_of(source.layout.root()) == before);
    CHECK(contents_of(source.dest / "config") == contents_of(source.config));
    CHECK((status_of(source.dest / "config/dkim/key.pem")->st_mode & 07777) == 0600);
    for (const auto* name : {"moxversion", "receivedid.key", "lastknownversion", "acme/keycerts/example.org"})
        CHECK(read_file(source.dest / "data" / name) == read_file(source.layout.root() / name));
    CHECK_FALSE(status_of(source.dest / snapshot::incomplete_name));
    CHECK(inode_of(source.dest / "data" / source.message(0)) != inode_of(source.layout.root() / source.message(0)));
    // What it holds works as a data directory.
    auto account = store::Account::open(datadir::open(source.dest / "data"), "alice");
    CHECK(number(store::deliver(account, "Inbox", {.received = source.clock.now()}, message_text(9)).uid) == 6);
}

TEST_CASE("a snapshot links to the live files only when asked to", "[snapshot]") {
    const Source source;
    Hearing hearing;
    auto options = source.options();
    options.messages.allow_link = true;
    const auto manifest = snapshot::take(options, source.dest, hearing);
    CHECK(manifest.totals.linked == 10);
    CHECK(manifest.link_live);
    require_whole(source.dest);
    CHECK(inode_of(source.dest / "data" / source.message(0)) == inode_of(source.layout.root() / source.message(0)));
    CHECK(inode_of(source.dest / "data/receivedid.key") != inode_of(source.layout.received_id_key()));
}

TEST_CASE("a snapshot has no looser modes than the source", "[snapshot]") {
    const Source source;
    ::chmod((source.layout.root() / source.message(0)).c_str(), 0400);
    ::chmod(source.layout.received_id_key().c_str(), 0600);
    ::chmod(source.layout.root().c_str(), 0750);
    Hearing hearing;
    (void)source.take(hearing);
    for (const auto& entry : fs::recursive_directory_iterator(source.dest / "data")) {
        const auto copied = status_of(entry.path())->st_mode & 0777;
        const auto original = status_of(source.layout.root() / entry.path().lexically_relative(source.dest / "data"));
        INFO(entry.path());
        REQUIRE(original);
        CHECK((copied | original->st_mode | 0700) == (original->st_mode | 0700));
    }
    CHECK((status_of(source.dest)->st_mode & 0027) == 0);
}

TEST_CASE("a snapshot without configuration leaves it out", "[snapshot]") {
    const Source source;
    Hearing hearing;
    auto options = source.options();
    options.config_dir.reset();
    CHECK_FALSE(snapshot::take(options, source.dest, hearing).config);
    CHECK_FALSE(status_of(source.dest / "config"));
    require_whole(source.dest);
}

TEST_CASE("queued messages are in a snapshot", "[snapshot]") {
    const Source source;
    {
        queue::Queue queue(source.layout, {.access = db::Access::create}, source.clock);
        queue::NewMessage message;
        message.envelope.queued = source.clock.now();
        message.envelope.sender_account = "alice";
        message.envelope.sender = {"alice", "example.org"};
        message.envelope.recipient = {"bob", "example.org"};
        message.pending.next_attempt = 1'700'000'000;
        (void)queue.add(std::span(&message, 1), message_text(1));
        const auto second = queue.add(std::span(&message, 1), message_text(2));
        const auto hold = datadir::hold_erasure(source.layout, std::chrono::milliseconds(0));
        queue.remove(second.at(0));
        queue.close();
    }
    Hearing hearing;
    const auto manifest = source.take(hearing);
    CHECK(hearing.problems() == Problems{});
    CHECK(manifest.totals.queued_messages == 1);
    CHECK(manifest.totals.message_files == 12);
    require_whole(source.dest);
    CHECK(read_file(source.dest / "data/queue/a/1") == message_text(1));
}

TEST_CASE("files that wait for erasure may be gone, those of live messages may not", "[snapshot]") {
    const Source source;
    {
        auto account = store::Account::open(source.layout, "alice");
        store::Transaction tx(account);
        const auto inbox = store::find_mailbox(account.database(), "Inbox").value();
        (void)store::expunge(tx, inbox.id, {{store::Uid{1}, store::Uid{2}}}, store::Expunge::all);
        tx.commit();
        account.close();
    }
    fs::remove(source.layout.root() / source.message(0));
    fs::remove(source.layout.root() / source.message(2));
    Hearing hearing;
    const auto manifest = source.take(hearing);
    CHECK(hearing.problems() == Problems{source.message(2) + ": message file is missing"});
    CHECK_FALSE(manifest.complete());
    CHECK(manifest.problem_count == 1);
    CHECK(status_of(source.dest / "data" / source.message(1)));
    CHECK(deviations(source.dest).empty());
}

TEST_CASE("files newer than the snapshot and of id blocks in use are ignored", "[snapshot]") {
    const Source source;
    auto account = store::Account::open(source.layout, "alice");
    const auto taken = account.take_message_id();  // its block is in use now
    source.dir.write("source/" + source.layout.relative(account.message_file(taken)), "under way");
    source.dir.write("source/accounts/alice/msg/" + datadir::message_path(900'000), "newer");
    Hearing hearing;
    (void)source.take(hearing);
    CHECK(hearing.problems() == Problems{});
    CHECK_FALSE(status_of(source.dest / "data" / source.layout.relative(account.message_file(taken))));
    require_whole(source.dest);
}

TEST_CASE("odd things in place of message files are named and the rest is copied", "[snapshot]") {
    struct Row {
        const char* name;
        std::function<void(const fs::path&)> make;
        std::string problem;
    };
    const std::vector<Row> rows{
        {"directory", [](const fs::path& p) { fs::create_directory(p); }, "message file is a folder, not copied"},
        {"pipe", [](const fs::path& p) { REQUIRE(::mkfifo(p.c_str(), 0600) == 0); },
         "message file is a named pipe, not copied"},
        {"link", [](const fs::path& p) { fs::create_symlink("/etc/passwd", p); },
         "message file is a symbolic link, not copied"},
        {"socket",
         [](const fs::path& p) {
             const UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM, 0));
             sockaddr_un address{.sun_family = AF_UNIX};
             REQUIRE(p.native().size() < sizeof address.sun_path);
             p.native().copy(address.sun_path, p.native().size());
             REQUIRE(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
         },
         "message file is a socket, not copied"},
        {"short", [](const fs::path& p) { std::ofstream(p) << "abc"; },
         "message file has 3 bytes instead of " + std::to_string(message_text(3).size()) + "; copied"},
    };
    for (const bool link : {false, true}) {
        for (const auto& row : rows) {
            INFO(row.name);
            const Source source;
            fs::remove(source.layout.root() / source.message(3));
            row.make(source.layout.root() / source.message(3));
            Hearing hearing;
            auto options = source.options();
            options.messages.allow_link = link;
            const auto manifest = snapshot::take(options, source.dest, hearing);
            CHECK(hearing.problems() == Problems{source.message(3) + ": " + row.problem});
            CHECK(manifest.totals.message_files == (row.name == std::string("short") ? 10 : 9));
            CHECK(snapshot::read_manifest(source.dest).problem_count == 1);
            CHECK(deviations(source.dest).empty());
        }
    }
}

TEST_CASE("a message file that cannot be read is named", "[snapshot]") {
    if (::geteuid() == 0) {
        WARN("skipped: root can read everything");
        return;
    }
    const Source source;
    ::chmod((source.layout.root() / source.message(1)).c_str(), 0);
    Hearing hearing;
    CHECK(source.take(hearing).totals.message_files == 9);
    CHECK(hearing.problems() == Problems{source.message(1) + ": message file cannot be read: open: permission denied"});
}

TEST_CASE("what does not belong into a data directory is named, and copied where it can be", "[snapshot]") {
    const Source source;
    source.dir.write("source/notes.txt", "x");
    source.dir.write("source/accounts/stray", "x");
    source.dir.write("source/accounts/alice/junkfilter.bloom", "x");
    source.dir.write("source/accounts/alice/msg/README", "x");
    source.dir.write("source/accounts/alice/msg/a/core", "x");
    source.dir.write("source/accounts/alice/msg/zz/deep/er", "x");
    source.dir.write("source/accounts/bob/msg/b/7", "wrong folder");
    source.dir.write("source/queue/a/5", "no queue database");
    fs::create_symlink("notes.txt", source.layout.root() / "link");
    fs::create_directories(source.layout.root() / "accounts/ghost");
    // Expected ones are silent.
    source.dir.write("source/tmp/half", "x");
    source.dir.write("source/moxversion.0123456789abcdef.tmp", "x");
    source.dir.write("source/moved/a/1", "x");
    Hearing hearing;
    const auto manifest = source.take(hearing);
    const std::string copied = ": does not belong here; copied";
    CHECK(hearing.problems() ==
          Problems{"notes.txt" + copied, "accounts/stray" + copied, "accounts/alice/junkfilter.bloom" + copied,
                   "accounts/alice/msg/README" + copied, "accounts/alice/msg/a/core" + copied,
                   "accounts/alice/msg/zz/deep/er" + copied, "accounts/bob/msg/b/7" + copied, "queue/a/5" + copied,
                   "link: is a symbolic link, not copied", "accounts/ghost: account without a database"});
    CHECK(manifest.problem_count == 10);
    CHECK(read_file(source.dest / "data/accounts/bob/msg/b/7") == "wrong folder");
    CHECK_FALSE(status_of(source.dest / "data/tmp/half"));
    CHECK(deviations(source.dest).empty());
}

TEST_CASE("a damaged database costs its account its consistency, and nobody else anything", "[snapshot]") {
    struct Row {
        const char* name;
        std::string bytes;
    };
    const std::vector<Row> rows{{"garbage", std::string(20'000, 'x')}, {"empty", ""}, {"short", "SQLite format 3"}};
    for (const auto& row : rows) {
        INFO(row.name);
        const Source source;
        for (const auto* suffix : {"-wal", "-shm"}) fs::remove(source.layout.account_db("alice").native() + suffix);
        source.dir.write("source/accounts/alice/index.db", row.bytes);
        source.dir.write("source/accounts/alice/index.db-wal", "wal");
        Hearing hearing;
        const auto manifest = source.take(hearing);
        REQUIRE(manifest.problem_count == 1);
        CHECK(manifest.problems[0].path == "accounts/alice/index.db");
        CHECK(manifest.totals.message_files == 5);
        CHECK(read_file(source.dest / "data/accounts/alice/index.db") == row.bytes);
        CHECK(read_file(source.dest / "data/accounts/alice/index.db-wal") == "wal");
        CHECK(read_file(source.layout.account_db("alice").native() + "-wal") == "wal");
        CHECK(read_file(source.dest / "data" / source.message(4)) == message_text(4));
        CHECK(deviations(source.dest).empty());
    }
}

TEST_CASE("damage that shows only on reading is found too", "[snapshot]") {
    const Source source;
    {
        // The b-tree pages of the table are overwritten; header and schema stay whole.
        auto database = db::Database(source.layout.account_db("alice"), {.access = db::Access::read_write});
        database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
        const auto page = database.value<std::int64_t>("SELECT rootpage FROM sqlite_schema WHERE name = 'message'");
        const auto size = database.value<std::int64_t>("PRAGMA page_size");
        std::fstream file(source.layout.account_db("alice"), std::ios::in | std::ios::out | std::ios::binary);
        file.seekp((page.value() - 1) * size.value());
        file << std::string(static_cast<std::size_t>(size.value()), '\x55');
    }
    Hearing hearing;
    const auto manifest = source.take(hearing);
    CHECK_FALSE(manifest.complete());
    CHECK(hearing.problems().begin()->starts_with("accounts/alice/index.db: "));
    CHECK(read_file(source.dest / "data" / source.message(4)) == message_text(4));
    CHECK(deviations(source.dest).empty());
}
