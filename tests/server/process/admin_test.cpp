// Commands that change things beside a running server.

#include <catch2/catch.hpp>
#include <thread>

#include "queue/queue.hpp"
#include "server/process/server_process.hpp"

using namespace mox;
using test::LocalServer;
using test::run_program;

namespace {

namespace fs = std::filesystem;

test::ProgramRun set_password(const LocalServer& local, const std::string& account, const std::string& password) {
    return run_program({"sh", "-c", "printf '%s\\n' \"$3\" | \"$0\" setaccountpassword \"$2\" -c \"$1\"",
                        test::mox_program, local.config().string(), account, password});
}

bool can_log_in(const LocalServer& local, const std::string& user_and_password) {
    const int code = local.curl(user_and_password).exit_code;
    CHECK((code == 0 || code == 67));  // 67: login denied
    return code == 0;
}

}  // namespace

TEST_CASE("a new password is the only one at once, also where the old one was just used", "[serve]") {
    LocalServer local;
    REQUIRE(local.is_ready());
    for (int i = 0; i < 2; ++i) CHECK(can_log_in(local, "mox@localhost:moxmoxmox"));
    CHECK(set_password(local, "mox", "battery staple").exit_code == 0);
    CHECK_FALSE(can_log_in(local, "mox@localhost:moxmoxmox"));
    CHECK(can_log_in(local, "mox@localhost:battery staple"));
    CHECK(set_password(local, "mox", "short").exit_code == 2);
    CHECK(set_password(local, "nobody", "long enough").exit_code == 10);
    CHECK(can_log_in(local, "mox@localhost:battery staple"));
}

TEST_CASE("domains, accounts and addresses come and go in a running server", "[serve]") {
    LocalServer local;
    REQUIRE(local.is_ready());
    const auto added = local.mox({"domain", "add", "other.example", "mox"});
    CHECK(added.err == "");
    REQUIRE(added.exit_code == 0);
    REQUIRE(local.mox({"account", "add", "ana", "ana@other.example"}).exit_code == 0);
    REQUIRE(set_password(local, "ana", "correct horse").exit_code == 0);
    CHECK(can_log_in(local, "ana@other.example:correct horse"));
    CHECK(local.mox({"address", "add", "bea@other.example", "ana"}).exit_code == 0);
    CHECK(can_log_in(local, "bea@other.example:correct horse"));
    CHECK(local.mox({"address", "rm", "ana@other.example"}).exit_code == 0);
    CHECK_FALSE(can_log_in(local, "ana@other.example:correct horse"));

    // What is refused leaves file and server as they are.
    const std::string before = read_file(local.domains());
    for (const auto& words : std::vector<std::vector<std::string>>{{"domain", "rm", "other.example"},
                                                                   {"account", "rm", "mox"},
                                                                   {"account", "add", "ana", "x@localhost"},
                                                                   {"address", "add", "bea@other.example", "mox"},
                                                                   {"address", "rm", "nobody@localhost"}}) {
        INFO(words[0] << " " << words[1] << " " << words[2]);
        const auto refused = local.mox(words);
        CHECK((refused.exit_code == 1 || refused.exit_code == 10));
        CHECK(refused.err.find("error: ") != std::string::npos);
    }
    CHECK(read_file(local.domains()) == before);
    CHECK(can_log_in(local, "bea@other.example:correct horse"));

    for (const auto& words :
         std::vector<std::vector<std::string>>{{"account", "rm", "ana"}, {"domain", "rm", "other.example"}}) {
        const auto done = local.mox(words);
        INFO(done.err);
        CHECK(done.exit_code == 0);
    }
    CHECK_FALSE(can_log_in(local, "bea@other.example:correct horse"));
    CHECK(can_log_in(local, "mox@localhost:moxmoxmox"));
}

TEST_CASE("of many changes at the same time none is lost", "[serve]") {
    LocalServer local;
    REQUIRE(local.is_ready());
    constexpr int writers = 6;
    std::vector<test::ProgramRun> runs(writers);
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < writers; ++i)
            threads.emplace_back([&, i] {
                runs[static_cast<std::size_t>(i)] =
                    local.mox({"address", "add", "a" + std::to_string(i) + "@localhost", "mox"});
            });
    }
    for (int i = 0; i < writers; ++i) {
        INFO(i << ": " << runs[static_cast<std::size_t>(i)].err);
        CHECK(runs[static_cast<std::size_t>(i)].exit_code == 0);
        CHECK(can_log_in(local, "a" + std::to_string(i) + "@localhost:moxmoxmox"));
    }
}

TEST_CASE("a server whose control socket is gone notices changes by itself", "[serve]") {
    LocalServer local;
    REQUIRE(local.is_ready());
    fs::remove(local.data() / "ctl");
    CHECK(local.mox({"address", "add", "ana@localhost", "mox"}).exit_code == 0);
    REQUIRE(local.server->says("domains.conf is in force"));
    CHECK(can_log_in(local, "ana@localhost:moxmoxmox"));
}

TEST_CASE("the queue is listed, hurried and emptied beside a running server", "[serve]") {
    LocalServer local;
    REQUIRE(local.is_ready());
    const datadir::Layout layout(local.data());
    std::vector<queue::NewMessage> messages;
    for (const char* localpart : {"a", "b", "c"}) {
        auto& message = messages.emplace_back();
        message.envelope.queued = {.seconds = 1'795'343'645};
        message.envelope.sender_account = "mox";
        message.envelope.sender = {"mox", "localhost"};
        message.envelope.recipient = {localpart, "remote.example"};
        message.pending.next_attempt = 4'000'000'000;
    }
    const SystemClock clock;
    queue::Queue queue(layout, {.access = db::Access::create}, clock);
    REQUIRE(queue.add(messages, "Subject: x\r\n\r\nx\r\n").size() == 3);

    CHECK(local.mox({"queue", "list"}).out.find("a@remote.example") != std::string::npos);
    CHECK(local.mox({"queue", "--id", "1", "kick"}).exit_code == 0);
    CHECK(queue.get(1)->pending->next_attempt < 4'000'000'000);
    CHECK(queue.get(2)->pending->next_attempt == 4'000'000'000);
    CHECK(local.mox({"queue", "--recipient", "b@remote.example", "drop"}).exit_code == 0);
    CHECK_FALSE(queue.get(2));
    CHECK(queue.count(queue::State::pending) == 2);
    CHECK(local.mox({"queue", "--all", "drop"}).exit_code == 0);
    CHECK(queue.count(queue::State::any) == 0);
    queue.close();
    REQUIRE(local.mox({"stop"}).exit_code == 0);
    CHECK(run_program({MOX_BIN "/mox-verifydata", "-q", local.data().string()}).exit_code == 0);
}
