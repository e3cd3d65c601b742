#include "base/encoding.hpp"
#include "base/error.hpp"
#include "server/imap/commands.hpp"
#include "server/imap/login.hpp"

namespace mox::imap {

namespace {

struct Exchanging : Attempt {
    Exchanging(const Session& session, login::Mechanism chosen) : Attempt(session.environment()), mechanism(chosen) {
        exchange = login::make_exchange(chosen, session.channel(), environment);
    }
    login::Mechanism mechanism;
};
using Shared = std::shared_ptr<Exchanging>;

std::string decoded(std::string_view text) {
    const auto bytes = from_base64(text);
    if (!bytes) throw bad("this is no base64");
    return *bytes;
}

void step(Session& session, const Shared& attempt, std::optional<std::string> response, bool is_first);

void after_step(Session& session, const Shared& attempt) {
    const auto* const challenge = std::get_if<login::Challenge>(&attempt->step);
    if (!attempt->failure.empty() || challenge == nullptr)
        return conclude(session, *attempt, name_of(attempt->mechanism), attempt->exchange->login_address());
    session.ask(to_base64(as_bytes(challenge->bytes)), [&session, attempt](const std::string& line) {
        if (line == "*") throw bad("authentication was cancelled");
        step(session, attempt, decoded(line), false);
    });
}

void step(Session& session, const Shared& attempt, std::optional<std::string> response, bool is_first) {
    session.work(
        [attempt, response = std::move(response), is_first] {
            try {
                attempt->step =
                    is_first ? attempt->exchange->begin(response) : attempt->exchange->respond(response.value_or(""));
            } catch (const Error& error) {
                attempt->failure = error.what();
            }
        },
        [&session, attempt] { after_step(session, attempt); });
}

}  // namespace

// RFC 9051 section 6.2.2, with the initial response of RFC 4959.
void cmd_authenticate(Session& session, Parser& parser) {
    parser.space();
    const std::string name = parser.atom();
    std::optional<std::string> initial;
    if (parser.take(' ')) {
        const std::string text = parser.rest();
        initial = text == "=" ? std::string() : decoded(text);
    }
    parser.end();
    const auto mechanism = login::mechanism_named(name);
    if (!mechanism) throw no("mechanism not supported");
    require_attempts_left(session);
    step(session, std::make_shared<Exchanging>(session, *mechanism), std::move(initial), true);
}

}  // namespace mox::imap
