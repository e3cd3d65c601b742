#include <catch2/catch.hpp>
#include <fstream>

#include "base/file.hpp"
#include "db/database.hpp"
#include "db/snapshot.hpp"
#include "subjects.hpp"
#include "support/logical_dump.hpp"

using namespace mox;
using namespace mox::test;

namespace fs = std::filesystem;

namespace {

// An account whose database is noise, with a log beside it, a junk filter and a stray file; `snapshot`: what was.
datadir::Layout make_broken(const fs::path& dir) {
    const auto data = make_data_directory(dir / "data", Past::quiet);
    {
        db::Database alice(data.account_db("alice"), {.access = db::Access::read_write});
        alice.exec("UPDATE account SET trains = 1");
    }
    fs::create_directories(dir / "snapshot/accounts/alice");
    db::snapshot(data.account_db("alice"), dir / "snapshot/accounts/alice/index.db");
    const auto write = [](const fs::path& path, const std::string& bytes) {
        std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
        fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
    };
    write(data.account_db("alice"), std::string(50'000, 'x'));
    write(data.account_db("alice").native() + "-wal", std::string(5'000, 'y'));
    write(data.junk_filter_db("alice"), std::string(5'000, 'z'));
    write(data.messages("alice") / "a/letter", "stray");
    return data;
}

Command rebuild_command(const datadir::Layout& data) {
    return {MOX_BIN "/mox-verifydata",
            "--rebuild",
            "alice",
            "--from",
            data.root().parent_path() / "snapshot",
            "-j1",
            data.root()};
}

// Every file of before is somewhere, with its contents: also the old databases.
std::multiset<std::string> all_contents(const fs::path& root) {
    std::multiset<std::string> contents;
    for (const auto& entry : fs::recursive_directory_iterator(root))
        if (entry.is_regular_file() && entry.path().native().find("/locks/") == std::string::npos)
            contents.insert(read_file(entry.path()));
    return contents;
}

}  // namespace

TEST_CASE("a rebuild that is disturbed at every boundary loses nothing, and the next one completes it",
          "[crash][rebuild]") {
    const auto action =
        GENERATE(FaultAction::kill, FaultAction::kill_after, FaultAction::io_error, FaultAction::terminate);
    std::size_t disturbed = 0;
    const auto check = [&](const fs::path& dir, const RunResult& run, const FaultCall& at) {
        INFO(describe(run, at));
        const datadir::Layout data(dir / "data");
        if (run.exit_code != 0) ++disturbed;
        const auto contents = all_contents(data.root());
        for (const char byte : {'x', 'y', 'z'})
            CHECK(std::ranges::any_of(contents, [&](const std::string& text) {
                return text.size() >= 5'000 && text.find_first_not_of(byte) == std::string::npos;
            }));
        const auto again = run_tool(rebuild_command(data));
        INFO(describe(again, {}));
        // Sound means that it is done.
        CHECK((again.exit_code == 0 || (again.exit_code == 1 && again.err.find("is sound") != std::string::npos)));
        (void)run_tool({MOX_BIN "/mox-verifydata", "--fix=stray-file", data.root()});
        CHECK(verification_trouble(data.root()) == "");
        CHECK(temporary_files(data).empty());
        db::Database alice(data.account_db("alice"), {.access = db::Access::read_write});
        CHECK(alice.value<std::int64_t>("SELECT count(*) FROM mailbox WHERE name = 'Recovered'") == 0);
        CHECK(alice.value<bool>("SELECT trains FROM account") == true);
        CHECK(fs::exists(data.junk_filter_db("alice")));
    };
    const Experiment experiment{.prepare = [](const fs::path& dir) { return rebuild_command(make_broken(dir)); },
                                .check = check,
                                .parent = working_place()};
    const bool all = action == FaultAction::kill;
    const auto phases = for_every_boundary(experiment, {.action = action, .every = every(all ? 1 : 3)});
    CHECK(disturbed > 0);
    if (sample != 1 || !all) return;
    CHECK(met(phases, "rename", "accounts/alice") >= 5);
    CHECK(met(phases, "fsync", "rebuild-alice") + met(phases, "fdatasync", "rebuild-alice") > 0);
}
