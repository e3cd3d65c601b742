#include <nlohmann/json.hpp>

#include "tree_fixture.hpp"

using namespace mox;
using namespace mox::test;

namespace {

using Flags = std::vector<std::string_view>;

fs::path small_tree(const ImportFixture& fixture) {
    const fs::path root = fixture.folder() / "Maildir";
    put(root / "dovecot-keywords", "0 $Junk\n1 $NotJunk\n");
    for (const std::string name : {"", ".Spam.Old", ".Archive", ".Lists", ".Trash"})
        put(root / name / "cur/1700000001.a.h:2,S", plain_message);
    put(root / "cur/1700000002.b.h:2,ab", plain_message);
    return root;
}

std::vector<nlohmann::json> lines_of(const fs::path& file) {
    std::vector<nlohmann::json> lines;
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) lines.push_back(nlohmann::json::parse(line));
    return lines;
}

}  // namespace

TEST_CASE("the account's rules for junk flags decide for each mailbox of an import", "[import]") {
    const ImportFixture fixture;
    fixture.folder().write("config/mox.conf",
                           "DataDir: ../data\nLogLevel: info\nUser: mox\nHostname: localhost\nListeners:\n\tlocal:\n"
                           "\t\tIPs:\n\t\t\t- 127.0.0.1\nPostmaster:\n\tAccount: alice\n\tMailbox: Inbox\n");
    fixture.folder().write("config/domains.conf",
                           "Domains:\n\tlocalhost: nil\nAccounts:\n\talice:\n\t\tDomain: localhost\n\t\tDestinations:\n"
                           "\t\t\talice@localhost: nil\n\t\tAutomaticJunkFlags:\n\t\t\tEnabled: true\n"
                           "\t\t\tJunkMailboxRegexp: ^(junk|spam)\n"
                           "\t\t\tNeutralMailboxRegexp: ^(inbox|neutral|postmaster|dmarc|tlsrpt|rejects)\n");
    const auto path = small_tree(fixture);
    const auto done = cli::run_tool(
        importing::tool(), {"-c", (fixture.folder() / "config/mox.conf").string(), "auto", "alice", path.string()});
    INFO(done.out << done.err);
    REQUIRE(done.exit_code == 0);
    CHECK(fixture.messages("Inbox").at(0).flags == Flags{"\\Seen"});
    CHECK(fixture.messages("Inbox").at(1).flags.empty());  // both flags of its own are taken back
    CHECK(fixture.messages("Spam/Old").at(0).flags == Flags{"\\Seen", "$Junk"});
    for (const std::string name : {"Archive", "Lists", "Trash"}) {
        INFO(name);
        CHECK(fixture.messages(name).at(0).flags == Flags{"\\Seen", "$NotJunk"});
    }
    fixture.require_consistent();
}

TEST_CASE("without rules an import keeps the junk flags that mail comes with", "[import]") {
    const ImportFixture fixture;
    REQUIRE(import_tree(fixture, small_tree(fixture)).exit_code == 0);
    CHECK(fixture.messages("Inbox").at(1).flags == Flags{"$Junk", "$NotJunk"});
    CHECK(fixture.messages("Lists").at(0).flags == Flags{"\\Seen"});
}

TEST_CASE("--dry-run of a tree writes nothing but its report, which is that of the real run", "[import]") {
    const ImportFixture fixture;
    const fs::path root = small_tree(fixture);
    put(root / "cur/1700000003.c.h:2,", std::string(5000, 'x'));
    put(root / "notes", "no mail");
    const std::vector<std::string> options{"--max-message-size", "4000", "--since", "2001-01-01"};
    const auto run = [&](std::vector<std::string> more, const std::string& report) {
        more.insert(more.end(), options.begin(), options.end());
        more.insert(more.end(), {"--report", (fixture.folder() / report).string()});
        const auto done = import_tree(fixture, root, more);
        INFO(done.out << done.err);
        CHECK(done.exit_code == 3);
        auto lines = lines_of(fixture.folder() / report);
        for (auto& line : lines) {
            line.erase("id");
            line.erase("committed");
        }
        // What reading notices comes when it is noticed.
        std::sort(lines.begin(), lines.end(), [](const auto& a, const auto& b) { return a.dump() < b.dump(); });
        return lines;
    };
    const auto before = dump_tree(fixture.layout().root());
    const auto dry = run({"--dry-run"}, "dry.jsonl");
    CHECK(dump_tree(fixture.layout().root()) == before);
    const auto real = run({}, "real.jsonl");
    CHECK(dry == real);
    std::map<std::string, int> results, types;
    for (const auto& line : real) {
        ++types[line["type"]];
        if (line["type"] == "message") ++results[line["result"]];
    }
    CHECK(results == std::map<std::string, int>{{"imported", 6}, {"failed", 1}});
    CHECK(types["mailbox"] == 5);
    CHECK(types["warning"] == 1);  // notes
    fixture.require_consistent();
}
