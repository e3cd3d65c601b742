#include <catch2/catch.hpp>
#include <random>

#include "base/file.hpp"
#include "common/intake/reading.hpp"
#include "outlet/maildir_name.hpp"
#include "outlet/writer.hpp"
#include "support/temp_dir.hpp"
#include "writing.hpp"

using namespace mox;
using namespace mox::outlet;

namespace {

struct Given {
    Message message;
    std::string text;
};

std::map<std::string, std::int64_t> counts_of(const std::vector<Given>& messages) {
    std::map<std::string, std::int64_t> counts;
    for (const auto& [message, text] : messages) {
        for (const auto name : model::imap_names(message.flags))
            if (name[0] == '$') ++counts[std::string(name)];
        for (const auto& keyword : message.keywords) ++counts[keyword];
    }
    return counts;
}

// Writes a maildir and reads it back. The UIDs of `messages` ascend.
void check_round_trip(const std::vector<Given>& messages, std::size_t chunk = 0) {
    const test::TempDir dir;
    const auto writer = maildir(dir / "out");
    const auto folder =
        writer->open({.name = "Inbox", .uidvalidity = 7, .uidnext = 1000, .keyword_counts = counts_of(messages)});
    for (const auto& [message, text] : messages)
        folder->write(folder->prepare(Message(message), contents_of(text, chunk)));
    folder->close();
    CHECK_FALSE(status_of(dir / "out"));
    writer->commit();

    std::map<std::uint32_t, intake::Read> found;
    const auto source = intake::open_maildir(dir / "out");
    for (auto& read : intake::read_all(*source)) {
        const auto& name = std::get<intake::FileBody>(read.raw.body).name;
        found.emplace(static_cast<std::uint32_t>(std::stoul(name.substr(name.find(".U") + 2))), std::move(read));
    }
    CHECK(source->warnings().count == 0);
    REQUIRE(found.size() == messages.size());
    for (const auto& [message, text] : messages) {
        const auto& read = found.at(message.uid);
        INFO(read.raw.origin);
        CHECK(read.stored == text);
        CHECK(read.metadata.size_bytes == text.size());
        CHECK(read.metadata.marks.flags == message.flags);
        CHECK(read.metadata.marks.keywords == message.keywords);
        CHECK(read.metadata.marks.rejected.empty());
        CHECK(read.metadata.received == message.received);
        CHECK(read.metadata.received->offset_minutes == message.received.offset_minutes);
    }
}

}  // namespace

TEST_CASE("names of files in a maildir tell what other programs look for", "[outlet]") {
    Message message{.id = 12, .uid = 5, .received = {.seconds = 1'700'000'000}};
    CHECK(maildir_base(message, contents_of("a: b\r\n\r\n")) == "1700000000.U0000000005I12.mox,S=6,W=8");
    CHECK(maildir_base(message, contents_of("a: b\r\r\n")) == "1700000000.U0000000005I12.mox,S=7");
    CHECK(maildir_base(message, contents_of("a: b")) == "1700000000.U0000000005I12.mox,S=4,X=1");
    message.received = {.seconds = -5, .nanoseconds = 6, .offset_minutes = -60};
    CHECK(maildir_base(message, contents_of("")) == "0.U0000000005I12.mox,S=0,W=0,N=6,O=-60,T=-5");
}

TEST_CASE("messages with any flags, keywords, dates and line ends come back from a maildir", "[outlet]") {
    std::vector<Given> messages;
    std::uint32_t uid = 0;
    const auto add = [&](std::string text, Timestamp received = {1'700'000'000, 0, 0}) -> Message& {
        ++uid;
        messages.push_back({{.id = 900 - uid, .uid = uid, .received = received}, std::move(text)});
        return messages.back().message;
    };
    for (const std::string text : {"", "\r\n", "a: b\r\n\r\nx\r\n", "no end", "\n", "\r", "a\nb\r\n", "a\r\r\nb\r\n"})
        add(text);
    add(std::string("\0\r\n", 3));
    for (unsigned bits = 0; bits < 1024; bits += 11) add("x\r\n").flags = model::Flags::from_bits(bits);
    for (const Timestamp time :
         {Timestamp{}, Timestamp{-1, 999'999'999, 1440}, Timestamp{99'999'999, 0, 0}, Timestamp{100'000'000, 0, 0},
          Timestamp{9'999'999'999, 1, -720}, Timestamp{10'000'000'000, 0, 0}})
        add("date: none\r\n", time);
    add("x\r\n").keywords = {"a", "junk", "notjunk", "x,y"};
    for (int i = 0; i < 40; ++i) add("x\r\n").keywords = {"many", "word" + std::to_string(10 + i)};
    check_round_trip(messages);
    check_round_trip(messages, 3);
}

TEST_CASE("the most used keywords have letters, the others are in a file of their own", "[outlet]") {
    std::map<std::string, std::int64_t> counts{{"often", 9}, {"junk", 99}, {"$Junk", 5}};
    for (int i = 0; i < 30; ++i) counts["rare" + std::to_string(10 + i)] = 1;
    const KeywordLetters letters(counts);
    const std::string file = letters.dovecot_keywords();
    CHECK(file.starts_with("0 often\n1 $Junk\n2 rare10\n"));
    CHECK(file.ends_with("25 rare33\n"));
    Message message{.flags = model::Flag::junk | model::Flag::seen | model::Flag::draft | model::Flag::forwarded,
                    .keywords = {"junk", "often", "rare39"}};
    std::vector<std::string_view> others;
    CHECK(letters.letters(message, others) == "DPSab");
    CHECK(others == std::vector<std::string_view>{"$Forwarded", "junk", "rare39"});
}

TEST_CASE("a tree of maildirs has the files that Dovecot reads", "[outlet]") {
    const test::TempDir dir;
    const auto writer = maildir_tree(dir / "out", Layout::maildirpp);
    for (const std::string name : {"Inbox", "Lists/C++"}) {
        const auto folder = writer->open({.name = name, .uidvalidity = 3, .uidnext = 9, .keyword_counts = {{"k", 1}}});
        Message message{.id = 1, .uid = 8, .keywords = {"k"}, .received = {.seconds = 1'600'000'000}};
        folder->write(folder->prepare(std::move(message), contents_of("a: b\r\n")));
        folder->close();
    }
    writer->write_subscriptions({"Inbox", "Lists/C++"});
    writer->commit();
    CHECK(read_file(dir / "out/subscriptions") == "INBOX\nLists.C++\n");
    CHECK(read_file(dir / "out/.Lists.C++/maildirfolder").empty());
    for (const std::string folder : {"out", "out/.Lists.C++"}) {
        const std::string base = "1600000000.U0000000008I1.mox,S=5,W=6";
        CHECK(read_file(dir / (folder + "/dovecot-uidlist")) == "3 V3 N9\n8 :" + base + "\n");
        CHECK(read_file(dir / (folder + "/dovecot-keywords")) == "0 k\n");
        const auto file = dir / (folder + "/cur/" + base + ":2,a");
        CHECK(read_file(file) == "a: b\n");
        CHECK(status_of(file)->st_mtime == 1'600'000'000);
        CHECK(directory_exists(dir / (folder + "/new")));
        CHECK(directory_exists(dir / (folder + "/tmp")));
    }
}
