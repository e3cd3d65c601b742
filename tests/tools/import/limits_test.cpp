#include <signal.h>

#include <atomic>
#include <thread>

#include "base/interrupt.hpp"
#include "fixture.hpp"
#include "support/mounts.hpp"

using namespace mox;
using namespace mox::test;

namespace {

std::string mbox_of(int messages, std::size_t body_bytes) {
    const std::string body(body_bytes, 'x');
    std::string text;
    for (int i = 0; i < messages; ++i)
        text += "From ann Mon Jan  2 15:04:05 2006\nSubject: s" + std::to_string(i) + "\nMessage-ID: <" +
                std::to_string(i) + "@example.org>\n\n" + body + "\n\n";
    return text;
}

// Runs `work` once the import has written its first message file.
class WhenStarted {
public:
    WhenStarted(const ImportFixture& fixture, std::function<void()> work)
        : thread_([this, folder = fixture.layout().messages("alice"),
                   known = files_below(fixture.layout().messages("alice")), work = std::move(work)] {
              while (!stop_ && files_below_or(folder, known) == known) std::this_thread::yield();
              if (!stop_) work();
          }) {}
    ~WhenStarted() {
        stop_ = true;
        thread_.join();
    }

private:
    // Files come and go meanwhile.
    static std::set<std::string> files_below_or(const fs::path& folder, const std::set<std::string>& otherwise) try {
        return files_below(folder);
    } catch (const fs::filesystem_error&) {
        return otherwise;
    }
    std::atomic<bool> stop_ = false;
    std::thread thread_;
};

}  // namespace

TEST_CASE("an import that is interrupted leaves nothing behind", "[import]") {
    const int number = GENERATE(SIGINT, SIGTERM, SIGHUP);
    const ImportFixture fixture;
    REQUIRE(fixture.import_text(mbox_of(3, 10)).exit_code == 0);
    const auto before = fixture.state();
    cli::ToolRun done;
    {
        const WhenStarted interrupt(fixture, [&] { set_interrupted_by(number); });
        done = fixture.import_text(mbox_of(5000, 1000), "New/Mailbox");
    }
    set_interrupted_by(0);
    INFO(done.err);
    CHECK(done.exit_code == 128 + number);
    CHECK(done.out.empty());
    CHECK(done.err == "mox-import: error: interrupted\n");
    CHECK(fixture.state() == before);
    fixture.require_consistent();
    CHECK(fixture.import_text(mbox_of(2, 10), "New/Mailbox").exit_code == 0);
    fixture.require_consistent();
}

TEST_CASE("an import that is interrupted before it begins touches nothing", "[import]") {
    const ImportFixture fixture;
    const auto before = fixture.state();
    const fs::path mbox = fixture.folder().write("in.mbox", mbox_of(1, 1));
    set_interrupted_by(SIGTERM);
    const auto done = fixture.import("mbox", mbox, "New", {"--json"});
    set_interrupted_by(0);
    CHECK(done.exit_code == 128 + SIGTERM);
    CHECK(done.out.find("{\"type\":\"error\",\"code\":\"interrupted\"") != std::string::npos);
    CHECK(done.out.find("\"exit_code\":143") != std::string::npos);
    CHECK(fixture.state() == before);
}

TEST_CASE("a locked account is waited for and then given up", "[import]") {
    const ImportFixture fixture;
    const auto before = fixture.state();
    const fs::path mbox = fixture.folder().write("in.mbox", mbox_of(3, 10));
    {
        db::Database other(fixture.database_path(), {.access = db::Access::read_write});
        const db::Transaction held(other);
        const auto started = std::chrono::steady_clock::now();
        const auto timeout = GENERATE(0, 1);
        const auto done = fixture.import("mbox", mbox, "New", {"--lock-timeout", std::to_string(timeout)});
        INFO(done.err);
        CHECK(done.exit_code == 11);
        CHECK(done.err.find("account 'alice'") != std::string::npos);
        CHECK(done.err.find("locked") != std::string::npos);
        CHECK(std::chrono::steady_clock::now() - started < std::chrono::seconds(timeout + 8));
    }
    CHECK(fixture.state() == before);
    CHECK(fixture.import("mbox", mbox, "New").exit_code == 0);
    fixture.require_consistent();
}

