#include <sys/stat.h>
#include <unistd.h>

#include "support/pack.hpp"
#include "tree_fixture.hpp"

using namespace mox;
using namespace mox::test;

namespace {

// How much is much: builds with sanitizers take ten times as long.
constexpr int scale = MOX_TEST_SCALE;

// An mbox of messages with these headers, without a body.
std::string mbox_of(const std::vector<std::string>& headers) {
    std::string text;
    for (const auto& header : headers) text += from_line + header + "\nx\n\n";
    return text;
}

// A file that takes no place on disk.
void put_sparse(const fs::path& path, std::string_view start, std::uint64_t size) {
    put(path, start);
    fs::resize_file(path, size);
}

}  // namespace

TEST_CASE("a message of two gigabytes is refused by name and the rest is imported", "[import]") {
    constexpr std::uint64_t size = 2ULL << 30U;
    const ImportFixture fixture;
    const fs::path root = fixture.folder() / "mail";
    put(root / "cur/1700000001.a.h:2,", plain_message);
    put_sparse(root / "cur/1700000002.b.h:2,", "Subject: large\n\n", size);
    put(root / "cur/1700000003.c.h:2,", plain_message);
    fs::create_directories(root / "new");
    put(root / "letters/1.eml", plain_message);
    put_sparse(root / "letters/2.eml", "Subject: large\n\n", size);
    const auto done = import_tree(fixture, root);
    INFO(done.out << done.err);
    CHECK(done.exit_code == 3);
    CHECK(contains(done.err, "1700000002.b.h:2,: larger than 1073741824 bytes, refused"));
    CHECK(contains(done.err, "2.eml: larger than 1073741824 bytes, refused"));
    CHECK(contains(done.out, "2 could not be read"));
    CHECK(fixture.messages().size() == 2);
    CHECK(fixture.messages("letters").size() == 1);
    fixture.require_consistent();
}

TEST_CASE("a message of two gigabytes within an mbox is refused by name and the rest is imported", "[import]") {
    // Here the bytes have to be read: fewer of them under sanitizers.
    const std::uint64_t size = scale == 1 ? 64ULL << 20U : 2ULL << 30U, limit = size / 2;
    const ImportFixture fixture;
    const fs::path mbox = fixture.folder() / "in.mbox";
    put_sparse(mbox, from_line + plain_message + "\n" + from_line + "Subject: large\n\n", size);
    std::ofstream(mbox, std::ios::binary | std::ios::app) << "\n\n" << from_line << plain_message;
    const auto done = fixture.import("mbox", mbox, "Inbox", {"--max-message-size", std::to_string(limit)});
    INFO(done.out << done.err);
    CHECK(done.exit_code == 3);
    CHECK(contains(done.err, "in.mbox:8: larger than " + std::to_string(limit) + " bytes, refused"));
    CHECK(fixture.messages().size() == 2);
    fixture.require_consistent();
}

TEST_CASE("a message that an archive says is larger than the limit is refused by name", "[import]") {
    const std::string form = GENERATE(as<std::string>(), ".zip", ".tar", ".tgz");
    const ImportFixture fixture;
    pack(fixture.folder() / ("a" + form), {{.path = "Inbox/cur/1700000001.a.h:2,", .contents = plain_message},
                                           {.path = "Inbox/cur/1700000002.b.h:2,", .contents = "x", .zeros = 3'000'000},
                                           {.path = "b.mbox", .contents = from_line, .zeros = 3'000'000},
                                           {.path = "b.eml", .contents = plain_message}});
    const auto done = import_tree(fixture, fixture.folder() / ("a" + form), {"--max-message-size", "1000000"});
    INFO(done.out << done.err);
    CHECK(done.exit_code == 3);
    CHECK(contains(done.err, "1700000002.b.h:2,: larger than 1000000 bytes, refused"));
    CHECK(contains(done.err, "b.mbox:1: larger than 1000000 bytes, refused"));
    CHECK(contains(done.out, "imported 2 messages"));
    fixture.require_consistent();
}

TEST_CASE("parts that are nested ten thousand deep are stored as they are", "[import]") {
    constexpr int depth = 10'000;
    const bool as_messages = GENERATE(false, true);
    std::string text = "Message-ID: <deep@example.org>\n";
    for (int i = 0; i < depth; ++i) {
        const std::string boundary = "b" + std::to_string(i);
        text += as_messages ? "Content-Type: message/rfc822\n\n"
                            : "Content-Type: multipart/mixed; boundary=" + boundary + "\n\n--" + boundary + "\n";
    }
    text += "Subject: inside\n\nx\n";
    const ImportFixture fixture;
    const auto done = fixture.import_text(from_line + text + "\n" + from_line + plain_message);
    INFO(done.err);
    CHECK(done.exit_code == 0);
    const auto stored = fixture.messages();
    REQUIRE(stored.size() == 2);
    CHECK(stored[0].message.message_id == "deep@example.org");
    CHECK(stored[0].contents.ends_with("Subject: inside\r\n\r\nx\r\n"));
    fixture.require_consistent();
}

