#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "base/error.hpp"
#include "reading.hpp"
#include "support/temp_dir.hpp"

using namespace mox;
using namespace mox::intake;
using model::Flag;
namespace fs = std::filesystem;

namespace {

struct Maildir {
    Maildir() {
        for (const auto* const name : {"new", "cur", "tmp"}) fs::create_directories(path / name);
    }
    fs::path write(const std::string& name, std::string_view contents) const {
        return directory.write("parent/box/" + name, contents);
    }
    test::TempDir directory;
    fs::path path = directory / "parent/box";
};

const std::string time_and_host = "1030019783.M0.host";

}  // namespace

TEST_CASE("maildir messages come from new, then cur, in order of their numbers", "[intake]") {
    const Maildir box;
    for (const auto* const name :
         {"cur/9.a", "cur/10.a", "cur/x", "new/2.b", "new/100.b", "new/1000000000.c.d:2,S", "tmp/1.t"})
        box.write(name, name);
    const auto source = open_maildir(box.path);
    CHECK(source->progress().total_messages == 6U);
    std::vector<std::string> texts;
    for (const auto& message : read_all(*source)) texts.push_back(message.stored);
    CHECK(texts == std::vector<std::string>{"new/2.b\r\n", "new/100.b\r\n", "new/1000000000.c.d:2,S\r\n", "cur/9.a\r\n",
                                            "cur/10.a\r\n", "cur/x\r\n"});
    CHECK(source->progress().messages == 6);
    CHECK(source->warnings().count == 0);
}

