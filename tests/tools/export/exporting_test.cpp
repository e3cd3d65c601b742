#include <catch2/catch.hpp>
#include <fstream>
#include <nlohmann/json.hpp>

#include "fixture.hpp"
#include "support/run_program.hpp"

using namespace mox;
using namespace mox::test;

namespace {

const std::string contents = "From: Ann <ann@example.org>\r\nSubject: a\r\n\r\nbody\r\n";

std::vector<std::string> names_in(const fs::path& folder) {
    std::vector<std::string> names;
    for (const auto& entry : list_directory(folder)) names.push_back(entry.name);
    return names;
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

std::vector<nlohmann::json> records_in(const std::string& lines) {
    std::vector<nlohmann::json> records;
    std::istringstream in(lines);
    for (std::string line; std::getline(in, line);) records.push_back(nlohmann::json::parse(line));
    return records;
}

}  // namespace

TEST_CASE("an export says what it has done", "[export]") {
    const ExportFixture fixture;
    for (int i = 0; i < 3; ++i) fixture.deliver("Inbox", contents, {});
    fixture.deliver("A/B", contents, {});
    const auto text = fixture.run({"mbox", "alice", "Inbox", (fixture.folder() / "one").string()});
    CHECK(text.exit_code == 0);
    CHECK(contains(text.out, "exported 3 messages (147 bytes) in 1 mailbox of account 'alice' to '"));
    const auto done = fixture.run({"--json", "maildir", "alice", "A", fixture.out().string(), "--recursive"});
    CHECK(done.exit_code == 0);
    const auto records = records_in(done.out);
    REQUIRE(records.size() == 3);
    CHECK(records[0] == nlohmann::json{{"type", "mailbox"},
                                       {"mailbox", "A"},
                                       {"path", ".A"},
                                       {"messages", 0},
                                       {"size_bytes", 0},
                                       {"damaged", 0},
                                       {"failed", 0}});
    CHECK(records[1]["path"] == ".A.B");
    CHECK(records[1]["messages"] == 1);
    CHECK(records[2]["type"] == "summary");
    CHECK(records[2]["mailboxes"] == 2);
    CHECK(records[2]["messages"] == 1);
    CHECK(records[2]["exit_code"] == 0);
    CHECK(names_in(fixture.out()) == std::vector<std::string>{".A", ".A.B", "cur", "new", "subscriptions", "tmp"});
}

TEST_CASE("a dry run counts and writes nothing", "[export]") {
    const ExportFixture fixture;
    fixture.deliver("Inbox", contents, {});
    const auto before = names_in(fixture.folder().path());
    const auto done = fixture.run({"-n", "mbox", "alice", fixture.out().string()});
    CHECK(done.exit_code == 0);
    CHECK(contains(done.out, "would export 1 message (49 bytes) in 6 mailboxes"));
    CHECK(fixture.run({"-n", "mbox", "alice", (fixture.folder() / "no/where").string()}).exit_code == 10);
    CHECK(fixture.run({"-n", "mbox", "alice", fixture.folder().path().string()}).exit_code == 1);
    CHECK(names_in(fixture.folder().path()) == before);
}

TEST_CASE("what cannot be exported is a clear error that leaves nothing", "[export]") {
    const ExportFixture fixture;
    fixture.folder().write("file", "theirs");
    fixture.deliver(std::string(200, 'x') + "/" + std::string(200, 'y'), contents, {});
    const auto before = dump_tree(fixture.folder().path());
    const std::string out = fixture.out().string(), file = (fixture.folder() / "file").string();
    struct Row {
        std::vector<std::string> words;
        int exit_code;
        std::string part;
    };
    const std::vector<Row> rows{
        {{"mbox", "alice", "Inbox", file}, 1, "exists already"},
        {{"maildir", "alice", file}, 1, "exists already"},
        {{"mbox", "alice", "Nothing", out}, 10, "no mailbox 'Nothing'"},
        {{"mbox", "carol", out}, 10, "no such account"},
        {{"mbox", "../x", out}, 10, "no such account"},
        {{"mbox", "alice", "Inbox", out + "/deeper"}, 10, "no directory"},
        {{"mbox", "alice", "a//b", out}, 2, "a//b"},
        {{"mbox", "alice", "Inbox", ""}, 2, "DEST"},
        {{"mbox", "alice", "-"}, 2, "standard output"},
        {{"maildir", "alice", "Inbox", "-"}, 2, "standard output"},
        {{"--json", "mbox", "alice", "Inbox", "-"}, 2, "--json"},
        {{"--recursive", "mbox", "alice", out}, 2, "--recursive"},
        {{"mbox", "alice", (fixture.layout().root() / "tmp/out").string()}, 1, "inside of the data directory"},
        {{"archive", "alice", out}, 2, "--archive-format"},
        {{"archive", "alice", out + ".zip"}, 2, "--archive-format"},
        {{"pdf", "alice", out}, 2, "pdf"},
        {{"mbox", "alice"}, 2, "DEST"},
        {{"maildir", "alice", out}, 1, "--layout nested"},
    };
    for (const auto& row : rows) {
        const auto done = fixture.run(row.words);
        INFO(done.out << done.err);
        CHECK(done.exit_code == row.exit_code);
        CHECK(contains(done.out + done.err, row.part));
    }
    const auto after = dump_tree(fixture.folder().path());
    for (const auto& [path, hash] : after) {
        INFO(path);
        if (!path.starts_with("data/")) CHECK(before.contains(path));
    }
    fixture.require_run({"maildir", "alice", out, "--layout", "nested"});
}

TEST_CASE("messages whose files are damaged or gone are named, and the rest is exported", "[export]") {
    const ExportFixture fixture;
    auto account = fixture.account_of("alice");
    std::vector<store::MessageId> ids;
    for (int i = 0; i < 6; ++i)
        ids.push_back(store::deliver(account, "Inbox", {}, "n: " + std::to_string(i) + "\r\n").id);
    account.close();
    const auto file = [&](std::size_t uid) { return account.message_file(ids[uid - 1]); };
    fs::remove(file(1));
    std::ofstream(file(2), std::ios::binary) << "n: X\r\n";
    std::ofstream(file(3), std::ios::binary) << "short\r\n";
    fs::remove(file(4));
    fs::create_directory(file(4));
    fs::remove(file(5));
    fs::create_symlink(file(6), file(5));
    const std::string format = GENERATE("mbox", "maildir");
    const auto done = fixture.run({format, "alice", "Inbox", fixture.out().string()});
    INFO(done.err);
    CHECK(done.exit_code == 3);
    CHECK(contains(done.out, "exported 3 messages"));
    CHECK(contains(done.out, "2 damaged, 3 left out"));
    CHECK(contains(done.err, "mailbox 'Inbox', UID 1 (accounts/alice/msg/a/1): message file is missing; left out"));
    CHECK(contains(done.err,
                   "UID 2 (accounts/alice/msg/a/2): message file does not have the recorded SHA-256; exported"));
    CHECK(contains(done.err, "UID 3 (accounts/alice/msg/a/3): message file has 7 bytes instead of 6; exported"));
    CHECK(contains(done.err, "UID 4 (accounts/alice/msg/a/4): message file is not a regular file; left out"));
    CHECK(contains(done.err, "UID 5 (accounts/alice/msg/a/5): message file is not a regular file; left out"));
    fixture.import_back(format, fixture.out(), "Back");
    std::vector<std::string> found;
    for (const auto& message : fixture.mail("bob", "Back")) found.push_back(message.contents);
    CHECK(found == std::vector<std::string>{"n: X\r\n", "short\r\n", "n: 5\r\n"});
}

TEST_CASE("a mailbox goes to standard output as an mbox, and nothing else does", "[export]") {
    const ExportFixture fixture;
    fixture.deliver("Inbox", contents, {.received = {.seconds = 1'700'000'000}});
    const std::string program = MOX_BIN "/mox-export", data = fixture.layout().root().string();
    const auto done = run_program({program, "--data-dir", data, "mbox", "alice", "inbox", "-"});
    CHECK(done.exit_code == 0);
    CHECK(done.err.empty());
    CHECK(done.out ==
          "From ann@example.org Tue Nov 14 22:13:20 2023\nX-Mox-Export: 1 received=1700000000\nStatus: O\n"
          "From: Ann <ann@example.org>\nSubject: a\n\nbody\n\n");
    const auto full =
        run_program({program, "--data-dir", data, "mbox", "alice", "Inbox", "-"}, {.redirection = ">/dev/full"});
    CHECK(full.exit_code == 1);
    CHECK(contains(full.err, "standard output"));
}

TEST_CASE("an archive holds the same files as the folder would", "[export]") {
    const ExportFixture fixture;
    for (int i = 0; i < 60; ++i)
        fixture.deliver(i % 2 == 0 ? "Inbox" : "Lists/C++", contents + std::to_string(i) + (i % 3 == 0 ? "" : "\r\n"),
                        {.received = {.seconds = 1'700'000'000 + i}, .keywords = {"k" + std::to_string(i % 31)}});
    fixture.deliver("Large", contents + std::string(3 << 20, 'x') + "\r\ny\r\n", {.received = {.seconds = 9}});
    const bool is_tree = GENERATE(true, false);
    const std::string layout = is_tree ? GENERATE("maildir++", "nested") : "maildir++";
    std::vector<std::string> what{"alice"};
    if (!is_tree) what.emplace_back("Lists/C++");
    const auto words = [&](const std::string& format, const fs::path& destination) {
        std::vector<std::string> all{format, "--layout", layout};
        all.insert(all.end(), what.begin(), what.end());
        all.push_back(destination.string());
        return all;
    };
    fixture.require_run(words("maildir", fixture.out()));
    for (const std::string suffix : {".tar", ".tgz", ".tar.gz", ".tar.zst", "-"}) {
        INFO(suffix);
        auto file = fixture.folder() / ("out" + suffix);
        if (suffix == "-") {
            auto command = words("archive", "-");
            command.insert(command.begin(), {MOX_BIN "/mox-export", "--data-dir", fixture.layout().root().string()});
            const auto done = run_program(command, {.redirection = "> " + shell_word(file.string())});
            INFO(done.err);
            REQUIRE(done.exit_code == 0);
        } else {
            fixture.require_run(words("archive", file));
        }
        const auto unpacked = fixture.folder() / ("unpacked" + suffix);
        fs::create_directory(unpacked);
        const auto done = run_program({"tar", "-xf", file.string(), "-C", unpacked.string()});
        INFO(done.err);
        REQUIRE(done.exit_code == 0);
        CHECK((dump_tree(unpacked) == dump_tree(fixture.out())));
        for (const auto& entry :
             fs::recursive_directory_iterator(unpacked / (is_tree && layout == "nested" ? "Inbox/cur" : "cur")))
            CHECK(status_of(entry.path())->st_mtime >= 1'700'000'000);
    }
}

TEST_CASE("a data directory that is only read stays as it is", "[export]") {
    const ExportFixture fixture;
    fixture.deliver("Inbox", contents, {});
    const auto before = dump_tree(fixture.layout().root());
    fixture.require_run({"mbox", "alice", fixture.out().string()});
    for (const auto& [path, hash] : dump_tree(fixture.layout().root())) {
        INFO(path);
        const bool is_side_file = path.ends_with("-shm") || path.ends_with("-wal") || path.starts_with("locks/");
        if (!is_side_file) CHECK(before.at(path) == hash);
    }
}

TEST_CASE("Python's mailbox module reads what is exported", "[export]") {
    const ExportFixture fixture;
    for (int i = 0; i < 5; ++i)
        fixture.deliver("Lists/C++", "Subject: n" + std::to_string(i) + "\r\n\r\nFrom x\r\nbody\r\n",
                        {.flags = i % 2 == 0 ? model::Flags(model::Flag::seen) : model::Flags(), .keywords = {"k"}});
    const auto mbox = fixture.folder() / "mbox", maildir = fixture.folder() / "maildir";
    fixture.require_run({"mbox", "alice", mbox.string()});
    fixture.require_run({"maildir", "alice", maildir.string()});
    const auto script = fixture.folder().write("read.py", R"(
import mailbox, sys
for m in mailbox.mbox(sys.argv[1] + "/Lists/C++.mbox", create=False):
    print(m["Subject"], "".join(sorted(m.get_flags())), m["X-Keywords"], m.get_from())
root = mailbox.Maildir(sys.argv[2], create=False)
print(sorted(root.list_folders()))
for key, m in sorted(root.get_folder("Lists.C++").items()):
    print(m["Subject"], m.get_subdir(), m.get_flags(), int(m.get_date()), len(m.get_payload()))
)");
    const auto done = run_program({"python3", script.string(), mbox.string(), maildir.string()});
    CHECK(done.err == "");
    const std::string from = " MAILER-DAEMON Thu Jan  1 00:00:00 1970\n";
    CHECK(done.out == "n0 OR k" + from + "n1 O k" + from + "n2 OR k" + from + "n3 O k" + from + "n4 OR k" + from +
                          "['Archive', 'Drafts', 'Junk', 'Lists', 'Lists.C++', 'Sent', 'Trash']\n"
                          "n0 cur Sa 0 12\nn1 cur a 0 12\nn2 cur Sa 0 12\nn3 cur a 0 12\nn4 cur Sa 0 12\n");
}
