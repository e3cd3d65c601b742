#include "base/error.hpp"
#include "server/imap/commands.hpp"
#include "server/imap/login.hpp"

namespace mox::imap {

namespace {

Refusal refusal_for(const login::Failed& failed) {
    switch (failed.kind) {
        case login::Failure::bad_credentials:
            break;
        case login::Failure::malformed:
            return bad("malformed answer");
        case login::Failure::channel_binding:
            return no("channel binding does not fit", "AUTHENTICATIONFAILED");
        case login::Failure::other_identity:
            return no("cannot act for somebody else", "AUTHORIZATIONFAILED");
        case login::Failure::needs_tls:
            return no("TLS is required for passwords", "PRIVACYREQUIRED");
        case login::Failure::login_disabled:
            return no("login is disabled: " + failed.text, "CONTACTADMIN");
    }
    return no("bad credentials", "AUTHENTICATIONFAILED");
}

}  // namespace

void require_attempts_left(Session& session) {
    if (!session.environment().attempts.allows(session.address(), login::Protocol::imap))
        throw no("too many failed logins from your network, try later", "LIMIT");
}

void conclude(Session& session, const Attempt& attempt, std::string_view mechanism, const std::string& address) {
    if (!attempt.failure.empty()) {
        session.log().error("login failed", {{"mechanism", mechanism}, {"err", attempt.failure}});
        return session.refuse(no("logins are not possible at this moment, try later", "UNAVAILABLE"));
    }
    if (const auto* const who = std::get_if<login::Identity>(&attempt.step)) {
        session.log().info("login", {{"account", who->account}, {"address", who->address}, {"mechanism", mechanism}});
        session.environment().attempts.forgive(session.address());
        session.log_in(*who);
        return;
    }
    const auto& failed = std::get<login::Failed>(attempt.step);
    session.log().info(
        "login refused",
        {{"login", address}, {"mechanism", mechanism}, {"result", name_of(failed.kind)}, {"reason", failed.reason}});
    if (is_guess(failed.kind)) return session.login_failed(refusal_for(failed));
    session.refuse(refusal_for(failed));
}

// RFC 9051 section 6.2.3.
void cmd_login(Session& session, Parser& parser) {
    parser.space();
    const std::string address = parser.astring();
    parser.space();
    const std::string password = parser.astring();
    parser.end();
    if (!session.channel().passwords_allowed) throw no("TLS is required for passwords", "PRIVACYREQUIRED");
    require_attempts_left(session);
    const auto attempt = std::make_shared<Attempt>(session.environment());
    session.work(
        [attempt, address, password] {
            try {
                attempt->step = login::check_password(address, password, attempt->environment);
            } catch (const Error& error) {
                attempt->failure = error.what();
            }
        },
        [&session, attempt, address] { conclude(session, *attempt, "login", address.substr(0, 320)); });
}

}  // namespace mox::imap
