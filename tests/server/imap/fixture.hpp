#pragma once

#include "server/auth/fixture.hpp"
#include "server/imap/session.hpp"
#include "store/account.hpp"
#include "support/promises.hpp"
#include "support/session_driver.hpp"
#include "support/temp_dir.hpp"

namespace mox::test {

// Sessions for users in memory, and a data directory that their accounts may be in.
struct ImapFixture {
    FakeUsers users;
    FixedClock clock{1'795'343'645};
    login::AttemptLimiter attempts{clock};
    log::StringSink sink;
    log::Levels levels;
    log::Log shared{sink, levels, clock};
    TempDir dir;
    datadir::Layout layout{dir / "data"};
    imap::AccountRules rules;
    std::vector<std::function<void()>> tasks;  // for worker threads, later
    imap::Accounts accounts{
        {.layout = layout,
         .clock = &clock,
         .rules = [this](const std::string&) { return rules; },
         .log = log::Logger(shared, "imap")},
        [this](const std::string&, std::function<void()> task) { tasks.push_back(std::move(task)); }};
    imap::Environment environment{.users = users,
                                  .attempts = attempts,
                                  .accounts = accounts,
                                  .clock = clock,
                                  .hostname = "mail.mox.example",
                                  .secret = "secret",
                                  .version = "1.2.3"};

    ImapFixture() {
        // Hashes take long on purpose; all fixtures share them.
        static const auto made = [] {
            FakeUsers one;
            one.add("mjl@mox.example", "mjl", "testpass1234");
            return one.users;
        }();
        users.users = made;
        levels.set_everything(log::Level::trace);
    }
    ~ImapFixture() { run_tasks(); }

    void run_tasks() {
        while (!tasks.empty())
            for (const auto& task : std::exchange(tasks, {})) task();
    }
    [[nodiscard]] imap::Session session(const imap::Settings& settings = {.plain_text_passwords = true}) {
        return {environment, settings, net::Peer{.ip = "192.0.2.1"}, log::Logger(shared, "net")};
    }
};

}  // namespace mox::test
