#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "fixture.hpp"

using namespace mox;
using namespace mox::test;

namespace {

void put(const fs::path& path, std::string_view text) {
    fs::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
}

// A maildir with two messages.
fs::path good_maildir(const ImportFixture& fixture) {
    const fs::path maildir = fixture.folder() / "maildir";
    fs::create_directories(maildir / "tmp");
    put(maildir / "cur" / "1700000001.M1P1.host:2,S", "Subject: one\n\n1\n");
    put(maildir / "new" / "1700000002.M2P1.host", "Subject: two\n\n2\n");
    return maildir;
}

std::vector<std::string> contents_of(const ImportFixture& fixture) {
    std::vector<std::string> found;
    for (const auto& message : fixture.messages()) found.push_back(message.contents);
    return found;
}

std::size_t count_of(std::string_view text, std::string_view part) {
    std::size_t count = 0;
    for (auto at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) ++count;
    return count;
}

const std::vector<std::string> both{"Subject: two\r\n\r\n2\r\n", "Subject: one\r\n\r\n1\r\n"};

}  // namespace

TEST_CASE("a maildir is imported whatever lies in it besides messages", "[import]") {
    struct Row {
        std::string what;
        std::function<void(const fs::path&)> add;
        std::vector<std::string> warnings;
    };
    const auto row = GENERATE(values<Row>({
        {"nothing else", [](const auto&) {}, {}},
        {"no tmp", [](const auto& dir) { fs::remove(dir / "tmp"); }, {}},
        {"a message in tmp", [](const auto& dir) { put(dir / "tmp" / "1700000000.M1P1.host", "x"); }, {}},
        {"folders of other maildirs", [](const auto& dir) { put(dir / ".Sent" / "cur" / "1.1.h:2,", "x"); }, {}},
        {"an index of another program", [](const auto& dir) { put(dir / "dovecot.index", "x"); }, {}},
        {"a folder within cur",
         [](const auto& dir) { put(dir / "cur" / "deep" / "1.1.h:2,", "x"); },
         {"maildir/cur/deep: a folder, skipped"}},
        {"a folder within new",
         [](const auto& dir) { put(dir / "new" / "1700000000.M1P1.host" / "x", "x"); },
         {"a folder, skipped"}},
        {"hidden files",
         [](const auto& dir) { put(dir / "cur" / ".nfs0001", "x"); },
         {"cur/.nfs0001: a name starting with a dot, skipped"}},
        {"broken dovecot-keywords",
         [](const auto& dir) { put(dir / "dovecot-keywords", "nonsense\n99 x\n1\n"); },
         {"dovecot-keywords:1: ", "dovecot-keywords:2: ", "dovecot-keywords:3: "}},
        {"dovecot-keywords that is a folder",
         [](const auto& dir) { fs::create_directory(dir / "dovecot-keywords"); },
         {"dovecot-keywords: not a regular file"}},
    }));
    INFO(row.what);
    const ImportFixture fixture;
    const fs::path maildir = good_maildir(fixture);
    row.add(maildir);
    const auto done = fixture.import("maildir", maildir);
    INFO(done.err);
    CHECK(done.exit_code == 0);
    CHECK(done.err.empty() == row.warnings.empty());
    for (const auto& part : row.warnings) CHECK(done.err.find(part) != std::string::npos);
    CHECK(contents_of(fixture) == both);
    fixture.require_consistent();
}

