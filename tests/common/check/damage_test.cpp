#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <functional>
#include <map>
#include <set>
#include <thread>

#include "base/encoding.hpp"
#include "base/error.hpp"
#include "base/interrupt.hpp"
#include "base/random.hpp"
#include "check/verify.hpp"
#include "datadir/lock.hpp"
#include "junk/filter_db.hpp"
#include "store/id_blocks.hpp"
#include "support/healthy_directory.hpp"
#include "support/promises.hpp"

using namespace mox;
namespace fs = std::filesystem;

namespace {

using Directory = test::HealthyDirectory;

std::map<std::string, std::set<std::string>> verify(const datadir::Layout& layout, check::Options options = {}) {
    std::map<std::string, std::set<std::string>> checks;  // by path
    (void)check::verify(layout, options, [&](const check::Finding& finding) {
        UNSCOPED_INFO(finding.path << ": " << finding.detail << " [" << finding.check << "]");
        if (finding.check != "owner-mode") checks[finding.path].insert(std::string(finding.check));
    });
    return checks;
}

void write(const fs::path& path, std::string_view bytes) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

struct Entry {
    std::string bytes;
    std::int64_t seconds = 0, nanoseconds = 0;
    mode_t mode = 0;
    friend bool operator==(const Entry&, const Entry&) = default;
};
std::map<std::string, Entry> state_of(const fs::path& root) {
    std::map<std::string, Entry> state;
    const auto add = [&](const fs::path& path) {
        const auto status = status_of(path).value();
        state[path.native()] = {.bytes = S_ISREG(status.st_mode) ? read_file(path) : std::string(),
                                .seconds = status.st_mtim.tv_sec,
                                .nanoseconds = status.st_mtim.tv_nsec,
                                .mode = status.st_mode};
    };
    add(root);
    for (const auto& entry : fs::recursive_directory_iterator(root)) add(entry.path());
    return state;
}

// What can happen to a file.
struct Ruin {
    std::string name;
    std::function<void(const fs::path&)> inflict;
};
const std::vector<Ruin>& ruins() {
    static const std::vector<Ruin> rows{
        {"truncated", [](const fs::path& path) { fs::resize_file(path, fs::file_size(path) / 2); }},
        {"cut within a page", [](const fs::path& path) { fs::resize_file(path, fs::file_size(path) - 100); }},
        {"empty", [](const fs::path& path) { fs::resize_file(path, 0); }},
        {"noise",
         [](const fs::path& path) {
             std::vector<std::byte> bytes(fs::file_size(path));
             SeededRandom(1).fill(bytes);
             write(path, as_text(bytes));
         }},
        {"header kept, noise behind",
         [](const fs::path& path) {
             std::string bytes = read_file(path);
             SeededRandom(2).fill(std::as_writable_bytes(std::span(bytes)).subspan(100));
             write(path, bytes);
         }},
        {"zeroed first page",
         [](const fs::path& path) { write(path, std::string(4096, '\0') + read_file(path).substr(4096)); }},
        {"zeroed second page",
         [](const fs::path& path) { write(path, read_file(path).replace(4096, 4096, std::string(4096, '\0'))); }},
        {"of the original mox",
         [](const fs::path& path) {
             write(path, std::string(16, '\0') + "\xed\xda\x0c\xed" + std::string(8192, '\0'));
         }},
        {"another SQLite database",
         [](const fs::path& path) {
             fs::remove(path);
             db::Database database(path, {.access = db::Access::create, .switch_to_wal = false});
             database.exec("PRAGMA application_id = 4711; CREATE TABLE other (x TEXT)");
         }},
        {"all zeros", [](const fs::path& path) { write(path, std::string(fs::file_size(path), '\0')); }},
        {"a folder", [](const fs::path& path) { fs::remove(path), fs::create_directory(path); }},
        {"a named pipe", [](const fs::path& path) { fs::remove(path), ::mkfifo(path.c_str(), 0600); }},
        {"a dangling link", [](const fs::path& path) { fs::remove(path), fs::create_symlink("/nonexistent", path); }},
        {"a link",
         [](const fs::path& path) {
             fs::rename(path, path.string() + ".real"), fs::create_symlink(path.string() + ".real", path);
         }},
        {"a socket",
         [](const fs::path& path) {
             fs::remove(path);
             const UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM, 0));
             sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
             const std::string name = path.filename().native();
             const auto before = fs::current_path();
             fs::current_path(path.parent_path());  // the names of sockets are short
             name.copy(address.sun_path, name.size());
             REQUIRE(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
             fs::current_path(before);
         }},
    };
    return rows;
}

