#include <map>

#include "support/pack.hpp"
#include "tree_fixture.hpp"

using namespace mox;
using namespace mox::test;

namespace {

using Kind = PackedMember::Kind;

std::string generated_form() {
    return GENERATE(as<std::string>(), ".zip", ".tar", ".tgz", ".tar.bz2", ".tar.xz", ".tar.zst");
}

// Times that every form of archive can hold, so that they are no reason for a difference.
void set_times(const fs::path& root) {
    const auto time = fs::file_time_type::clock::now() - std::chrono::hours(1000);
    const auto even = time - time.time_since_epoch() % std::chrono::seconds(2);
    for (const auto& entry : fs::recursive_directory_iterator(root)) fs::last_write_time(entry.path(), even);
}

using Comparable = std::tuple<std::string, std::vector<std::string_view>, std::string, std::int64_t>;
std::vector<Comparable> comparable(const ImportFixture& fixture, const std::string& mailbox) {
    std::vector<Comparable> result;
    for (auto& stored : fixture.messages(mailbox))
        result.emplace_back(
            stored.contents, stored.flags, stored.keywords,
            contains(stored.contents, "Date:") || stored.received < 1'750'000'000 ? stored.received : 0);
    return result;
}

const std::string one = "Inbox/cur/1700000001.a.h:2,S", two = "Inbox/cur/1700000002.b.h:2,";

// Text that packs badly, so that an archive has some length.
std::string noise(std::size_t size) {
    std::string text;
    for (std::uint32_t i = 0, x = 1; i < size; ++i, x = x * 1664525U + 1013904223U)
        text += i % 70 == 69 ? '\n' : static_cast<char>('a' + (x >> 24U) % 26);
    return text;
}

}  // namespace

TEST_CASE("what is in an archive comes as it would from its files", "[import][archive]") {
    const std::string form = generated_form();
    INFO(form);
    const ImportFixture from_files, packed;
    const fs::path root = from_files.folder() / "mail";
    fs::copy(fs::path(MOX_TESTDATA) / "mail", root, fs::copy_options::recursive);
    for (const auto& entry : fs::directory_iterator(root))
        if (entry.path().extension() == ".jsonl" || entry.path().extension() == ".py") fs::remove(entry.path());
    fs::rename(root / "sample.maildir", root / "box");
    fs::create_directories(root / "letters");
    std::ofstream(root / "letters/one.eml") << plain_message;
    std::ofstream(root / "letters/Two.EML") << plain_message << "two";
    set_times(root);
    const auto outside = import_tree(from_files, root);
    INFO(outside.err);
    REQUIRE(outside.exit_code == 0);
    pack(packed.folder() / ("a" + form), members_below(root, GENERATE("", "./", "home/alice/Mail/")));
    const auto inside = import_tree(packed, packed.folder() / ("a" + form));
    INFO(inside.out << inside.err);
    REQUIRE(inside.exit_code == 0);
    REQUIRE(mailboxes(packed) == mailboxes(from_files));
    CHECK(mailboxes(packed).size() == 3);
    for (const auto& mailbox : mailboxes(packed)) {
        INFO(mailbox);
        const auto before = comparable(from_files, mailbox), after = comparable(packed, mailbox);
        REQUIRE(before.size() == after.size());
        for (std::size_t i = 0; i < before.size(); ++i) CHECK(before[i] == after[i]);
    }
    packed.require_consistent();
}

TEST_CASE("names in archives begin where the mail does", "[import][archive]") {
    struct Row {
        std::vector<std::string> paths;  // of maildirs, or of mbox files
        std::vector<std::string> mailboxes;
    };
    const auto row = GENERATE(values<Row>({
        {{"."}, {"Inbox"}},
        {{".", "./.Sub"}, {"Inbox", "Sub"}},
        {{"Maildir"}, {"Inbox"}},
        {{"Work"}, {"Work"}},
        {{"Work", "Play"}, {"Play", "Work"}},
        {{"home/alice/Maildir", "home/alice/Maildir/.Sub.Sub"}, {"Inbox", "Sub/Sub"}},
        {{"alice", "alice/.Sub"}, {"Inbox", "Sub"}},
        {{"alice/.Sub", "alice/.Other"}, {"alice/Other", "alice/Sub"}},
        {{"Mail/Work", "Mail/Play"}, {"Play", "Work"}},
        {{"Mail/Work", "Play"}, {"Mail/Work", "Play"}},
        {{"Takeout/Mail/All mail.mbox"}, {"All mail"}},
        {{"Mail.mbox"}, {"Mail"}},
        {{"Mail/mbox"}, {"Inbox"}},
        {{"Profile/Mail/Local Folders/Inbox", "Profile/Mail/Local Folders/Inbox.sbd/Work"}, {"Inbox", "Inbox/Work"}},
    }));
    INFO(row.paths[0]);
    const ImportFixture fixture;
    std::vector<PackedMember> members;
    for (const auto& path : row.paths) {
        if (contains(path, "mbox") || contains(path, "Profile"))
            members.push_back({.path = path, .contents = from_line + plain_message});
        else
            members.push_back({.path = path + "/cur/1700000001.a.h:2,", .contents = plain_message});
    }
    pack(fixture.folder() / "a.tar", members);
    const auto done = import_tree(fixture, fixture.folder() / "a.tar");
    INFO(done.out << done.err);
    CHECK(done.exit_code == 0);
    CHECK(mailboxes(fixture) == row.mailboxes);
    fixture.require_consistent();
}

TEST_CASE("messages that a tar has as hard links are imported wherever they are", "[import][archive]") {
    const ImportFixture fixture;
    pack(fixture.folder() / "a.tgz",
         {{.path = "./Box/cur/1700000001.a.h:2,S", .contents = plain_message},
          {.path = "./Copy/cur/1700000001.a.h:2,F", .kind = Kind::hard_link, .target = "./Box/cur/1700000001.a.h:2,S"},
          {.path = "./Other/x.eml", .kind = Kind::hard_link, .target = "./Box/cur/1700000001.a.h:2,S"},
          {.path = "./Box/tmp/draft", .contents = plain_message + "from tmp"},
          {.path = "./Box/cur/1700000002.b.h:2,", .kind = Kind::hard_link, .target = "./Box/tmp/draft"}});
    const auto done = import_tree(fixture, fixture.folder() / "a.tgz");
    INFO(done.out << done.err);
    CHECK(done.exit_code == 0);
    CHECK(done.err.empty());
    CHECK(mailboxes(fixture) == std::vector<std::string>{"Box", "Copy", "Other"});
    CHECK(fixture.messages("Box").size() == 2);
    CHECK(fixture.messages("Box").at(1).contents.ends_with("from tmp\r\n"));
    CHECK(fixture.messages("Copy").at(0).flags == std::vector<std::string_view>{"\\Flagged"});
    CHECK(fixture.messages("Copy").at(0).contents == fixture.messages("Box").at(0).contents);
    fixture.require_consistent();
}

TEST_CASE("a hard link to nothing is named and the rest goes on", "[import][archive]") {
    const ImportFixture fixture;
    pack(fixture.folder() / "a.tar", {{.path = one, .contents = plain_message},
                                      {.path = two, .kind = Kind::hard_link, .target = "Inbox/cur/gone"}});
    const auto done = import_tree(fixture, fixture.folder() / "a.tar");
    INFO(done.err);
    CHECK(done.exit_code == 3);
    CHECK(contains(done.err, two + ": a hard link to 'Inbox/cur/gone', which the archive does not have"));
    CHECK(fixture.messages().size() == 1);
    fixture.require_consistent();
}

TEST_CASE("members of an archive that lead out of it are named and the rest goes on", "[import][archive]") {
    struct Row {
        std::string path, problem;
    };
    const auto row = GENERATE(values<Row>({
        {"/etc/mail/cur/1700000003.c.h:2,", "is an absolute path"},
        {"../Inbox/cur/1700000003.c.h:2,", "has '..' in it"},
        {"Inbox/../../Inbox/cur/1700000003.c.h:2,", "has '..' in it"},
        {"Inbox/cur/..", "has '..' in it"},
        {"../evil.mbox", "has '..' in it"},
        {"/evil.eml", "is an absolute path"},
        {"Inbox//cur/1700000003.c.h:2,", "has an empty part"},
        {"../dovecot-keywords", "has '..' in it"},
    }));
    const std::string form = GENERATE(as<std::string>(), ".zip", ".tar");
    INFO(row.path << form);
    const ImportFixture fixture;
    pack(fixture.folder() / ("a" + form), {{.path = one, .contents = plain_message},
                                           {.path = row.path, .contents = from_line + plain_message},
                                           {.path = two, .contents = plain_message}});
    const auto done = import_tree(fixture, fixture.folder() / ("a" + form));
    INFO(done.out << done.err);
    CHECK(done.exit_code == 3);
    CHECK(contains(done.err, row.path + ": the path " + row.problem));
    CHECK(fixture.messages().size() == 2);
    CHECK(mailboxes(fixture) == std::vector<std::string>{"Inbox"});
    fixture.require_consistent();
}

TEST_CASE("an archive that is a bomb changes nothing, or only what was asked for", "[import][archive]") {
    const auto path = GENERATE(as<std::string>(), "Inbox/cur/1700000003.c.h:2,", "Inbox/bomb.mbox", "bomb.eml",
                               "Inbox/dovecot-uidlist", "Inbox/subscriptions", "Inbox/mox-keywords", "picture.jpg");
    const std::string form = GENERATE(as<std::string>(), ".zip", ".tgz", ".tar.zst");
    INFO(path << form);
    const ImportFixture fixture;
    const auto archive = fixture.folder() / ("a" + form);
    pack(archive,
         {{.path = one, .contents = plain_message}, {.path = path, .contents = from_line, .zeros = 40U << 20U}});
    REQUIRE(fs::file_size(archive) < 200'000);
    const auto before = fixture.state();
    const auto done = import_tree(fixture, archive);
    INFO(done.err);
    // What nobody reads, or only the start of, need not be unpacked: a zip has a directory.
    if (done.exit_code == 0) {
        CHECK(form == ".zip");
        CHECK((path == "picture.jpg" || path == "Inbox/subscriptions"));
        CHECK(fixture.messages().size() == 1);
        return;
    }
    CHECK(done.exit_code == 1);
    CHECK(contains(done.err, "unpacks to more than 200 times its size"));
    CHECK(fixture.state() == before);
    const auto partial = import_tree(fixture, archive, {"--keep-partial"});
    INFO(partial.err);
    CHECK(partial.exit_code == 3);
    CHECK(contains(partial.err, "what came before is imported"));
    CHECK(fixture.messages().size() == 1);
    fixture.require_consistent();
}

TEST_CASE("an archive with an encrypted member changes nothing, or only what was asked for", "[import][archive]") {
    const ImportFixture fixture;
    const auto archive = fixture.folder() / "a.zip";
    pack(archive, {{.path = one, .contents = plain_message},
                   {.path = two, .contents = plain_message, .encrypted = true},
                   {.path = "Late/cur/1700000001.a.h:2,", .contents = plain_message}});
    const auto before = fixture.state();
    const auto done = import_tree(fixture, archive);
    INFO(done.err);
    CHECK(done.exit_code == 1);
    CHECK(contains(done.err, two + " is encrypted"));
    CHECK(fixture.state() == before);
    const auto partial = import_tree(fixture, archive, {"--keep-partial"});
    INFO(partial.err);
    CHECK(partial.exit_code == 3);
    CHECK(contains(partial.err, "is encrypted"));
    CHECK(mailboxes(fixture) == std::vector<std::string>{"Inbox"});
    fixture.require_consistent();
}

TEST_CASE("an archive that was cut off changes nothing, and a second run completes what was kept",
          "[import][archive]") {
    const std::string form = generated_form();
    INFO(form);
    const ImportFixture fixture;
    const auto archive = fixture.folder() / ("a" + form), whole = fixture.folder() / ("whole" + form);
    std::vector<PackedMember> members;
    for (int i = 0; i < 20; ++i)
        members.push_back({.path = "Inbox/cur/17000000" + std::to_string(10 + i) + ".a.h:2,",
                           .contents = "Message-ID: <" + std::to_string(i) + "@example.org>\n\n" +
                                       noise(60'000 + static_cast<std::size_t>(i))});
    members.push_back({.path = "Box.mbox", .contents = from_line + plain_message});
    pack(whole, members);
    const auto size = fs::file_size(whole);
    for (const auto cut : {size / 10, size / 2, size - 3000, size - 600}) {
        INFO(cut << " of " << size);
        fs::copy_file(whole, archive, fs::copy_options::overwrite_existing);
        fs::resize_file(archive, cut);
        const auto before = fixture.state();
        const auto done = import_tree(fixture, archive, {"--skip-duplicates"});
        INFO(done.err);
        CHECK(done.exit_code != 0);
        CHECK(fixture.state() == before);
        const auto partial = import_tree(fixture, archive, {"--keep-partial", "--skip-duplicates"});
        INFO(partial.out << partial.err);
        // What has no complete message is no archive of mail.
        CHECK((partial.exit_code == 3 || fixture.state() == before));
        if (cut <= size / 2) CHECK(fixture.messages().size() < 20);
    }
    const auto kept = fixture.messages().size() + fixture.messages("Box").size();
    const auto all = import_tree(fixture, whole, {"--skip-duplicates"});
    INFO(all.out << all.err);
    CHECK(all.exit_code == 0);
    CHECK(contains(all.out, "imported " + std::to_string(21 - kept) + " message"));
    CHECK(fixture.messages().size() == 20);
    CHECK(fixture.messages("Box").size() == 1);
    fixture.require_consistent();
}

TEST_CASE("links, devices and what other systems add are no mail", "[import][archive]") {
    const ImportFixture fixture;
    pack(fixture.folder() / "a.tar", {{.path = "Inbox/cur/1700000001.a.h:2,", .contents = plain_message},
                                      {.path = "Inbox/cur/link", .kind = Kind::symlink, .target = "/etc/passwd"},
                                      {.path = "Inbox/cur/pipe", .kind = Kind::fifo},
                                      {.path = "Inbox/cur/.hidden", .contents = plain_message},
                                      {.path = "Inbox/cur/folder/file", .contents = plain_message},
                                      {.path = "Inbox/tmp/1700000001.t.h", .contents = plain_message},
                                      {.path = "Inbox/._x.eml", .contents = "Mac OS X"},
                                      {.path = "__MACOSX/Inbox/cur/._1700000001.a.h:2,", .contents = "Mac OS X"},
                                      {.path = "__MACOSX/x.eml", .contents = "Mac OS X"}});
    const auto done = import_tree(fixture, fixture.folder() / "a.tar");
    INFO(done.out << done.err);
    CHECK(done.exit_code == 0);
    CHECK(contains(done.err, "Inbox/cur/link: a link or device, skipped"));
    CHECK(contains(done.err, "Inbox/cur/pipe: a link or device, skipped"));
    CHECK(contains(done.err, "Inbox/cur/.hidden: a name starting with a dot, skipped"));
    CHECK(fixture.messages().size() == 1);
    CHECK(mailboxes(fixture).size() == 1);
    fixture.require_consistent();
}

TEST_CASE("a mailbox and a message may have the same path", "[import][archive]") {
    const std::string form = GENERATE(as<std::string>(), ".zip", ".tar");
    const ImportFixture fixture;
    pack(fixture.folder() / ("a" + form),
         {{.path = "Inbox/cur/1700000001.a", .contents = plain_message},
          {.path = "Inbox/cur/1700000001.a/cur/1700000002.b", .contents = plain_message},
          {.path = "Work", .contents = from_line + plain_message},
          {.path = "Work/new/1700000001.a", .contents = plain_message},
          {.path = "x.eml", .contents = plain_message},
          {.path = "x.eml/y.eml", .contents = plain_message},
          {.path = "x.eml", .contents = plain_message}});
    const auto done = import_tree(fixture, fixture.folder() / ("a" + form));
    INFO(done.out << done.err);
    CHECK(done.exit_code == 0);
    std::map<std::string, std::size_t> counts;
    for (const auto& name : mailboxes(fixture)) counts[name] = fixture.messages(name).size();
    CHECK(counts ==
          std::map<std::string, std::size_t>{{"Inbox", 3}, {"Inbox/cur/1700000001.a", 1}, {"Work", 2}, {"x.eml", 1}});
    fixture.require_consistent();
}

TEST_CASE("names in archives that are not UTF-8 are taken as they are", "[import][archive]") {
    const std::string form = GENERATE(as<std::string>(), ".zip", ".tar", ".tgz");
    INFO(form);
    const ImportFixture fixture;
    pack(fixture.folder() / ("a" + form), {{.path = "caf\xe9/cur/1700000001.\xff\xfe:2,S", .contents = plain_message},
                                           {.path = "\xc3\xa9t\xc3\xa9/cur/1700000001.a:2,", .contents = plain_message},
                                           {.path = "na\xefve.mbox", .contents = from_line + plain_message}});
    const auto done = import_tree(fixture, fixture.folder() / ("a" + form));
    INFO(done.out << done.err);
    CHECK(done.exit_code == 0);
    CHECK(mailboxes(fixture) == std::vector<std::string>{"caf\u00e9", "na\u00efve", "\u00e9t\u00e9"});
    CHECK(fixture.messages("caf\u00e9").at(0).flags == std::vector<std::string_view>{"\\Seen"});
    fixture.require_consistent();
}

TEST_CASE("an archive without mail is refused and says so", "[import][archive]") {
    const ImportFixture fixture;
    const auto before = fixture.state();
    pack(fixture.folder() / "a.zip", {{.path = "readme.txt", .contents = "nothing"}});
    const auto none = import_tree(fixture, fixture.folder() / "a.zip");
    CHECK(none.exit_code == 12);
    CHECK(contains(none.err, "no mail in archive"));
    CHECK(none.out.empty());
    put(fixture.folder() / "b.zip", "PK\x03\x04 is all there is");
    CHECK(import_tree(fixture, fixture.folder() / "b.zip").exit_code == 1);
    put(fixture.folder() / "c.tgz", "");
    CHECK(import_tree(fixture, fixture.folder() / "c.tgz", {}, "archive").exit_code == 12);
    CHECK(import_tree(fixture, "-", {}, "archive").exit_code == 2);
    CHECK(fixture.state() == before);
}
