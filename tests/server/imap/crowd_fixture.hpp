#pragma once

#include <future>
#include <map>
#include <mutex>

#include "server/imap/answer_lines.hpp"
#include "server/imap/mail_fixture.hpp"
#include "server/net/workers.hpp"

namespace mox::test {

// Which message was seen under which UID, by anybody. Used by all threads.
class Witness {
public:
    void note(std::uint32_t uidvalidity, std::uint32_t uid, const std::string& token) {
        const std::lock_guard lock(mutex_);
        const auto [entry, is_new] = tokens_.try_emplace({uidvalidity, uid}, token);
        demand(is_new || entry->second == token, "two messages have the same UID");
    }
    std::string token_of(std::uint32_t uidvalidity, std::uint32_t uid) {
        const std::lock_guard lock(mutex_);
        const auto entry = tokens_.find({uidvalidity, uid});
        return entry == tokens_.end() ? "" : entry->second;
    }
    void complain(const std::string& what) {
        const std::lock_guard lock(mutex_);
        violations.push_back(what);
    }
    std::vector<std::string> violations;

private:
    std::mutex mutex_;
    std::map<std::pair<std::uint32_t, std::uint32_t>, std::string> tokens_;
};

// An account whose sessions work on threads, as under a server.
struct CrowdFixture : MailFixture {
    CrowdFixture() { levels.set_everything(log::Level::error); }
    ~CrowdFixture() { workers.stop(); }
    // Until what the account has to do at this moment is done.
    void settle() {
        const auto done = std::make_shared<std::promise<void>>();
        workers.submit("mjl", [done] { done->set_value(); });
        done->get_future().get();
    }

    net::Workers workers{4};
    imap::Accounts shared_accounts{
        {.layout = layout, .clock = &clock, .log = log::Logger(shared, "imap")},
        [this](const std::string& strand, std::function<void()> task) { workers.submit(strand, std::move(task)); }};
    imap::Environment crowd{.users = users,
                            .attempts = attempts,
                            .accounts = shared_accounts,
                            .clock = clock,
                            .hostname = "mail.mox.example",
                            .secret = "secret",
                            .version = "1"};
    Witness witness;
};

}  // namespace mox::test