// Nobody but root makes devices.
bool make_device(const fs::path& path) {
    fs::remove(path);
    return ::mknod(path.c_str(), S_IFCHR | 0600, makedev(1, 3)) == 0;
}

}  // namespace

TEST_CASE("a ruined database is named, and hides nothing else", "[check]") {
    for (const std::string path :
         {"accounts/alice/index.db", "accounts/alice/junkfilter.db", "queue/index.db", "dmarcrpt.db"})
        for (const auto& ruin : ruins()) {
            const Directory directory;
            if (!status_of(directory / path)) (void)junk::FilterDb(directory / path, {.access = db::Access::create});
            fs::remove(directory / "accounts/bob/msg/a/1");
            ruin.inflict(directory / path);
            INFO(path << " is " << ruin.name);
            const auto found = verify(directory.layout(), {.jobs = 2});
            REQUIRE(found.contains(path));
            CHECK(found.contains("accounts/bob/msg/a/1"));
            // Without rows nothing can be said about files.
            for (const auto& [name, checks] : found) CHECK_FALSE(checks.contains("stray-file"));
        }
}

TEST_CASE("a message's file may be anything, and is named", "[check]") {
    const std::set<std::string> kinds{"a folder", "a named pipe", "a dangling link", "a link", "a socket"};
    for (const std::string path : {"accounts/alice/msg/a/1", "queue/a/1"})
        for (const auto& ruin : ruins()) {
            if (!kinds.contains(ruin.name)) continue;
            const Directory directory;
            ruin.inflict(directory / path);
            INFO(path << " is " << ruin.name);
            const auto found = verify(directory.layout(), {.contents = check::Contents::hashes, .jobs = 2});
            REQUIRE(found.contains(path));
            CHECK(found.at(path) == std::set<std::string>{"message-file"});
        }
}

TEST_CASE("a device is named wherever it is, and never opened", "[check]") {
    for (const std::string path : {"accounts/alice/msg/a/1", "accounts/alice/index.db", "queue/index.db",
                                   "accounts/bob", "locks", "moxversion"}) {
        const Directory directory;
        fs::rename(directory / path, directory.temp() / "away");
        if (!make_device(directory / path)) {
            WARN("skipped: only root makes devices");
            return;
        }
        INFO(path);
        CHECK(verify(directory.layout(), {.contents = check::Contents::hashes, .jobs = 2}).contains(path));
    }
}

TEST_CASE("a zeroed page fails the integrity check", "[check]") {
    const Directory directory;
    std::string bytes = read_file(directory / "accounts/alice/index.db");
    for (std::size_t page = 4096; page < bytes.size(); page += 4096) {
        write(directory / "accounts/alice/index.db", std::string(bytes).replace(page, 4096, std::string(4096, '\0')));
        const auto found = verify(directory.layout(), {.jobs = 1});
        INFO("page " << page / 4096);
        if (bytes.substr(page, 4096) != std::string(4096, '\0')) REQUIRE_FALSE(found.empty());
    }
}

TEST_CASE("folders may be anything", "[check]") {
    for (const std::string path : {"accounts", "accounts/alice", "accounts/alice/msg", "accounts/alice/msg/a", "queue",
                                   "queue/a", "locks", "tmp"})
        for (const std::string kind : {"file", "pipe", "link"}) {
            const Directory directory;
            fs::rename(directory / path, directory.temp() / "away");
            if (kind == "file") write(directory / path, "x");
            if (kind == "pipe") REQUIRE(::mkfifo((directory / path).c_str(), 0600) == 0);
            if (kind == "link") fs::create_directory_symlink(directory.temp() / "away", directory / path);
            INFO(path << " is a " << kind);
            CHECK(verify(directory.layout(), {.jobs = 2}).contains(path));
        }
}

TEST_CASE("side files of a database may be anything", "[check]") {
    for (const std::string suffix : {"-wal", "-shm", "-journal"}) {
        const Directory directory;
        REQUIRE(::mkfifo((directory / ("accounts/alice/index.db" + suffix)).c_str(), 0600) == 0);
        CHECK(verify(directory.layout()).contains("accounts/alice/index.db" + suffix));
    }
}

