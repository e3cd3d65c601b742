#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include "common/snapshot/fixture.hpp"
#include "snapshot/take.hpp"

using namespace mox;
using namespace mox::test;

namespace {

// Delivers, flags, copies, expunges and erases until told to stop.
class Writer {
public:
    Writer(const datadir::Layout& layout, const std::string& account, int seed)
        : account_(store::Account::open(layout, account)),
          number_(seed * 100'000) {}

    void work_once() {
        (void)store::deliver(account_, "Inbox", {.received = {.seconds = 1'700'000'000}}, message_text(++number_));
        store::Transaction tx(account_);
        const auto inbox = store::find_mailbox(account_.database(), "Inbox").value();
        const auto archive = store::find_mailbox(account_.database(), "Archive").value();
        const auto newest = store::number(inbox.uidnext) - 1;
        const store::UidRanges last{{store::Uid{newest}, store::Uid{newest}}};
        (void)store::change_flags(tx, inbox.id, last, {.keywords = {"busy"}});
        if (number_ % 3 == 0) (void)store::copy_messages(tx, inbox.id, last, archive.id);
        if (number_ % 2 == 0) {
            const auto oldest = newest > 6 ? newest - 6 : 1;
            (void)store::expunge(tx, inbox.id, {{store::Uid{1}, store::Uid{oldest}}}, store::Expunge::all);
        }
        tx.commit();
        if (number_ % 4 == 0) (void)store::erase_queued(account_);
    }
    [[nodiscard]] int count() const { return number_ % 100'000; }

private:
    store::Account account_;
    int number_;
};

}  // namespace

TEST_CASE("snapshots beside a writing thread are whole, one after the other", "[snapshot]") {
    const Source source;
    std::atomic<bool> stop = false;
    std::atomic<int> rounds = 0;
    std::string failure;
    std::thread thread([&] {
        try {
            Writer writer(source.layout, "alice", 1);
            for (; !stop; ++rounds) writer.work_once();
        } catch (const std::exception& error) {
            failure = error.what();
        }
    });
    std::set<std::string> problems;
    std::vector<int> rounds_then;
    for (int i = 0; i < 6; ++i) {
        while (failure.empty() && rounds < (i + 1) * 4) std::this_thread::yield();
        Hearing hearing;
        auto options = source.options();
        options.lock_timeout = std::chrono::seconds(20);
        options.messages.allow_link = i % 2 == 0;
        (void)snapshot::take(options, source.dir / ("s" + std::to_string(i)), hearing);
        problems.insert(hearing.problems().begin(), hearing.problems().end());
    }
    stop = true;
    thread.join();
    CHECK(failure.empty());
    CHECK(problems == std::set<std::string>{});
    for (int i = 0; i < 6; ++i) require_whole(source.dir / ("s" + std::to_string(i)));
}

TEST_CASE("snapshots beside other processes that write are whole", "[snapshot]") {
    const Source source;
    std::vector<pid_t> children;
    for (int seed = 1; seed <= 2; ++seed) {
        const pid_t child = ::fork();
        REQUIRE(child >= 0);
        if (child == 0) {
            try {
                Writer writer(source.layout, seed == 1 ? "alice" : "bob", seed);
                while (writer.count() < 3000 && !status_of(source.dir / "stop")) writer.work_once();
                ::_exit(0);
            } catch (...) {
                ::_exit(1);
            }
        }
        children.push_back(child);
    }
    std::set<std::string> problems;
    for (int i = 0; i < 6; ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(50));  // only so that the writers get further in between
        Hearing hearing;
        auto options = source.options();
        options.lock_timeout = std::chrono::seconds(20);
        (void)snapshot::take(options, source.dir / ("s" + std::to_string(i)), hearing);
        problems.insert(hearing.problems().begin(), hearing.problems().end());
    }
    source.dir.write("stop", "");
    for (const pid_t child : children) {
        int status = 0;
        REQUIRE(::waitpid(child, &status, 0) == child);
        CHECK(status == 0);
    }
    CHECK(problems == std::set<std::string>{});
    for (int i = 0; i < 6; ++i) require_whole(source.dir / ("s" + std::to_string(i)));
}
