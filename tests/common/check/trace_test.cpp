#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "archive/reader.hpp"
#include "base/hash.hpp"
#include "check/verify.hpp"
#include "snapshot/archive_contents.hpp"
#include "snapshot/take.hpp"
#include "support/healthy_directory.hpp"
#include "support/mounts.hpp"

using namespace mox;
namespace fs = std::filesystem;

namespace {

using Directory = test::HealthyDirectory;

struct Entry {
    std::string bytes, attributes;
    std::int64_t size = 0;
    ino_t inode = 0;
    nlink_t links = 0;
    mode_t mode = 0;
    uid_t user = 0;
    gid_t group = 0;
    std::pair<std::int64_t, std::int64_t> modified, changed, read;
    friend bool operator==(const Entry&, const Entry&) = default;
};

std::string attributes_of(const fs::path& path) {
    std::string names(4096, '\0'), all;
    const auto size = ::llistxattr(path.c_str(), names.data(), names.size());
    if (size <= 0) return {};
    names.resize(static_cast<std::size_t>(size));
    for (std::size_t at = 0; at < names.size(); at = names.find('\0', at) + 1) {
        const char* name = names.c_str() + at;
        std::string value(4096, '\0');
        const auto length = ::lgetxattr(path.c_str(), name, value.data(), value.size());
        value.resize(length < 0 ? 0 : static_cast<std::size_t>(length));
        all += std::string(name) + "=" + value + ";";
    }
    return all;
}

std::pair<std::int64_t, std::int64_t> moment(const struct timespec& time) {
    return {time.tv_sec, time.tv_nsec};
}

// Everything that can be seen of a file. Looking changes nothing: files are opened so that their times stay, and this
// state is taken of who has set the times back first.
using State = std::map<std::string, Entry>;
State state_of(const fs::path& root) {
    State state;
    const auto add = [&](const fs::path& path) {
        const auto status = status_of(path).value();
        Entry entry{.attributes = attributes_of(path),
                    .size = S_ISDIR(status.st_mode) ? 0 : status.st_size,
                    .inode = status.st_ino,
                    .links = status.st_nlink,
                    .mode = status.st_mode,
                    .user = status.st_uid,
                    .group = status.st_gid,
                    .modified = moment(status.st_mtim),
                    .changed = moment(status.st_ctim),
                    .read = S_ISREG(status.st_mode) ? moment(status.st_atim) : std::pair<std::int64_t, std::int64_t>{}};
        if (S_ISREG(status.st_mode)) {
            const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_NOATIME | O_CLOEXEC));
            std::vector<std::byte> bytes(static_cast<std::size_t>(status.st_size));
            REQUIRE(fd);
            (void)read_full(fd.get(), bytes, path);
            entry.bytes = to_hex(sha256(bytes));
        }
        state[path.native()] = std::move(entry);
    };
    add(root);
    for (const auto& entry : fs::recursive_directory_iterator(root)) add(entry.path());
    return state;
}

// So that a read would be seen, whatever relatime says: the last read lies before the last change.
void make_reads_visible(const fs::path& root) {
    for (const auto& entry : fs::recursive_directory_iterator(root)) {
        if (!entry.is_regular_file()) continue;
        const struct timespec times[2] = {{.tv_sec = 1'000'000'000, .tv_nsec = 1},
                                          {.tv_sec = 0, .tv_nsec = UTIME_OMIT}};
        REQUIRE(::utimensat(AT_FDCWD, entry.path().c_str(), times, 0) == 0);
    }
}

std::set<std::string> verify(const datadir::Layout& layout, check::Options options) {
    std::set<std::string> found;
    (void)check::verify(layout, options, [&](const check::Finding& finding) {
        if (finding.check != "owner-mode") found.insert(finding.path + " " + std::string(finding.check));
    });
    return found;
}

const std::vector<check::Options>& ways() {
    static const std::vector<check::Options> rows{
        {.jobs = 2},
        {.contents = check::Contents::hashes, .jobs = 2},
        {.contents = check::Contents::hashes, .sample = check::Sample{.seed = 3, .share = 0.5}, .jobs = 1}};
    return rows;
}

void check_no_trace(const fs::path& root, const datadir::Layout& layout, const std::set<std::string>& expected = {},
                    const fs::path& snapshot = {}) {
    make_reads_visible(root);
    const test::TempDir scratch;
    for (auto options : ways()) {
        options.scratch = scratch.path();
        options.snapshot = snapshot;
        const auto before = state_of(root);
        CHECK(verify(layout, options) == expected);
        auto after = state_of(root);
        CHECK(fs::is_empty(scratch.path()));
        REQUIRE(after.size() == before.size());
        for (auto& [path, entry] : after) {
            INFO(path);
            const Entry& was = before.at(path);
            // SQLite has no way of hiding that it reads; message files must not show it.
            if (path.find("/msg/") == std::string::npos && path.find("/queue/a/") == std::string::npos)
                entry.read = was.read;
            CHECK(entry.bytes == was.bytes);
            CHECK(entry.modified == was.modified);
            CHECK(entry.changed == was.changed);
            CHECK(entry.read == was.read);
            CHECK(entry == was);
        }
    }
}

// A copy of the directory made while the log of alice's database holds transactions: what a crash leaves.
datadir::Layout crashed_copy(const Directory& directory, const fs::path& target) {
    db::Database database(directory.layout().account_db("alice"), {.access = db::Access::read_write});
    database.exec("PRAGMA wal_autocheckpoint = 0; UPDATE account SET message_size = 4711");
    fs::copy(directory.layout().root(), target, fs::copy_options::recursive);
    return datadir::Layout(target);
}
const std::set<std::string> wrong_size{"accounts/alice/index.db account-size"};

// A copy of the directory in which a transaction with a rollback journal was not completed.
datadir::Layout copy_with_journal(const Directory& directory, const fs::path& target) {
    const auto path = directory.layout().queue_db();
    db::Database database(path, {.access = db::Access::read_write, .switch_to_wal = false});
    database.exec("PRAGMA journal_mode = DELETE; PRAGMA cache_size = 1; PRAGMA cache_spill = 1");
    database.exec("BEGIN IMMEDIATE; UPDATE queue SET next_message_id = 1; CREATE TABLE more (x TEXT) STRICT");
    for (int i = 0; i < 200; ++i) database.run("INSERT INTO more VALUES (?)", std::string(1000, 'x'));
    fs::copy(directory.layout().root(), target, fs::copy_options::recursive);
    return datadir::Layout(target);
}

}  // namespace