TEST_CASE("a lock that another process takes before the end undoes the import", "[import]") {
    const ImportFixture fixture;
    const auto before = fixture.state();
    cli::ToolRun done;
    std::atomic<bool> finished = false;
    {
        const WhenStarted lock(fixture, [&] {
            db::Database other(fixture.database_path(), {.access = db::Access::read_write});
            const db::Transaction held(other);
            while (!finished) std::this_thread::sleep_for(std::chrono::milliseconds(1));
        });
        done = fixture.import_text(mbox_of(1500, 500), "New", {"--lock-timeout", "0"});
        CHECK(files_below(fixture.layout().messages("alice")).empty());
        finished = true;
    }
    INFO(done.err);
    CHECK(done.exit_code == 11);
    CHECK(fixture.state() == before);  // opening the account removed the rows of the journal
    fixture.require_consistent();
}

TEST_CASE("readers and writers beside an import see nothing of it before its end", "[import]") {
    const ImportFixture fixture;
    std::atomic<int> seen = -1;
    std::atomic<bool> wrote = false;
    {
        const WhenStarted look(fixture, [&] {
            auto account = fixture.account();
            seen = account.database().value<int>("SELECT count(*) FROM placement").value();
            store::Transaction tx(account);
            store::create_mailbox(tx, "Beside", store::Subscribe::no);
            tx.commit();
            wrote = true;
        });
        REQUIRE(fixture.import_text(mbox_of(1500, 500), "New").exit_code == 0);
    }
    CHECK(seen == 0);
    CHECK(wrote);
    CHECK(fixture.messages("New").size() == 1500);
    fixture.require_consistent();
}

TEST_CASE("a data directory that cannot be written is refused as it is", "[import]") {
    const ImportFixture fixture;
    const fs::path mbox = fixture.folder().write("in.mbox", mbox_of(3, 10));
    const auto before = dump_tree(fixture.layout().root());
    {
        const auto mounted = Mounted::read_only(fixture.layout().root());
        if (!mounted) return;
        const auto done = fixture.import("mbox", mbox, "New");
        INFO(done.err);
        CHECK(done.exit_code == 1);
        CHECK(done.err.find("account 'alice'") != std::string::npos);
        const auto dry = fixture.import("mbox", mbox, "New", {"--dry-run"});
        INFO(dry.err);
        CHECK(dry.exit_code == 0);
        CHECK(dry.out.find("would import 3 messages") != std::string::npos);
    }
    CHECK(dump_tree(fixture.layout().root()) == before);
}

TEST_CASE("an import that fills the disk leaves the account as it was", "[import]") {
    const TempDir folder;
    const auto mounted = Mounted::small(folder / "small", 4U << 20U);
    if (!mounted) return;
    const ImportFixture fixture(folder / "small" / "data");
    REQUIRE(fixture.import_text(mbox_of(3, 10)).exit_code == 0);
    int failures = 0;
    for (const std::size_t free_bytes : {0U, 8192U, 40'000U, 100'000U, 200'000U, 300'000U, 400'000U, 500'000U, 600'000U,
                                         700'000U, 900'000U, 1'200'000U}) {
        INFO(free_bytes << " bytes free");
        const auto before = fixture.state();
        const auto space = fs::space(folder / "small");
        const fs::path filler = folder / "small" / "filler";
        std::ofstream(filler) << std::string(space.free - std::min<std::size_t>(space.free, free_bytes), 'x');
        const auto done = fixture.import_text(mbox_of(100, 2000), "New");
        fs::remove(filler);
        INFO(done.err);
        if (done.exit_code == 0) {
            auto account = fixture.account();
            CHECK(fixture.messages("New").size() % 100 == 0);
        } else {
            ++failures;
            CHECK(done.exit_code == 1);
            CHECK(done.err.find("no space") != std::string::npos);
            CHECK(fixture.state() == before);
        }
        fixture.require_consistent();
    }
    CHECK(failures >= 3);
    CHECK(failures <= 11);
}
