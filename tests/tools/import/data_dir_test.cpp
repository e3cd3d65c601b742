#include <sys/stat.h>
#include <unistd.h>

#include "fixture.hpp"

using namespace mox;
using namespace mox::test;

namespace {

constexpr std::string_view one = "From ann Mon Jan  2 15:04:05 2006\nSubject: x\n\nx\n";

struct Paths {
    fs::path data, database;
};

void overwrite(const fs::path& path, std::size_t at, std::string_view bytes) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(at));
    file << bytes;
}

// The head of a BoltDB file.
std::string bolt_head() {
    std::string head(4096, '\0');
    head.replace(16, 4, "\xed\xda\x0c\xed");
    return head;
}

// A configuration with the data directory `data` and the accounts mox and newcomer.
fs::path configuration(const TempDir& folder) {
    folder.write("config/mox.conf",
                 "DataDir: ../data\nLogLevel: info\nUser: mox\nHostname: "
                 "localhost\nListeners:\n\tlocal:\n\t\tIPs:\n\t\t\t- 127.0.0.1\nPostmaster:\n"
                 "\tAccount: mox\n\tMailbox: Inbox\n");
    folder.write("config/domains.conf",
                 "Domains:\n\tlocalhost: nil\nAccounts:\n\tmox:\n\t\tDomain: "
                 "localhost\n\t\tDestinations:\n\t\t\tmox@localhost: nil\n"
                 "\tnewcomer:\n\t\tDomain: localhost\n\t\tDestinations:\n\t\t\tnewcomer@localhost: nil\n");
    return folder / "config/mox.conf";
}

}  // namespace

TEST_CASE("data directories that cannot be used are refused with their own exit codes", "[import]") {
    struct Row {
        std::string what;
        std::function<void(const Paths&)> change;
        int exit_code;
        std::string part;
    };
    const auto row = GENERATE(values<Row>({
        {"missing", [](const auto& p) { fs::remove_all(p.data); }, 10, "no directory "},
        {"a file",
         [](const auto& p) {
             fs::remove_all(p.data);
             std::ofstream(p.data) << "x";
         },
         10, "no directory "},
        {"empty",
         [](const auto& p) {
             fs::remove_all(p.data);
             fs::create_directory(p.data);
         },
         12, "is not a data directory"},
        {"not ours",
         [](const auto& p) {
             fs::remove_all(p.data);
             fs::create_directory(p.data);
             std::ofstream(p.data / "photo.jpg") << "x";
         },
         12, "is not a data directory"},
        {"of the original", [](const auto& p) { std::ofstream(p.database, std::ios::binary) << bolt_head(); }, 12,
         "is a data directory of the original mox"},
        {"of a newer schema",
         [](const auto& p) {
             db::Database(p.database, {.access = db::Access::read_write}).exec("PRAGMA user_version = 1000");
         },
         12, "account 'alice': "},
        {"of another kind of database",
         [](const auto& p) {
             db::Database(p.database, {.access = db::Access::read_write}).exec("PRAGMA application_id = 1");
         },
         12, "account 'alice': "},
        {"with an empty database", [](const auto& p) { fs::resize_file(p.database, 0); }, 12, "account 'alice': "},
        {"with a database that is text", [](const auto& p) { std::ofstream(p.database) << std::string(9999, 'x'); }, 1,
         "account 'alice': "},
        {"with a database cut short", [](const auto& p) { fs::resize_file(p.database, 5000); }, 1, "account 'alice': "},
        {"with a damaged schema", [](const auto& p) { overwrite(p.database, 100, std::string(300, '\xff')); }, 1,
         "account 'alice': "},
        {"without the database", [](const auto& p) { fs::remove(p.database); }, 10, "account 'alice': no such account"},
        {"without the account", [](const auto& p) { fs::remove_all(p.database.parent_path()); }, 10,
         "account 'alice': no such account"},
        {"with messages that are a file", [](const auto& p) { std::ofstream(p.database.parent_path() / "msg") << "x"; },
         1, "msg"},
        {"with locks that are a file",
         [](const auto& p) {
             fs::remove_all(p.data / "locks");
             std::ofstream(p.data / "locks") << "x";
         },
         1, "locks"},
    }));
    INFO(row.what);
    const ImportFixture fixture;
    const fs::path mbox = fixture.folder().write("in.mbox", one);
    row.change({fixture.layout().root(), fixture.database_path()});
    const bool is_there = fs::is_directory(fixture.layout().root());
    const auto before = is_there ? files_below(fixture.layout().root()) : std::set<std::string>{};
    const auto done = fixture.import("mbox", mbox, "New");
    INFO(done.err);
    CHECK(done.exit_code == row.exit_code);
    CHECK(done.out.empty());
    CHECK(done.err.starts_with("mox-import: error: "));
    CHECK(done.err.find(row.part) != std::string::npos);
    CHECK(done.err.find("internal error") == std::string::npos);
    if (!is_there) return;
    auto after = files_below(fixture.layout().root());
    for (const auto& name : {"accounts/alice/index.db-wal", "accounts/alice/index.db-shm"}) after.erase(name);
    std::erase_if(after, [](const auto& name) { return name.starts_with("locks/"); });
    CHECK(after == before);
}

