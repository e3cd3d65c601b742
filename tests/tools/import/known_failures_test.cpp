#include <charconv>

#include "support/run_program.hpp"
#include "tree_fixture.hpp"

// What other programs are known to get wrong, each with a case of its own.

using namespace mox;
using namespace mox::test;

namespace {

constexpr int scale = MOX_TEST_SCALE;

std::string id(int i) {
    return "<" + std::to_string(i) + "@example.org>";
}

}  // namespace

TEST_CASE("a maildir of one huge conversation is imported", "[import]") {
    const int count = 1'000 * scale;
    const bool all_references = GENERATE(false, true);
    const ImportFixture fixture;
    const fs::path root = fixture.folder() / "Maildir";
    fs::create_directories(root / "cur");
    std::string references;
    for (int i = 0; i < count; ++i) {
        std::string text = "Subject: Re: one\nMessage-ID: " + id(i) + "\n";
        if (i > 0) text += "In-Reply-To: " + id(i - 1) + "\n";
        if (i > 0 && (all_references || i < 20)) text += "References:" + references + "\n";
        std::ofstream(root / "cur" / (std::to_string(1'600'000'000 + i) + ".a.h:2,")) << text << "\nx\n";
        // As mail programs do: the first, and then the last ones.
        references += "\n " + id(i);
        if (i > 100)
            references.erase(references.find('\n', 1),
                             references.find('\n', references.find('\n', 1) + 1) - references.find('\n', 1));
    }
    const auto done = import_tree(fixture, root);
    INFO(done.err);
    REQUIRE(done.exit_code == 0);
    auto account = fixture.account();
    CHECK(account.database().value<int>("SELECT count(*) FROM message") == count);
    CHECK(account.database().value<int>("SELECT count(DISTINCT thread_id) FROM message") == 1);
    fixture.require_consistent();
}

TEST_CASE("memory does not grow with the size of what is imported", "[import]") {
    const ImportFixture fixture;
    const fs::path mbox = fixture.folder() / "in.mbox";
    {
        std::ofstream out(mbox, std::ios::binary);
        const std::string line(75, 'x');
        std::string body;
        while (body.size() < 4'000'000) body += line + "\n";
        for (int i = 0; i < 100; ++i) out << from_line << "Subject: s\nMessage-ID: " << id(i) << "\n\n" << body << "\n";
    }
    // The peak of a child that is waited for, in KiB.
    const std::string script =
        "import resource, subprocess, sys\n"
        "subprocess.run(sys.argv[1:], check=True)\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\n";
    const auto peak_kib = [&](const std::string& format, const std::vector<std::string>& operands) {
        std::vector<std::string> words{
            "python3", "-c",   script, MOX_BIN "/mox-import", "-q", "--data-dir", fixture.layout().root().string(),
            format,    "alice"};
        words.insert(words.end(), operands.begin(), operands.end());
        // What a sanitizer keeps of freed memory to find its use later.
        const auto done = run_program(words, {.environment = {{"ASAN_OPTIONS", "quarantine_size_mb=1"}}});
        INFO(done.out << done.err);
        REQUIRE(done.exit_code == 0);
        return std::stol(done.out);
    };
    CHECK(peak_kib("mbox", {"Inbox", mbox.string()}) < 250'000);
    CHECK(fixture.messages().empty() == false);
}

TEST_CASE("dates of mail in nested folders are kept", "[import]") {
    const ImportFixture fixture;
    const fs::path root = fixture.folder() / "Maildir";
    const std::vector<std::string> folders{"", ".A", ".A.B", "Nested", "Nested/Deeper", "Nested/.C"};
    std::int64_t time = 1'300'000'000;
    for (const auto& folder : folders)
        put(root / folder / "cur" / (std::to_string(++time) + ".M1P1.host:2,"), plain_message);
    // No time in the name: that of the file.
    put(root / "Nested/Deeper/cur/nothing", plain_message);
    const auto file_time =
        fs::file_time_type::clock::from_sys(std::chrono::sys_seconds(std::chrono::seconds(1'234'567'890)));
    fs::last_write_time(root / "Nested/Deeper/cur/nothing", file_time);
    const auto done = import_tree(fixture, root);
    INFO(done.out << done.err);
    REQUIRE(done.exit_code == 0);
    time = 1'300'000'000;
    for (const std::string name : {"Inbox", "A", "A/B", "Nested", "Nested/Deeper", "Nested/C"}) {
        INFO(name);
        CHECK(fixture.messages(name).at(0).received == ++time);
    }
    CHECK(fixture.messages("Nested/Deeper").at(1).received == 1'234'567'890);
}

TEST_CASE("nothing says done when nothing was imported", "[import]") {
    const ImportFixture fixture;
    const auto before = fixture.state();
    const fs::path root = fixture.folder() / "mail";
    put(root / "Inbox/notes.txt", "text");
    put(root / "half.mbox", "Not From\n");
    const auto nothing = import_tree(fixture, root);
    INFO(nothing.out << nothing.err);
    CHECK(nothing.exit_code != 0);
    CHECK_FALSE(contains(nothing.out + nothing.err, "imported"));
    put(root / "Inbox/cur/1700000001.a.h:2,", plain_message);
    const auto excluded = import_tree(fixture, root, {"--include", "inbox"});
    INFO(excluded.out << excluded.err);
    CHECK(contains(excluded.out, "imported 0 messages"));
    CHECK(contains(excluded.err, "warning: no mailbox matches the pattern 'inbox'"));
    CHECK(fixture.state() == before);
    fs::create_symlink("nowhere", root / "Inbox/cur/1700000002.b.h:2,");
    fs::remove(root / "Inbox/cur/1700000001.a.h:2,");
    const auto failed = import_tree(fixture, root);
    CHECK(failed.exit_code == 3);
    CHECK(contains(failed.out, "imported 0 messages"));
    CHECK(contains(failed.out, "1 could not be read"));
}

TEST_CASE("flags of other programs are not lost for one character", "[import]") {
    struct Row {
        std::string keywords;
        std::string stored, said;
    };
    const auto row = GENERATE(values<Row>({
        {"to do (urgent)", "_urgent_ do to", "keyword '(urgent)' is kept as '_urgent_'"},
        {"50%", "50_", "keyword '50%' is kept as '50_'"},
        {"caf\xc3\xa9", "caf_", "is kept as 'caf_'"},
        {"a\"b\\c*d]", "a_b_c_d_", "is kept as 'a_b_c_d_'"},
        {"fine ()", "fine", "'()' cannot be a keyword"},
        {"$Label1,NonJunk", "$label1", ""},
    }));
    const ImportFixture fixture;
    const auto done = fixture.import_text(from_line + "X-Keywords: " + row.keywords + "\n" + plain_message);
    INFO(done.err);
    CHECK(done.exit_code == 0);
    CHECK(contains(done.err, row.said));
    CHECK(done.err.empty() == row.said.empty());
    CHECK(fixture.messages().at(0).keywords == row.stored);
    fixture.require_consistent();
}

TEST_CASE("one bad message never stops the rest and is stored as it is", "[import]") {
    const std::vector<std::string> bad{
        "",
        "\n",
        "no header at all",
        std::string("\0\0\0\n", 4),
        "Content-Type: multipart/mixed\n\n--\n",
        "Content-Type: multipart/mixed; boundary=\"\"\n\n--\n--\n----\n",
        "Content-Type: multipart/mixed; boundary=a\n\n--a\nContent-Type: message/rfc822\n\n--a",
        "Content-Transfer-Encoding: base64\n\n====\x80\xff",
        "Content-Type: text/html; charset=klingon\n\n<\xff\xfe>",
        "Date: Fri, 99 Foo 99999 99:99:99 +9999\n\nx\n",
        "Subject: =?utf-8?B?////?= =?x?Q?=ZZ?=\n\nx\n",
        std::string(100'000, ':') + "\n",
        "Message-ID: " + std::string(100'000, '<') + "\nReferences: >><<@\n\nx\n",
        "\xff\xfeS\0u\0b",
    };
    const ImportFixture fixture;
    const fs::path root = fixture.folder() / "Maildir";
    std::vector<std::string> expected;
    const auto add = [&](const std::string& text) {
        put(root / "cur" / (std::to_string(1'700'000'000 + expected.size()) + ".a.h:2,"), text);
        std::string stored;
        for (const char c : text) stored += c == '\n' ? std::string("\r\n") : std::string(1, c);
        if (!stored.empty() && !stored.ends_with('\n')) stored += "\r\n";
        expected.push_back(stored);
    };
    for (const auto& text : bad) {
        add(text);
        add(plain_message);
    }
    const auto done = import_tree(fixture, root);
    INFO(done.out << done.err);
    CHECK(done.exit_code == 0);
    const auto stored = fixture.messages();
    REQUIRE(stored.size() == expected.size());
    for (std::size_t i = 0; i < stored.size(); ++i) {
        INFO(i);
        CHECK((stored[i].contents == expected[i]));
    }
    fixture.require_consistent();
}