TEST_CASE("verification leaves no trace", "[check]") {
    const Directory directory;
    const auto before = state_of(directory.layout().root());
    const test::TempDir scratch;
    CHECK(verify(directory.layout(), {.contents = check::Contents::hashes, .scratch = scratch.path()}).empty());
    CHECK(state_of(directory.layout().root()) == before);
    CHECK(fs::is_empty(scratch.path()));
}

TEST_CASE("verification of what a crash left reads the log and leaves no trace", "[check]") {
    const Directory directory;
    const test::TempDir scratch;
    const datadir::Layout crashed(scratch / "crashed");
    {
        // A copy made while the log holds the last transaction is what a crash would leave.
        db::Database database(directory.layout().account_db("alice"), {.access = db::Access::read_write});
        database.exec("PRAGMA wal_autocheckpoint = 0; UPDATE account SET message_size = 4711");
        fs::copy(directory.layout().root(), crashed.root(), fs::copy_options::recursive);
    }
    REQUIRE(fs::file_size(crashed.account_db("alice").native() + "-wal") > 0);
    const auto before = state_of(crashed.root());
    const auto found = verify(crashed);
    CHECK(found.size() == 1);
    CHECK(found.at("accounts/alice/index.db") == std::set<std::string>{"account-size"});
    CHECK(state_of(crashed.root()) == before);
}

TEST_CASE("a directory in use verifies, and what is being written is no fault", "[check]") {
    const Directory directory;
    auto account = store::Account::open(directory.layout(), "alice");
    const auto prepared = store::prepare(account, "", Directory::message("new", "n@example"));
    CHECK(verify(directory.layout(), {.jobs = 2}).empty());  // a file without a row, its id reserved
    {
        store::Transaction tx(account);
        const auto inbox = store::find_mailbox(account.database(), "Inbox").value();
        (void)store::add(tx, inbox, prepared, {.received = account.now()});
        CHECK(verify(directory.layout(), {.jobs = 2}).empty());
        tx.commit();
    }
    CHECK(verify(directory.layout(), {.contents = check::Contents::hashes, .jobs = 2}).empty());
    account.close();
    test::check_promises(directory.layout());
}

TEST_CASE("messages delivered and expunged during verification are no fault", "[check]") {
    const Directory directory;
    std::atomic<bool> done = false;
    std::thread writer([&] {
        auto account = store::Account::open(directory.layout(), "alice");
        for (int i = 0; !done; ++i) {
            store::deliver(account, "Inbox", {.received = account.now()},
                           Directory::message("busy", std::to_string(i) + "@busy"));
            store::Transaction tx(account);
            const auto inbox = store::find_mailbox(account.database(), "Inbox").value();
            if (i % 3 == 0) (void)store::expunge(tx, inbox.id, {{store::Uid{1}, store::Uid{5}}}, store::Expunge::all);
            tx.commit();
        }
        account.close();
    });
    std::map<std::string, std::set<std::string>> found;
    for (int i = 0; i < 15 && found.empty(); ++i)
        found = verify(directory.layout(), {.contents = check::Contents::hashes, .jobs = 2});
    done = true;
    writer.join();
    CHECK(found.empty());
    test::check_promises(directory.layout());
}

TEST_CASE("a locked database is reported after the time-out", "[check]") {
    const Directory directory;
    db::Database database(directory.layout().account_db("alice"), {.access = db::Access::read_write});
    database.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; UPDATE account SET trains = 1");
    const auto found = verify(directory.layout(), {.jobs = 1, .lock_timeout = std::chrono::milliseconds(50)});
    CHECK(found.at("accounts/alice/index.db") == std::set<std::string>{"database"});
    database.exec("ROLLBACK");
}

TEST_CASE("a signal stops verification", "[check]") {
    const Directory directory;
    set_interrupted_by(15);
    CHECK_THROWS_AS(verify(directory.layout()), Interrupted);
    set_interrupted_by(0);
}

TEST_CASE("an unreadable file is named", "[check]") {
    if (::geteuid() == 0) {
        WARN("skipped: root reads everything");
        return;
    }
    const Directory directory;
    fs::permissions(directory / "accounts/alice/msg/a/1", fs::perms::none);
    fs::permissions(directory / "queue/index.db", fs::perms::none);
    const auto found = verify(directory.layout());
    CHECK(found.at("accounts/alice/msg/a/1") == std::set<std::string>{"message-file"});
    CHECK(found.at("queue/index.db") == std::set<std::string>{"database"});
}
