#include "fixture.hpp"

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "datadir/lock.hpp"
#include "snapshot/take.hpp"
#include "support/logical_dump.hpp"

using namespace mox;
using test::root_of;
using test::run_verifydata;
using test::says;
namespace fs = std::filesystem;

namespace {

using Directory = test::HealthyDirectory;

}  // namespace

TEST_CASE("--fix says what was and what is, and that all is well", "[verifydata]") {
    const Directory directory;
    directory.sql("alice", "UPDATE account SET message_size = 7");
    std::ofstream(directory / "accounts/bob/msg/a/99") << "x";
    fs::permissions(directory / "accounts/bob/msg/a/99", fs::perms::owner_read);
    const auto before = run_verifydata({root_of(directory)});
    CHECK(before.exit_code == 1);
    CHECK(says(before, "mox-verifydata --fix mends it"));

    const auto tree = test::dump_tree(directory.layout().root());
    const auto planned = run_verifydata({root_of(directory), "--fix", "--dry-run"});
    CHECK(planned.exit_code == 1);
    CHECK(says(planned, "alice/index.db: would mend: the account's size was 7 bytes, is "));
    CHECK(says(planned, "accounts/bob/msg/a/99: would mend: moves to 'moved/accounts/bob/msg/a' [stray-file]\n"));
    CHECK(says(planned, ": 2 problems, 2 repairs to make, "));
    CHECK(test::dump_tree(directory.layout().root()) == tree);
    CHECK(says(run_verifydata({root_of(directory), "-n"}), ": 2 problems, 2 repairs to make, "));

    const auto fixed = run_verifydata({root_of(directory), "--fix"});
    CHECK(fixed.exit_code == 0);
    CHECK(says(fixed, "accounts/bob/msg/a/99: mended: moved to 'moved/accounts/bob/msg/a/99' [stray-file]\n"));
    CHECK(says(fixed, ": OK, 2 repairs made, 2 accounts, "));
    CHECK(read_file(directory / "moved/accounts/bob/msg/a/99") == "x");
    CHECK(run_verifydata({root_of(directory)}).exit_code == 0);
}

TEST_CASE("--fix=CHECK mends only that", "[verifydata]") {
    const Directory directory;
    directory.sql("alice", "UPDATE account SET message_size = 7; UPDATE mailbox SET count_total = 9 WHERE id = 1");
    const auto fixed = run_verifydata({root_of(directory), "--fix=account-size,special-use"});
    CHECK(fixed.exit_code == 1);
    CHECK(says(fixed, "[account-size]"));
    CHECK(says(fixed, ": 1 problem left, 1 repair made, "));
    CHECK(run_verifydata({root_of(directory), "--fix=mailbox-counts"}).exit_code == 0);
}

TEST_CASE("what --fix cannot mend is told with what to do", "[verifydata]") {
    const Directory directory;
    fs::remove(directory / "accounts/bob/msg/a/2");
    const auto fixed = run_verifydata({root_of(directory), "--fix"});
    CHECK(fixed.exit_code == 1);
    CHECK(says(fixed, "accounts/bob/msg/a/2: error: is missing [message-file]"));
    CHECK(says(fixed, "mox-restore --message brings single messages back from a snapshot"));
}

TEST_CASE("the recorded hash follows the file only when asked for by name", "[verifydata]") {
    const Directory directory;
    const auto path = directory / "accounts/bob/msg/a/1";
    std::string bytes = read_file(path);
    bytes[bytes.find("Hello")] = 'J';
    std::ofstream(path, std::ios::trunc) << bytes;
    CHECK(run_verifydata({root_of(directory), "--fix", "--read-data"}).exit_code == 1);
    const auto fixed = run_verifydata({root_of(directory), "--fix=message-hash"});
    CHECK(fixed.exit_code == 0);
    CHECK(says(fixed, "message 1 has the SHA-256 of its file now [message-hash]"));
    CHECK(read_file(path) == bytes);
    CHECK(run_verifydata({root_of(directory), "--read-data"}).exit_code == 0);
}

TEST_CASE("--fix refuses what it must not change", "[verifydata]") {
    const Directory directory;
    const test::TempDir backup;
    CHECK(run_verifydata({root_of(directory), "--fix=uid-nexd"}).exit_code == 2);
    CHECK(run_verifydata({root_of(directory), "--fix=message-file"}).exit_code == 2);
    CHECK(run_verifydata({root_of(directory), "--fix", "--only", "uid-next"}).exit_code == 2);
    CHECK(run_verifydata({backup / "missing", "--fix"}).exit_code == 10);

    snapshot::Observer silent;
    (void)snapshot::take({.data_dir = directory.layout().root()}, backup / "taken", silent);
    const auto tree = test::dump_tree(backup / "taken");
    const auto run = run_verifydata({backup / "taken", "--fix"});
    CHECK(run.exit_code == 2);
    CHECK(says(run, "restore it with mox-restore, and mend the copy"));
    CHECK(test::dump_tree(backup / "taken") == tree);
}

TEST_CASE("two repairs do not meet", "[verifydata]") {
    const Directory directory;
    const auto other = datadir::Lock::try_take(directory.layout(), "repair", datadir::LockMode::exclusive);
    const auto run = run_verifydata({root_of(directory), "--fix", "--lock-timeout", "0"});
    CHECK(run.exit_code == 11);
    CHECK(run_verifydata({root_of(directory), "--fix", "--dry-run", "--lock-timeout", "0"}).exit_code == 0);
}

TEST_CASE("--fix writes JSON lines", "[verifydata]") {
    const Directory directory;
    directory.sql("alice", "UPDATE account SET message_size = 7");
    std::istringstream lines(run_verifydata({root_of(directory), "--fix", "--json"}).out);
    std::vector<nlohmann::json> objects;
    for (std::string line; std::getline(lines, line);) objects.push_back(nlohmann::json::parse(line));
    REQUIRE(objects.size() == 2);
    CHECK(objects[0]["type"] == "repair");
    CHECK(objects[0]["path"] == "accounts/alice/index.db");
    CHECK(objects[0]["check"] == "account-size");
    CHECK(objects[0]["dry_run"] == false);
    CHECK(objects[1]["type"] == "summary");
    CHECK(objects[1]["repairs"] == 1);
    CHECK(objects[1]["problems"] == 0);
}