TEST_CASE("maildir contents are stored with CRLF and keep every byte", "[intake]") {
    struct Row {
        std::string contents, stored;
    };
    const std::string large(200'000, 'z');
    for (const auto& row : {
             Row{"", ""},
             Row{"newline", "newline\r\n"},
             Row{"a\nb\r\nc\rd\n", "a\r\nb\r\nc\rd\r\n"},
             Row{"a\n\n", "a\r\n\r\n"},
             Row{">From x\nFrom y\n\nFrom a@b.example Thu Aug 22 12:36:23 2002\n",
                 ">From x\r\nFrom y\r\n\r\nFrom a@b.example Thu Aug 22 12:36:23 2002\r\n"},
             Row{large + "\n" + large, large + "\r\n" + large + "\r\n"},
             Row{large.substr(0, 65535) + "\r\n", large.substr(0, 65535) + "\r\n"},
             Row{large.substr(0, 65535) + "\rx", large.substr(0, 65535) + "\rx\r\n"},
         }) {
        const Maildir box;
        box.write("cur/1", row.contents);
        const auto messages = read_all(*open_maildir(box.path));
        REQUIRE(messages.size() == 1);
        CHECK(messages[0].stored == row.stored);
        CHECK(messages[0].metadata.size_bytes == row.stored.size());
        CHECK_FALSE(messages[0].metadata.failure);
    }
}

TEST_CASE("maildir flags come from names, and Status fields do not count", "[intake]") {
    const Maildir box;
    box.write("new/" + time_and_host + ":2,FRa", "Status: O\nX-Status: D\nX-Keywords: k\n\nx\n");
    box.write("cur/" + time_and_host + "2;2,Sbz", "x\n");
    box.write("dovecot-keywords", "0 Home\n25 $NotJunk\n");
    const auto messages = read_all(*open_maildir(box.path));
    REQUIRE(messages.size() == 2);
    CHECK(messages[0].metadata.marks.flags == (Flag::flagged | Flag::answered));
    CHECK(messages[0].metadata.marks.keywords == model::Keywords{"home"});
    CHECK(messages[1].metadata.marks.flags == (Flag::seen | Flag::not_junk));
    CHECK(messages[1].metadata.marks.keywords.empty());
    CHECK(texts(messages[1].metadata.warnings) ==
          std::vector<std::string>{"letters in the file name without meaning: 'b'"});
}

TEST_CASE("dovecot-keywords is taken from the maildir, else from beside it", "[intake]") {
    const Maildir box;
    box.write("cur/1.a.b:2,a", "x\n");
    const auto keywords = [&] { return read_all(*open_maildir(box.path)).at(0).metadata.marks.keywords; };
    CHECK(keywords().empty());
    box.write("../dovecot-keywords", "0 outer\n");
    CHECK(keywords() == model::Keywords{"outer"});
    box.write("dovecot-keywords", "0 inner\nbroken\n");
    CHECK(keywords() == model::Keywords{"inner"});
    const auto source = open_maildir(box.path);
    REQUIRE(source->warnings().count == 1);
    CHECK(source->warnings().list[0].text.find("box/dovecot-keywords:2: ") != std::string::npos);
    // A thing that cannot be read is a warning and never waits.
    fs::remove(box.path / "dovecot-keywords");
    REQUIRE(::mkfifo((box.path / "dovecot-keywords").c_str(), 0600) == 0);
    CHECK(open_maildir(box.path)->warnings().count == 1);
    fs::remove(box.path / "dovecot-keywords");
    fs::create_directory(box.path / "dovecot-keywords");
    CHECK(open_maildir(box.path)->warnings().count == 1);
}

TEST_CASE("maildir messages are dated by name, then file, then Date field", "[intake]") {
    struct Row {
        std::string name;
        time_t changed;
        std::optional<std::int64_t> received;
        ReceivedFrom from;
    };
    for (const auto& row : {
             Row{time_and_host + ":2,S", 77, 1030019783, ReceivedFrom::file_name},
             Row{"1030019783.eml", 77, 77, ReceivedFrom::file_time},
             Row{"letter", 77, 77, ReceivedFrom::file_time},
             Row{"letter", 0, 1030019783 + 3600, ReceivedFrom::date_header},
             Row{"letter", -5, 1030019783 + 3600, ReceivedFrom::date_header},
         }) {
        const Maildir box;
        const auto path = box.write("cur/" + row.name, "Date: Thu, 22 Aug 2002 13:36:23 +0000\n\n");
        const timespec times[2] = {{.tv_sec = row.changed}, {.tv_sec = row.changed}};
        REQUIRE(::utimensat(AT_FDCWD, path.c_str(), times, 0) == 0);
        const auto metadata = read_all(*open_maildir(box.path)).at(0).metadata;
        REQUIRE(metadata.received);
        CHECK(metadata.received->seconds == row.received);
        CHECK(metadata.received_from == row.from);
    }
}

TEST_CASE("a maildir without its folders is refused by name", "[intake]") {
    for (const std::string missing : {"new", "cur"}) {
        const Maildir box;
        fs::remove(box.path / missing);
        CHECK_THROWS_WITH(open_maildir(box.path), Catch::Contains("'" + missing + "' does not exist"));
        box.write(missing, "a file");
        CHECK_THROWS_WITH(open_maildir(box.path), Catch::Contains("'" + missing + "' is not a folder"));
        fs::remove(box.path / missing);
        fs::create_directory_symlink(box.path / "tmp", box.path / missing);
        CHECK_THROWS_WITH(open_maildir(box.path), Catch::Contains("symbolic link"));
    }
    const Maildir box;
    CHECK_THROWS_WITH(open_maildir(box.path / "missing"), Catch::Contains("missing"));
    CHECK_THROWS_AS(open_maildir(box.write("file", "x")), Error);
    fs::remove(box.path / "tmp");
    CHECK_FALSE(open_maildir(box.path)->next());
}

TEST_CASE("what is no message is skipped with a warning", "[intake]") {
    const Maildir box;
    box.write("cur/sub/inner", "x");
    box.write("new/.hidden", "x");
    box.write("cur/1", "x");
    const auto source = open_maildir(box.path);
    CHECK(read_all(*source).size() == 1);
    CHECK(source->warnings().count == 2);
}

TEST_CASE("links and FIFOs in a maildir are failed messages and never opened", "[intake]") {
    const Maildir box;
    const auto secret = box.write("../secret", "root only");
    fs::create_symlink(secret, box.path / "cur/1");
    REQUIRE(::mkfifo((box.path / "cur/2").c_str(), 0600) == 0);
    box.write("cur/3", "x");
    const auto messages = read_all(*open_maildir(box.path));
    REQUIRE(messages.size() == 3);
    for (const std::size_t i : {0U, 1U}) {
        REQUIRE(messages[i].metadata.failure);
        CHECK(messages[i].metadata.failure->kind == FailureKind::not_a_file);
        CHECK(messages[i].metadata.failure->reason.find("cur/" + std::to_string(i + 1)) != std::string::npos);
        CHECK(messages[i].stored.empty());
    }
    CHECK_FALSE(messages[2].metadata.failure);
}

TEST_CASE("an unreadable maildir file is a failed message with a reason", "[intake]") {
    if (::geteuid() == 0) {
        WARN("skipped: root may read everything");
        return;
    }
    const Maildir box;
    fs::permissions(box.write("cur/1", "x"), fs::perms::none);
    const auto metadata = read_all(*open_maildir(box.path)).at(0).metadata;
    REQUIRE(metadata.failure);
    CHECK(metadata.failure->kind == FailureKind::unreadable);
    CHECK(metadata.failure->reason.find("cur/1") != std::string::npos);
}

TEST_CASE("a maildir file renamed meanwhile is found, a removed one is reported", "[intake]") {
    const Maildir box;
    for (int i = 0; i < 50; ++i) box.write("new/" + std::to_string(1030019700 + i) + ".a.b", std::to_string(i));
    const auto source = open_maildir(box.path);
    for (int i = 0; i < 50; ++i) {
        const auto name = std::to_string(1030019700 + i) + ".a.b";
        if (i % 2 == 0) {
            fs::rename(box.path / "new" / name, box.path / "cur" / (name + ":2,FS"));
        } else {
            fs::remove(box.path / "new" / name);
        }
    }
    const auto messages = read_all(*source);
    REQUIRE(messages.size() == 50);
    for (std::size_t i = 0; i < 50; ++i) {
        const auto& metadata = messages[i].metadata;
        if (i % 2 == 0) {
            CHECK_FALSE(metadata.failure);
            CHECK(messages[i].stored == std::to_string(i) + "\r\n");
            CHECK(metadata.marks.flags == (Flag::flagged | Flag::seen));
            CHECK(metadata.origin.ends_with(".a.b:2,FS"));
            CHECK(metadata.received->seconds == 1030019700 + static_cast<std::int64_t>(i));
        } else {
            REQUIRE(metadata.failure);
            CHECK(metadata.failure->kind == FailureKind::vanished);
        }
    }
}

TEST_CASE("a file renamed twice is found again", "[intake]") {
    const Maildir box;
    box.write("cur/1.a.b", "x");
    box.write("cur/2.a.b", "y");
    const auto source = open_maildir(box.path);
    const auto first = source->next(), second = source->next();
    fs::rename(box.path / "cur/1.a.b", box.path / "cur/1.a.b:2,S");
    fs::rename(box.path / "cur/2.a.b", box.path / "cur/2.a.b:2,S");
    const Sink ignore = [](auto) {};
    CHECK_FALSE(convert(*first, ignore).failure);
    fs::rename(box.path / "cur/2.a.b:2,S", box.path / "cur/2.a.b:2,FS");
    const auto metadata = convert(*second, ignore);
    CHECK_FALSE(metadata.failure);
    CHECK(metadata.marks.flags == (Flag::flagged | Flag::seen));
}

TEST_CASE("messages outlive the maildir source that found them", "[intake]") {
    const Maildir box;
    box.write("cur/1", "x");
    auto raw = open_maildir(box.path)->next();
    REQUIRE(raw);
    CHECK(convert_whole(std::move(*raw)).stored == "x\r\n");
}

TEST_CASE("names of maildir files cannot confuse a terminal", "[intake]") {
    const Maildir box;
    box.write("cur/1\n\x1b[2J", "x");
    const auto raw = open_maildir(box.path)->next();
    REQUIRE(raw);
    CHECK(raw->origin.find('\x1b') == std::string::npos);
    CHECK(raw->origin.find('\n') == std::string::npos);
}

TEST_CASE("a message larger than the limit is a failure, also one whose bytes are taken as they are", "[intake]") {
    const Maildir box;
    box.write("cur/1700000000.U1I1.mox,S=5,X=1:2,", "a\nb\nc");
    box.write("cur/1700000001.U2I2.host:2,", "a\nb\nc");
    const auto source = open_maildir(box.path);
    while (const auto raw = source->next()) {
        std::string stored;
        const auto sink = [&](std::span<const std::byte> piece) { stored += as_text(piece); };
        const auto refused = convert(*raw, sink, 4);
        REQUIRE(refused.failure);
        CHECK(refused.failure->kind == FailureKind::too_large);
        CHECK(stored.empty());
        CHECK_FALSE(convert(*raw, sink, 5).failure);
        CHECK(stored == (std::get<FileBody>(raw->body).exact ? "a\nb\nc" : "a\r\nb\r\nc\r\n"));
    }
    CHECK(source->progress().messages == 2);
}
