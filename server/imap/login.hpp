#pragma once

#include <memory>
#include <string>

#include "base/random.hpp"
#include "server/imap/session.hpp"

namespace mox::imap {

// What AUTHENTICATE and LOGIN share: one attempt, whose steps run on a worker thread.
struct Attempt {
    explicit Attempt(const Environment& shared)
        : environment{.users = shared.users,
                      .random = random,
                      .clock = shared.clock,
                      .hostname = shared.hostname,
                      .secret = shared.secret,
                      .matches = shared.matches} {}
    Attempt(const Attempt&) = delete;
    Attempt& operator=(const Attempt&) = delete;

    SystemRandom random;
    login::Environment environment;
    std::unique_ptr<login::Exchange> exchange;  // none for LOGIN
    login::Step step = login::Challenge{};      // what the last one led to
    std::string failure;                        // it could not be told: an error of ours
};

// Ends the command by what the attempt came to, which is no Challenge. `address` is whom the client named.
void conclude(Session& session, const Attempt& attempt, std::string_view mechanism, const std::string& address);

// Throws Refusal when too many attempts failed from the client's network.
void require_attempts_left(Session& session);

}  // namespace mox::imap
