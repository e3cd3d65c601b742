#include "fixture.hpp"

#include <fstream>
#include <nlohmann/json.hpp>

#include "snapshot/series.hpp"
#include "snapshot/take.hpp"

using namespace mox;
using test::root_of;
using test::run_verifydata;
using test::says;
namespace fs = std::filesystem;

namespace {

using Directory = test::HealthyDirectory;

fs::path take_snapshot(const Directory& directory, const fs::path& target) {
    snapshot::Observer silent;
    (void)snapshot::take({.data_dir = directory.layout().root()}, target, silent);
    return target;
}

}  // namespace

TEST_CASE("a lost account database names the ways back, and one of them leads there", "[verifydata][rebuild]") {
    const Directory directory;
    fs::remove(directory.layout().account_db("alice"));
    const auto lost = run_verifydata({root_of(directory)});
    CHECK(lost.exit_code == 1);
    CHECK(says(lost, "mox-restore brings it back from a snapshot; mox-verifydata --rebuild 'alice' makes a new one"));

    const auto run = run_verifydata({root_of(directory), "--rebuild", "alice"});
    CHECK(run.exit_code == 0);
    CHECK(says(run, "accounts/alice/index.db: mended: made anew from 8 message files, 8 in the mailbox Recovered"));
    CHECK(says(run, "warning: mailboxes, flags, settings and the password of 'alice' are not known any more"));
    CHECK(says(run, ": account 'alice' rebuilt, 8 messages, 8 in the mailbox Recovered, in "));
    CHECK(run_verifydata({root_of(directory), "--read-data"}).exit_code == 0);
    // Now it is sound.
    const auto again = run_verifydata({root_of(directory), "--rebuild", "alice"});
    CHECK(again.exit_code == 1);
    CHECK(says(again, "--fix"));
    CHECK(run_verifydata({root_of(directory), "--rebuild", "alice", "--force"}).exit_code == 0);
}

TEST_CASE("a rebuild takes what a snapshot, the newest of a folder of them, or another directory knows",
          "[verifydata][rebuild]") {
    const Directory directory;
    const test::TempDir backup;
    const auto name = snapshot::snapshot_name(1'700'000'000);
    const auto taken = take_snapshot(directory, backup / name);
    for (const fs::path& from : {taken, backup.path(), taken / "data"}) {
        INFO(from);
        fs::remove(directory.layout().account_db("alice"));
        const auto run = run_verifydata({root_of(directory), "--rebuild", "alice", "--from", from, "--json"});
        CHECK(run.exit_code == 0);
        CHECK(says(run, "\"known_messages\":8"));
        CHECK(says(run, "\"lost_messages\":0"));
        CHECK_FALSE(says(run, "password"));
        CHECK(run_verifydata({root_of(directory), "--read-data"}).exit_code == 0);
    }
}

TEST_CASE("a database that is not the snapshot's own is not used", "[verifydata][rebuild]") {
    const Directory directory;
    const test::TempDir backup;
    const auto taken = take_snapshot(directory, backup / "taken");
    {
        db::Database database(taken / "data/accounts/alice/index.db",
                              {.access = db::Access::read_write, .switch_to_wal = false});
        database.exec("UPDATE account SET message_size = 0");
    }
    fs::remove(directory.layout().account_db("alice"));
    CHECK(run_verifydata({root_of(directory), "--rebuild", "alice", "--from", taken}).exit_code == 1);
    fs::remove(taken / "data/accounts/bob/index.db");
    CHECK_FALSE(status_of(directory.layout().account_db("alice")));
    CHECK(run_verifydata({root_of(directory), "--rebuild", "bob", "--from", taken, "--force"}).exit_code == 10);
    CHECK(run_verifydata({root_of(directory), "--rebuild", "bob", "--from", backup / "none", "--force"}).exit_code ==
          10);
}

TEST_CASE("a rebuild is a run of its own", "[verifydata][rebuild]") {
    const Directory directory;
    const test::TempDir backup;
    const auto taken = take_snapshot(directory, backup / "taken");
    for (const auto& more : {std::vector<std::string>{"--fix"},
                             {"--dry-run"},
                             {"--only", "seal"},
                             {"--read-data"},
                             {"--skip-size-check"}}) {
        std::vector<std::string> line{root_of(directory), "--rebuild", "alice", "--force"};
        line.insert(line.end(), more.begin(), more.end());
        INFO(more.front());
        CHECK(run_verifydata(line).exit_code == 2);
    }
    CHECK(run_verifydata({root_of(directory), "--from", taken}).exit_code == 2);
    CHECK(run_verifydata({root_of(directory), "--force"}).exit_code == 2);
    CHECK(run_verifydata({taken, "--rebuild", "alice", "--force"}).exit_code == 2);
    CHECK(run_verifydata({root_of(directory), "--rebuild", "nobody"}).exit_code == 10);
}
