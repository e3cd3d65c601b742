#include <nlohmann/json.hpp>

#include "archive/writer.hpp"
#include "tree_fixture.hpp"

using namespace mox;
using namespace mox::test;

namespace {

const std::string& message = plain_message;

void write_tar(const fs::path& path, const std::vector<std::pair<std::string, std::string>>& files) {
    std::ofstream out(path, std::ios::binary);
    archive::Writer writer({.format = archive::Format::tar_gzip}, [&](std::span<const std::byte> bytes) {
        out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    });
    for (const auto& [name, text] : files) {
        writer.add({.path = name, .size_bytes = static_cast<std::int64_t>(text.size()), .modified = 1'600'000'000});
        writer.write(as_bytes(text));
    }
    writer.finish();
}

fs::path maildir_plus(const ImportFixture& fixture) {
    const fs::path root = fixture.folder() / "Maildir";
    put(root / "cur/1700000001.M1P1.h:2,S", message);
    put(root / "new/1700000002.M1P1.h", message);
    put(root / ".Lists.Entw&APw-rfe/cur/1500000001.M1P1.h:2,a", message);
    put(root / ".Lists.Entw&APw-rfe/dovecot-keywords", "0 Needs (Reply)\n");
    put(root / ".Sent Items/cur/1400000001.M1P1.h:2,a", message);  // a has no meaning here
    put(root / "Nested/Deep/cur/1300000001.M1P1.h:2,", message);
    fs::create_directories(root / "Nested/Deep/new");
    put(root / "subscriptions", "V\t2\n\nSent Items\n");
    return root;
}

}  // namespace

TEST_CASE("the root of a Dovecot maildir is not ignored, and folders in it keep their names and dates", "[import]") {
    const ImportFixture fixture;
    const auto done = import_tree(fixture, maildir_plus(fixture));
    INFO(done.out << done.err);
    CHECK(done.exit_code == 0);
    CHECK(done.out.find("found 4 maildirs (Maildir++)") != std::string::npos);
    CHECK(mailboxes(fixture) == std::vector<std::string>{"Inbox", "Lists/Entw\u00fcrfe", "Nested/Deep", "Sent"});
    CHECK(fixture.messages("Inbox").size() == 2);
    CHECK(fixture.messages("Nested/Deep").at(0).received == 1'300'000'001);
    CHECK(fixture.messages("Lists/Entw\u00fcrfe").at(0).received == 1'500'000'001);
    CHECK(fixture.messages("Sent").at(0).keywords.empty());
    auto account = fixture.account();
    const auto subscribed = store::list_subscriptions(account.database());
    CHECK(std::find(subscribed.begin(), subscribed.end(), "Nested/Deep") == subscribed.end());
    fixture.require_consistent();
}

TEST_CASE("a keyword is not lost for one bad character", "[import]") {
    const ImportFixture fixture;
    const auto done = import_tree(fixture, maildir_plus(fixture));
    CHECK(fixture.messages("Lists/Entw\u00fcrfe").at(0).keywords == "needs__reply_");
    CHECK(done.err.find("keyword 'Needs (Reply)' is kept as 'needs__reply_'") != std::string::npos);
}

TEST_CASE("an import that finds no mail fails and says so", "[import]") {
    const ImportFixture fixture;
    fs::create_directories(fixture.folder() / "empty/sub");
    put(fixture.folder() / "empty/sub/readme.txt", "no mail");
    const auto done = import_tree(fixture, fixture.folder() / "empty");
    CHECK(done.exit_code == 12);
    CHECK(done.err.find("no mail in folder") != std::string::npos);
    put(fixture.folder() / "text", "hello\n");
    CHECK(import_tree(fixture, fixture.folder() / "text").exit_code != 0);
    CHECK(import_tree(fixture, fixture.folder() / "missing").exit_code == 10);
}

TEST_CASE("a profile of Thunderbird comes with its folders and marks", "[import]") {
    const ImportFixture fixture;
    const fs::path root = fixture.folder() / "Local Folders";
    const std::string entry =
        "From - Mon Jan  2 15:04:05 2006\nX-Mozilla-Status: 0003\nX-Mozilla-Keys: $label1 Junk   \n" + message;
    put(root / "Inbox", entry);
    put(root / "Inbox.msf", "// index");
    put(root / "Inbox.sbd/Work", entry + "\n" + entry);
    put(root / "Inbox.mozmsgs/1.wdseml", message);
    put(root / "Empty", "");
    put(root / "Empty.msf", "");
    const auto done = import_tree(fixture, root);
    INFO(done.out << done.err);
    CHECK(done.exit_code == 0);
    CHECK(mailboxes(fixture) == std::vector<std::string>{"Inbox", "Inbox/Work"});
    const auto inbox = fixture.messages("Inbox");
    CHECK(inbox.at(0).flags == std::vector<std::string_view>{"\\Seen", "\\Answered", "$Junk"});
    CHECK(inbox.at(0).keywords == "$label1");
    auto account = fixture.account();
    CHECK(store::find_mailbox(account.database(), "Empty"));
    fixture.require_consistent();
}

TEST_CASE("labels of Google Takeout become mailboxes, keywords or nothing", "[import]") {
    const ImportFixture fixture;
    const auto mbox = fixture.folder().write(
        "All mail.mbox",
        "From 1@xxx Mon Jan 02 15:04:05 +0000 2006\nX-Gmail-Labels: Inbox,Starred,Unread,=?UTF-8?Q?Caf=C3=A9?=\n" +
            message);
    struct Row {
        std::string use;
        std::vector<std::string> mailboxes;
        std::string keywords;
    };
    const auto row = GENERATE(values<Row>(
        {{"mailboxes", {"Caf\u00e9", "Inbox"}, ""}, {"keywords", {"All mail"}, "caf_"}, {"ignore", {"All mail"}, ""}}));
    const auto done = import_tree(fixture, mbox, {"--gmail-labels", row.use});
    INFO(done.out << done.err);
    CHECK(done.exit_code == 0);
    CHECK(mailboxes(fixture) == row.mailboxes);
    const auto stored = fixture.messages(row.mailboxes[0]);
    CHECK(stored.at(0).keywords == row.keywords);
    CHECK(stored.at(0).flags.empty() == (row.use == "ignore"));
    fixture.require_consistent();
}

TEST_CASE("one bad message or folder does not stop the rest", "[import]") {
    const ImportFixture fixture;
    const fs::path root = fixture.folder() / "mail";
    put(root / "cur/1700000001.M1P1.h:2,", message);
    fs::create_symlink(root / "cur/1700000001.M1P1.h:2,", root / "cur/1700000002.M1P1.h:2,");
    fs::create_directory_symlink(root, root / ".Loop");
    fs::create_directory_symlink(root, root / "cur/loop");
    put(root / "cur/1700000003.M1P1.h:2,", std::string(5000, 'y'));
    put(root / "cur/\xff\xfe.M1P1.h:2,S", message);
    put(root / ".caf\xe9/cur/1700000001.M1P1.h:2,", message);
    put(root / "cur/1700000004.M1P1.h:2,", "Content-Type: multipart/mixed; boundary=a\n\n--a\n--a");
    const auto done = import_tree(fixture, root, {"--max-message-size", "4000"});
    INFO(done.out << done.err);
    CHECK(done.exit_code == 3);
    CHECK(done.err.find("1700000003.M1P1.h:2,: larger than 4000 bytes, refused") != std::string::npos);
    CHECK(done.err.find("a symbolic link, not followed") != std::string::npos);
    CHECK(fixture.messages("Inbox").size() == 3);
    CHECK(fixture.messages("caf\u00e9").size() == 1);
    fixture.require_consistent();
}

TEST_CASE("an archive is imported as what it holds would be", "[import]") {
    const ImportFixture fixture;
    const fs::path path = fixture.folder() / "mail.tgz";
    // Messages before what is said about them, and in the wrong order.
    write_tar(path, {{"Maildir/cur/1700000002.b.h:2,a", message + "second"},
                     {"Maildir/cur/1700000001.a.h:2,S", message + "first"},
                     {"Maildir/new/1700000000.c.h", message + "zero"},
                     {"Maildir/.Sub/cur/1700000001.a.h:2,", message},
                     {"Maildir/dovecot-keywords", "0 Work\n"},
                     {"Maildir/dovecot-uidlist", "3 V1 N3\n1 :1700000001.a.h\n2 :1700000002.b.h\n"},
                     {"Maildir/Old.mbox", "From a Mon Jan  2 15:04:05 2006\n" + message},
                     {"Maildir/box/one.eml", message}});
    const auto done = import_tree(fixture, path, {}, GENERATE("auto", "archive"));
    INFO(done.out << done.err);
    CHECK(done.exit_code == 0);
    CHECK(mailboxes(fixture) == std::vector<std::string>{"Inbox", "Old", "Sub", "box"});
    const auto inbox = fixture.messages("Inbox");
    REQUIRE(inbox.size() == 3);
    CHECK(inbox[0].contents.ends_with("first\r\n"));
    CHECK(inbox[1].contents.ends_with("second\r\n"));
    CHECK(inbox[1].keywords == "work");
    CHECK(inbox[2].contents.ends_with("zero\r\n"));
    CHECK(fixture.messages("box").at(0).received == 1'600'000'000);
    fixture.require_consistent();
}

TEST_CASE("archives that are damaged or unsafe change nothing, or only what was asked for", "[import]") {
    const ImportFixture fixture;
    const fs::path path = fixture.folder() / "mail.tgz";
    std::string noise;
    for (unsigned i = 0, x = 1; i < 400'000; ++i, x = x * 1664525U + 1013904223U)
        noise += static_cast<char>('a' + (x >> 24U) % 26);
    write_tar(path, {{"Inbox/cur/1700000001.a.h:2,", message}, {"Inbox/cur/1700000002.b.h:2,", noise}});
    fs::resize_file(path, fs::file_size(path) / 2);
    const auto before = fixture.state();
    CHECK(import_tree(fixture, path).exit_code == 1);
    CHECK(fixture.state() == before);
    const auto partial = import_tree(fixture, path, {"--keep-partial"});
    INFO(partial.out << partial.err);
    CHECK(partial.exit_code == 3);
    CHECK(partial.err.find("what came before is imported") != std::string::npos);
    CHECK(fixture.messages("Inbox").size() == 1);

    write_tar(path, {{"Inbox/cur/1700000001.a.h:2,", message}, {"bomb/cur/1.eml", std::string(40U << 20U, 'x')}});
    const auto bomb = import_tree(fixture, path);
    INFO(bomb.err);
    CHECK(bomb.exit_code == 1);
    CHECK(fixture.messages("Inbox").size() == 1);
    fixture.require_consistent();
}

TEST_CASE("a second import with --skip-duplicates adds only what is missing", "[import]") {
    const ImportFixture fixture;
    const fs::path root = maildir_plus(fixture);
    REQUIRE(import_tree(fixture, root).exit_code == 0);
    put(root / "cur/1700000009.M1P1.h:2,", message + "more");
    const auto dry = import_tree(fixture, root, {"--skip-duplicates", "--dry-run"});
    CHECK(dry.out.find("would import 1 message (") != std::string::npos);
    const auto done = import_tree(fixture, root, {"--skip-duplicates"});
    INFO(done.out << done.err);
    CHECK(done.out.find("imported 1 message (") != std::string::npos);
    CHECK(done.out.find("5 were there already") != std::string::npos);
    CHECK(fixture.messages("Inbox").size() == 3);
    fixture.require_consistent();
}

TEST_CASE("options choose mailboxes and messages", "[import]") {
    struct Row {
        std::vector<std::string> options;
        std::vector<std::string> mailboxes;
    };
    const auto row = GENERATE(values<Row>({
        {{"--include", "Lists/*"}, {"Lists/Entw\u00fcrfe"}},
        {{"--exclude", "*/*", "--exclude", "Inbox"}, {"Sent"}},
        {{"--prefix", "Old", "--include", "Inbox"}, {"Old/Inbox"}},
        {{"--into", "All/Of/It"}, {"All/Of/It"}},
        {{"--keep-names", "--include", "Sent*"}, {"Sent Items"}},
        {{"--since", "2020-01-01"}, {"Inbox"}},
    }));
    const ImportFixture fixture;
    const auto done = import_tree(fixture, maildir_plus(fixture), row.options);
    INFO(done.out << done.err);
    CHECK(done.exit_code == 0);
    CHECK(mailboxes(fixture) == row.mailboxes);
    fixture.require_consistent();
}

TEST_CASE("the report has a line for each message and tells only what happened", "[import]") {
    const ImportFixture fixture;
    const fs::path root = maildir_plus(fixture);
    const fs::path report = fixture.folder() / "report.jsonl";
    REQUIRE(import_tree(fixture, root, {"--report", report.string()}).exit_code == 0);
    std::map<std::string, int> types;
    std::ifstream in(report);
    for (std::string line; std::getline(in, line);) {
        const auto json = nlohmann::json::parse(line);
        ++types[json["type"]];
        if (json["type"] != "message") continue;
        CHECK(json["result"] == "imported");
        CHECK(json["id"].get<int>() > 0);
        CHECK(json["mailboxes"].size() == 1);
    }
    CHECK(types["message"] == 5);
    CHECK(types["mailbox"] == 4);
    CHECK(types["summary"] == 1);
    const fs::path none = fixture.folder() / "none.jsonl";
    CHECK(import_tree(fixture, fixture.folder() / "missing", {"--report", none.string()}).exit_code == 10);
    CHECK_FALSE(fs::exists(none));
}

TEST_CASE("time does not explode with the number of mailboxes", "[import]") {
    const ImportFixture fixture;
    const fs::path root = fixture.folder() / "many";
    for (int i = 0; i < 300; ++i) fs::create_directories(root / (".Box" + std::to_string(i)) / "cur");
    put(root / "cur/1700000001.M1P1.h:2,", message);
    const auto done = import_tree(fixture, root, {"-q"});
    CHECK(done.exit_code == 0);
    auto account = fixture.account();
    CHECK(store::list_mailboxes(account.database()).size() > 300);
    fixture.require_consistent();
}

TEST_CASE("a Content-Length that is right ends a message, and a wrong one does not", "[import]") {
    const ImportFixture fixture;
    const std::string from = "From a Mon Jan  2 15:04:05 2006\n";
    const std::string body = "x\n\n" + from + "y\n>From z\n";  // unquoted: mboxcl2
    const std::string right = from + "Content-Length: " + std::to_string(body.size()) + "\n\n" + body + "\n";
    const std::string wrong = from + "Content-Length: 100000\n\nshort\n\n";
    const auto done = fixture.import_text(right + wrong + from + "\nlast\n");
    INFO(done.err);
    CHECK(done.exit_code == 0);
    const auto stored = fixture.messages();
    REQUIRE(stored.size() == 3);
    CHECK(stored[0].contents.ends_with("y\r\n>From z\r\n"));
    CHECK(stored[1].contents.ends_with("short\r\n"));
    CHECK(done.err.find("a Content-Length that does not lead") != std::string::npos);
    fixture.require_consistent();
}