TEST_CASE("references that lead in a circle are no trouble", "[import]") {
    const auto id = [](int i) { return "<" + std::to_string(i) + "@example.org>"; };
    std::vector<std::string> headers;
    constexpr int count = 50;
    for (int i = 0; i < count; ++i)
        headers.push_back("Subject: Re: s\nMessage-ID: " + id(i) + "\nReferences: " + id((i + 1) % count) + " " +
                          id((i + 2) % count) + "\nIn-Reply-To: " + id(i) + "\n");
    const ImportFixture fixture;
    const auto done = fixture.import_text(mbox_of(headers));
    INFO(done.err);
    CHECK(done.exit_code == 0);
    CHECK(fixture.messages().size() == count);
    fixture.require_consistent();
}

TEST_CASE("any number of messages with the same Message-ID are imported", "[import]") {
    const int count = 10'000 * scale;
    const ImportFixture fixture;
    const std::vector<std::string> headers(static_cast<std::size_t>(count),
                                           "Subject: s\nMessage-ID: <same@example.org>\n");
    const auto done = fixture.import_text(mbox_of(headers));
    INFO(done.err);
    CHECK(done.exit_code == 0);
    auto account = fixture.account();
    CHECK(account.database().value<int>("SELECT count(*) FROM message") == count);
    CHECK(account.database().value<int>("SELECT count(DISTINCT thread_id) FROM message") == 1);
    fixture.require_consistent();
}

TEST_CASE("any number of mailboxes is imported, and found again by the next import", "[import]") {
    const int count = 2'500 * scale;
    const ImportFixture fixture;
    const fs::path root = fixture.folder() / "many";
    put(root / "cur/1700000001.M1P1.h:2,", plain_message);
    for (int i = 0; i < count; ++i) fs::create_directories(root / (".Box." + std::to_string(i)) / "cur");
    put(root / ".Box.7/cur/1700000001.M1P1.h:2,", plain_message);
    const auto done = import_tree(fixture, root, {"-q"});
    INFO(done.err);
    CHECK(done.exit_code == 0);
    const auto again = import_tree(fixture, root, {"-q", "--skip-duplicates"});
    INFO(again.err);
    CHECK(again.exit_code == 0);
    auto account = fixture.account();
    CHECK(store::list_mailboxes(account.database()).size() == static_cast<std::size_t>(count) + 7);
    CHECK(fixture.messages("Box/7").size() == 1);
    fixture.require_consistent();
}

TEST_CASE("any number of folders whose names say the same get mailboxes of their own", "[import]") {
    const int count = 1'000 * scale;
    const ImportFixture fixture;
    std::vector<PackedMember> members;
    for (int i = 0; i < count; ++i) {
        std::string name;  // different control characters, which all become '_'
        for (int digit = 0, rest = i; digit < 8; ++digit, rest /= 8) name += static_cast<char>(1 + rest % 8);
        members.push_back({.path = "x" + name + "/cur", .kind = PackedMember::Kind::folder});
    }
    members.push_back({.path = "Inbox/cur/1700000001.a", .contents = plain_message});
    pack(fixture.folder() / "a.tgz", members);
    const auto done = import_tree(fixture, fixture.folder() / "a.tgz", {"-q"});
    INFO(done.err.substr(0, 1000));
    CHECK(done.exit_code == 0);
    auto account = fixture.account();
    CHECK(store::list_mailboxes(account.database()).size() == static_cast<std::size_t>(count) + 6);
    CHECK(store::find_mailbox(account.database(), "x________ (" + std::to_string(count) + ")"));
    fixture.require_consistent();
}

TEST_CASE("folders that cannot be read, and links in circles, are named and the rest goes on", "[import]") {
    const ImportFixture fixture;
    const fs::path root = fixture.folder() / "mail";
    put(root / "cur/1700000001.a.h:2,", plain_message);
    put(root / ".Sub/cur/1700000001.a.h:2,", plain_message);
    fs::create_directory_symlink("..", root / ".Sub/new");
    fs::create_directory_symlink(root, root / ".Loop");
    fs::create_directory_symlink("loop", root / "loop");
    fs::create_symlink("1700000002.b.h:2,", root / "cur/1700000002.b.h:2,");
    fs::create_directories(root / "Locked/cur");
    put(root / "Locked/cur/1700000001.a.h:2,", plain_message);
    REQUIRE(::mkfifo((root / "cur/1700000003.c.h:2,").c_str(), 0600) == 0);
    REQUIRE(::mkfifo((root / "pipe").c_str(), 0600) == 0);
    fs::permissions(root / "Locked", fs::perms::none);
    const auto done = import_tree(fixture, root);
    fs::permissions(root / "Locked", fs::perms::owner_all);
    INFO(done.out << done.err);
    CHECK(done.exit_code == 3);
    CHECK(contains(done.err, ".Loop: a symbolic link, skipped"));
    CHECK(contains(done.err, "loop: a symbolic link, skipped"));
    CHECK(contains(done.err, "1700000002.b.h:2,: a symbolic link, not followed"));
    CHECK(contains(done.err, "'new' is a symbolic link, which is not followed"));
    CHECK(contains(done.err, "pipe: no regular file, skipped"));
    if (::geteuid() != 0) CHECK(contains(done.err, "Locked"));
    CHECK(fixture.messages().size() == 1);
    fixture.require_consistent();
}