TEST_CASE("a file of a maildir that is no message fails alone and by name", "[import]") {
    struct Row {
        std::string what;
        std::function<void(const fs::path&)> make;
        std::string reason;
    };
    const auto row = GENERATE(values<Row>({
        {"a symbolic link to a file", [](const auto& path) { fs::create_symlink("/etc/passwd", path); },
         "a symbolic link, not followed"},
        {"a symbolic link to nothing", [](const auto& path) { fs::create_symlink("nowhere", path); },
         "a symbolic link, not followed"},
        {"a FIFO", [](const auto& path) { REQUIRE(::mkfifo(path.c_str(), 0600) == 0); }, "not a regular file"},
        {"a socket",
         [](const auto& path) {
             const UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM, 0));
             sockaddr_un address{};
             address.sun_family = AF_UNIX;
             REQUIRE(path.native().size() < sizeof(address.sun_path));
             path.native().copy(address.sun_path, sizeof(address.sun_path) - 1);
             REQUIRE(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
         },
         "not a regular file"},
    }));
    INFO(row.what);
    const ImportFixture fixture;
    const fs::path maildir = good_maildir(fixture);
    row.make(maildir / "cur" / "1700000000.odd");
    const auto done = fixture.import("maildir", maildir);
    INFO(done.err);
    CHECK(done.exit_code == 3);
    CHECK(done.err.find("mox-import: error: " + (maildir / "cur" / "1700000000.odd").string()) != std::string::npos);
    CHECK(done.err.find(row.reason) != std::string::npos);
    CHECK(done.out.find("imported 2 messages") != std::string::npos);
    CHECK(done.out.find(", 1 could not be read") != std::string::npos);
    CHECK(contents_of(fixture) == both);
    fixture.require_consistent();
}

TEST_CASE("an unreadable message is named, and the rest is imported", "[import]") {
    if (::geteuid() == 0) {
        WARN("skipped: root reads every file");
        return;
    }
    const ImportFixture fixture;
    const fs::path maildir = good_maildir(fixture);
    put(maildir / "cur" / "1700000000.M0P1.host:2,", "secret");
    fs::permissions(maildir / "cur" / "1700000000.M0P1.host:2,", fs::perms::none);
    const auto done = fixture.import("maildir", maildir);
    CHECK(done.exit_code == 3);
    CHECK(done.err.find("1700000000.M0P1.host:2,': permission denied") != std::string::npos);
    CHECK(contents_of(fixture) == both);
    fixture.require_consistent();
}