TEST_CASE("verification leaves no trace in a directory", "[check][trace]") {
    const Directory directory;
    check_no_trace(directory.layout().root(), directory.layout());
}

TEST_CASE("verification leaves no trace in what a crash left", "[check][trace]") {
    const Directory directory;
    const test::TempDir place;
    const auto layout = crashed_copy(directory, place / "crashed");
    REQUIRE(fs::file_size(layout.account_db("alice").native() + "-wal") > 0);
    check_no_trace(layout.root(), layout, wrong_size);
    // Without the index of the log, too: nobody makes it.
    fs::remove(layout.account_db("alice").native() + "-shm");
    check_no_trace(layout.root(), layout, wrong_size);
}

TEST_CASE("verification leaves no trace beside a rollback journal", "[check][trace]") {
    const Directory directory;
    const test::TempDir place;
    const auto layout = copy_with_journal(directory, place / "interrupted");
    REQUIRE(fs::file_size(layout.queue_db().native() + "-journal") > 0);
    check_no_trace(layout.root(), layout);
}

TEST_CASE("verification leaves no trace in a directory in use", "[check][trace]") {
    const Directory directory;
    auto account = store::Account::open(directory.layout(), "alice");
    (void)store::deliver(account, "Inbox", {.received = account.now()}, Directory::message("hot", "hot@example"));
    // The log is hot: its index lies in shared memory, where readers leave marks.
    make_reads_visible(directory.layout().root());
    const auto before = state_of(directory.layout().root());
    REQUIRE(before.contains(directory.layout().account_db("alice").native() + "-wal"));
    for (const auto& options : ways()) CHECK(verify(directory.layout(), options).empty());
    auto after = state_of(directory.layout().root());
    REQUIRE(after.size() == before.size());
    for (auto& [path, entry] : after) {
        if (path.ends_with("-shm")) continue;
        INFO(path);
        const Entry& was = before.at(path);
        if (path.find("/msg/") == std::string::npos) entry.read = was.read;
        // SQLite gives a log that it opens the owner of its database, if it may, which it has already.
        if (path.ends_with("-wal") && ::geteuid() == 0) entry.changed = was.changed;
        CHECK(entry.bytes == was.bytes);
        CHECK(entry.modified == was.modified);
        CHECK(entry.changed == was.changed);
        CHECK(entry == was);
    }
    account.close();
}

TEST_CASE("verification leaves no trace in a snapshot or an archive", "[check][trace]") {
    const Directory directory;
    const test::TempDir place;
    snapshot::Observer silent;
    const snapshot::TakeOptions how{.data_dir = directory.layout().root()};
    const auto taken = place / "snapshot";
    (void)snapshot::take(how, taken, silent);
    check_no_trace(taken, datadir::Layout(taken / "data"), {}, taken);

    fs::create_directory(place / "archives");
    const auto file = place / "archives/mox.tar";
    (void)snapshot::take_archive(how, {.file = file, .write = {.format = archive::Format::tar}}, silent);
    make_reads_visible(place / "archives");
    const auto before = state_of(place / "archives");
    {
        const TemporaryDirectory unpacked(place.path());
        auto reader = archive::open_archive(file);
        const auto contents = snapshot::read_archive(reader, file, unpacked.path(), snapshot::Unpack::databases, {});
        const check::Options options{
            .contents = check::Contents::hashes, .snapshot = unpacked.path(), .archive = &contents};
        CHECK(verify(datadir::Layout(unpacked.path() / "data"), options).empty());
    }
    auto after = state_of(place / "archives");
    for (auto& [path, entry] : after) entry.read = before.at(path).read;
    CHECK(after == before);
}

TEST_CASE("a directory on a medium that cannot be written verifies", "[check][trace]") {
    for (const std::string kind : {"closed", "crashed", "with a journal"}) {
        INFO(kind);
        const Directory directory;
        const test::TempDir place;
        if (kind == "closed") fs::copy(directory.layout().root(), place / "data", fs::copy_options::recursive);
        if (kind == "crashed") (void)crashed_copy(directory, place / "data");
        if (kind == "with a journal") (void)copy_with_journal(directory, place / "data");
        const auto mounted = test::Mounted::read_only(place / "data");
        if (!mounted) return;
        const test::TempDir scratch;
        for (auto options : ways()) {
            options.scratch = scratch.path();
            CHECK(verify(datadir::Layout(place / "data"), options) ==
                  (kind == "crashed" ? wrong_size : std::set<std::string>{}));
        }
        CHECK(fs::is_empty(scratch.path()));
    }
}
