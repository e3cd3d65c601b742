#pragma once

#include "server/auth/fixture.hpp"
#include "server/imap/session.hpp"
#include "support/session_driver.hpp"

namespace mox::test {

// A session for users in memory.
struct ImapFixture {
    FakeUsers users;
    FixedClock clock{1'795'343'645};
    login::AttemptLimiter attempts{clock};
    log::StringSink sink;
    log::Levels levels;
    log::Log shared{sink, levels, clock};
    imap::Environment environment{.users = users,
                                  .attempts = attempts,
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
    [[nodiscard]] imap::Session session(const imap::Settings& settings = {.plain_text_passwords = true}) {
        return {environment, settings, net::Peer{.ip = "192.0.2.1"}, log::Logger(shared, "net")};
    }
};

}  // namespace mox::test