TEST_CASE("messages that vanish during the import are named, and all others are there whole", "[import]") {
    constexpr int count = 1500;
    const ImportFixture fixture;
    const fs::path maildir = fixture.folder() / "maildir";
    fs::create_directories(maildir / "new");
    const auto text = [](int i) { return "Subject: " + std::to_string(i) + "\n\n" + std::string(2000, 'x') + "\n"; };
    const auto path = [&](int i) { return maildir / "cur" / (std::to_string(1'700'000'000 + i) + ".M1P1.host:2,"); };
    for (int i = 0; i < count; ++i) put(path(i), text(i));

    std::atomic<bool> stop = false;
    std::thread remover([&] {
        while (!stop && files_below(fixture.layout().messages("alice")).empty()) std::this_thread::yield();
        for (int i = count - 1; i >= 10 && !stop; i -= 2) fs::remove(path(i));
    });
    const auto done = fixture.import("maildir", maildir);
    stop = true;
    remover.join();

    CHECK(done.exit_code == 3);
    const auto failed = count_of(done.err, "removed or renamed while the maildir was read");
    CHECK(failed > 0);
    const auto stored = fixture.messages();
    CHECK(stored.size() + failed == count);
    for (const auto& message : stored) CHECK(message.contents.ends_with("xxx\r\n"));
    fixture.require_consistent();
}

TEST_CASE("what is no maildir is refused by name and changes nothing", "[import]") {
    struct Row {
        std::string what;
        std::function<void(const fs::path&)> change;
        int exit_code;
        std::string part;
    };
    const auto row = GENERATE(values<Row>({
        {"missing", [](const auto& dir) { fs::remove_all(dir); }, 10, "open maildir"},
        {"without new", [](const auto& dir) { fs::remove_all(dir / "new"); }, 10, "'new' does not exist"},
        {"without cur", [](const auto& dir) { fs::remove_all(dir / "cur"); }, 10, "'cur' does not exist"},
        {"a file",
         [](const auto& dir) {
             fs::remove_all(dir);
             put(dir, "From a\n");
         },
         1, "not a directory"},
        {"new is a file",
         [](const auto& dir) {
             fs::remove_all(dir / "new");
             put(dir / "new", "");
         },
         1, "'new' is not a folder"},
        {"cur is a link",
         [](const auto& dir) {
             fs::rename(dir / "cur", dir / "x");
             fs::create_symlink("x", dir / "cur");
         },
         1, "'cur' is a symbolic link, which is not followed"},
        {"cur is a FIFO",
         [](const auto& dir) {
             fs::remove_all(dir / "cur");
             REQUIRE(::mkfifo((dir / "cur").c_str(), 0600) == 0);
         },
         1, "'cur' is not a folder"},
    }));
    INFO(row.what);
    const ImportFixture fixture;
    const fs::path maildir = good_maildir(fixture);
    row.change(maildir);
    const auto before = fixture.state();
    const auto done = fixture.import("maildir", maildir, "New");
    INFO(done.err);
    CHECK(done.exit_code == row.exit_code);
    CHECK(done.err.find(row.part) != std::string::npos);
    CHECK(fixture.state() == before);
}

TEST_CASE("names of maildir files give flags, keywords and dates", "[import]") {
    struct Row {
        std::string name;
        std::vector<std::string_view> flags;
        std::string keywords;
        std::optional<std::int64_t> received;
        std::string warning;
        int rejected = 0;
    };
    const auto row = GENERATE(values<Row>({
        {"1700000000.M1P1.host", {}, "", 1'700'000'000, ""},
        {"1700000000.M1P1.host:2,", {}, "", 1'700'000'000, ""},
        {"1700000000.M1P1.host:2,SRTDFP",
         {"\\Seen", "\\Answered", "\\Flagged", "\\Deleted", "\\Draft"},
         "",
         1'700'000'000,
         ""},
        {"1700000000.M1P1.host:2,SSS", {"\\Seen"}, "", 1'700'000'000, ""},
        {"1700000000.M1P1.host:2,ab", {"$Junk"}, "blue", 1'700'000'000, ""},
        {"1700000000.M1P1.host;2,Sd", {"\\Seen"}, "later", 1'700'000'000, ""},
        {"1700000000.M1P1.host:2,z?", {}, "", 1'700'000'000, "letters in the file name without meaning: 'z?'"},
        {"1700000000.M1P1.host:2,c", {}, "not_valid", 1'700'000'000, "keyword 'not valid' is kept as 'not_valid'"},
        {"nothing", {}, "", std::nullopt, ""},
        {"99999999999999999999.M1P1.host", {}, "", std::nullopt, ""},
        {"1700000000", {}, "", std::nullopt, ""},
        {"-5.M1P1.host", {}, "", std::nullopt, ""},
    }));
    INFO(row.name);
    const ImportFixture fixture;
    const fs::path maildir = fixture.folder() / "maildir";
    fs::create_directories(maildir / "new");
    put(maildir / "dovecot-keywords", "0 $Junk\n1 Blue\n2 not valid\n3 later\n");
    put(maildir / "cur" / row.name, "Date: Thu, 1 Jan 2015 00:00:00 +0000\n\nx\n");
    fs::last_write_time(maildir / "cur" / row.name, fs::file_time_type::clock::from_sys(
                                                        std::chrono::sys_seconds(std::chrono::seconds(1'234'567'890))));
    const auto done = fixture.import("maildir", maildir);
    INFO(done.err);
    CHECK(done.exit_code == 0);
    CHECK(done.err.find(row.warning) != std::string::npos);
    const auto stored = fixture.messages();
    REQUIRE(stored.size() == 1);
    CHECK(stored[0].flags == row.flags);
    CHECK(stored[0].keywords == row.keywords);
    CHECK(stored[0].received == row.received.value_or(1'234'567'890));
    fixture.require_consistent();
}