TEST_CASE("accounts that do not exist are refused", "[import]") {
    const ImportFixture fixture;
    const fs::path mbox = fixture.folder().write("in.mbox", one);
    const auto account =
        GENERATE(values<std::string>({"bob", "Alice", "../alice", "alice/", ".", "..", "a/b", "a\nb"}));
    const auto before = dump_tree(fixture.layout().root());
    const auto done = cli::run_tool(
        importing::tool(), {"--data-dir", fixture.layout().root().string(), "mbox", account, "Inbox", mbox.string()});
    INFO(done.err);
    CHECK(done.exit_code == 10);
    CHECK(done.err.find(quote(account) + ": no such account\n") != std::string::npos);
    CHECK(dump_tree(fixture.layout().root()) == before);
}

TEST_CASE("sources that cannot be read are refused and change nothing", "[import]") {
    const ImportFixture fixture;
    const auto before = fixture.state();
    const auto check = [&](const std::string& format, const fs::path& path, int exit_code, const std::string& part) {
        const auto done = fixture.import(format, path, "New");
        INFO(done.err);
        CHECK(done.exit_code == exit_code);
        CHECK(done.err.find(part) != std::string::npos);
        CHECK(fixture.state() == before);
    };
    check("mbox", fixture.folder() / "missing", 10, "missing': no such file or directory");
    check("mbox", fixture.folder() / "no/such", 10, "no/such': no such file or directory");
    check("mbox", fixture.folder().path(), 1, "it is a folder, not an mbox file\nmox-import: hint: is it a maildir?");
    check("mbox", "", 2, "PATH");
    check("maildir", fixture.folder() / "missing", 10, "missing': no such file or directory");
    check("maildir", fixture.folder().write("file", "x"), 1, "file': not a directory");
    check("maildir", "-", 2, "only an mbox can be read from standard input");
    check("zip", "x", 2, "'zip' is not one of mbox, maildir");
    check("mbox", fs::path("/proc/self/mem"), 1, "read '/proc/self/mem': input/output error");
}

TEST_CASE("an account that is configured and has no data yet is made with its mailboxes", "[import]") {
    const ImportFixture fixture;
    const fs::path mbox = fixture.folder().write("in.mbox", one);
    const auto config = configuration(fixture.folder()).string();
    const auto import = [&](const std::string& account, const std::vector<std::string>& options = {}) {
        std::vector<std::string> words{"-c", config, "mbox", account, "Inbox", mbox.string()};
        words.insert(words.end(), options.begin(), options.end());
        return cli::run_tool(importing::tool(), words);
    };
    const auto before = dump_tree(fixture.layout().root());
    const auto unknown = import("bob");
    INFO(unknown.err);
    CHECK(unknown.exit_code == 10);
    CHECK(import("bob", {"--dry-run"}).exit_code == 10);
    const auto dry = import("newcomer", {"--dry-run"});
    INFO(dry.err);
    CHECK(dry.exit_code == 0);
    CHECK(dump_tree(fixture.layout().root()) == before);
    CHECK(import("newcomer").exit_code == 0);
    auto account = store::Account::open(fixture.layout(), "newcomer", {.access = db::Access::read_write});
    std::vector<std::string> names;
    for (const auto& mailbox : store::list_mailboxes(account.database())) names.push_back(mailbox.name);
    CHECK(names == std::vector<std::string>{"Archive", "Drafts", "Inbox", "Junk", "Sent", "Trash"});
}

TEST_CASE("what an import writes has the owner and the modes of the data directory", "[import]") {
    const ImportFixture fixture;
    const fs::path root = fixture.layout().root();
    fs::permissions(root, fs::perms::owner_all | fs::perms::group_read | fs::perms::group_exec);
    if (::geteuid() == 0) {
        for (const auto& entry : fs::recursive_directory_iterator(root))
            REQUIRE(::chown(entry.path().c_str(), 65534, 65534) == 0);
        REQUIRE(::chown(root.c_str(), 65534, 65534) == 0);
    }
    const auto done = fixture.import_text(one, "New/Mailbox");
    INFO(done.err);
    REQUIRE(done.exit_code == 0);
    const auto wanted = status_of(root).value();
    for (const auto& entry : fs::recursive_directory_iterator(root)) {
        const auto status = status_of(entry.path()).value();
        INFO(entry.path());
        CHECK(status.st_uid == wanted.st_uid);
        CHECK(status.st_gid == wanted.st_gid);
        if (entry.path().string().find("/msg") == std::string::npos) continue;
        CHECK((status.st_mode & 0777) == (entry.is_directory() ? 0750U : 0640U));
    }
}
