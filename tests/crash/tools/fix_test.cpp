#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "base/file.hpp"
#include "db/database.hpp"
#include "subjects.hpp"
#include "support/logical_dump.hpp"

using namespace mox;
using namespace mox::test;

namespace fs = std::filesystem;

namespace {

void write_bytes(const fs::path& path, std::string_view bytes) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
    fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
}

// A directory that needs a repair of nearly every kind.
datadir::Layout make_damaged(const fs::path& target) {
    const auto data = make_data_directory(target, Past::quiet);
    {
        db::Database alice(data.account_db("alice"), {.access = db::Access::read_write});
        alice.exec(
            "PRAGMA foreign_keys = OFF;"
            "UPDATE account SET message_size = 0, next_message_id = 3, trains = 1;"
            "UPDATE mailbox SET uidnext = 2, keywords = '', count_unseen = 77 WHERE id = 1;"
            "UPDATE mailbox SET parent_id = NULL WHERE name = 'Groups/C++';"
            "UPDATE mailbox SET special_use = 16 WHERE name = 'Groups';"
            "UPDATE placement SET keywords = 'work todo' WHERE uid = 4 AND mailbox_id = 1;"
            "UPDATE message SET thread_parent = 3 WHERE id = 1;"
            "UPDATE message SET structure = x'ff00ff' WHERE id = 1;"
            "UPDATE message SET size = size + 5 WHERE id = 3;"
            "INSERT INTO recipient (message_id, localpart, domain, org_domain, sent) VALUES (4711, 'a', 'b', 'b', 0);"
            "UPDATE tombstone SET uid = 4711;"
            "DELETE FROM erase_queue");
        db::Database queue(data.queue_db(), {.access = db::Access::read_write});
        queue.exec("UPDATE queue SET next_message_id = 2");
    }
    std::string bytes = read_file(data.account_db("alice"));
    bytes.at(bytes.find("X-Added")) ^= 0x01;  // inside a prefix
    write_bytes(data.account_db("alice"), bytes);
    write_bytes(data.junk_filter_db("alice"), std::string(5000, 'x'));
    write_bytes(data.message("alice", 99), "stray");
    write_bytes(data.messages("alice") / "a/letter", "stray too");
    write_bytes(data.queue_message(99), "queued stray");
    ::chmod(data.message("alice", 1).c_str(), 0606);
    return data;
}

Command fix_command(const datadir::Layout& data) {
    return {MOX_BIN "/mox-verifydata", "--fix", "--read-data", "-j1", data.root()};
}

Experiment fixing(std::function<void(const fs::path&, const RunResult&, const FaultCall&)> check) {
    return {.prepare = [](const fs::path& dir) { return fix_command(make_damaged(dir / "data")); },
            .check = std::move(check),
            .parent = working_place()};
}

std::map<std::string, int> contents_before() {
    const TemporaryDirectory dir(working_place(), "moxcrash-");
    return dump_contents(make_damaged(dir.path() / "data").root());
}

// What the next run makes of it, and that there is nothing left to do for one after that.
void check_next_fix(const datadir::Layout& data, const std::map<std::string, int>& contents) {
    const auto again = run_tool(fix_command(data));
    INFO(describe(again, {}));
    CHECK(again.exit_code == 0);
    CHECK(verification_trouble(data.root()) == "");
    CHECK(dump_contents(data.root()) == contents);
    CHECK(run_tool(fix_command(data)).out.find(": OK, 0 repairs made, ") != std::string::npos);
}

}  // namespace

TEST_CASE("a repair that is killed at every boundary is completed by the next", "[crash][fix]") {
    const auto action = GENERATE(FaultAction::kill, FaultAction::kill_after);
    const auto contents = contents_before();
    std::size_t killed = 0;
    const auto check = [&](const fs::path& dir, const RunResult& run, const FaultCall& at) {
        INFO(describe(run, at));
        const datadir::Layout data(dir / "data");
        if (run.signal != 0) ++killed;
        if (run.signal == 0) CHECK(run.exit_code == 0);
        CHECK(dump_contents(data.root()) == contents);
        check_next_fix(data, contents);
        CHECK(next_import_trouble(data) == "");
    };
    const bool all = action == FaultAction::kill;
    const auto phases = for_every_boundary(fixing(check), {.action = action, .every = every(all ? 1 : 7)});
    CHECK(killed > 0);
    if (sample != 1 || !all) return;
    CHECK(met(phases, "rename", "accounts/alice/") + met(phases, "rename", "moved/") >= 3);
    CHECK(met(phases, "mkdir", "moved") >= 3);
    CHECK(met(phases, "attr", "accounts/alice/msg/a/1") > 0);
    CHECK(met(phases, "fdatasync", "alice/index.db-wal") + met(phases, "fsync", "alice/index.db-wal") >= 15);
}

TEST_CASE("a repair of which calls fail says so, and is completed by the next", "[crash][fix]") {
    const auto action = GENERATE(FaultAction::io_error, FaultAction::no_space);
    const auto contents = contents_before();
    std::size_t failed = 0;
    const auto check = [&](const fs::path& dir, const RunResult& run, const FaultCall& at) {
        INFO(describe(run, at));
        const datadir::Layout data(dir / "data");
        CHECK(run.signal == 0);
        if (run.exit_code == 0)
            CHECK(verification_trouble(data.root()) == "");
        else
            ++failed;
        CHECK(dump_contents(data.root()) == contents);
        check_next_fix(data, contents);
    };
    (void)for_every_boundary(fixing(check), {.action = action, .every = every(3)});
    CHECK(failed > 0);
}
