#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "auth/credentials.hpp"
#include "base/clock.hpp"
#include "base/random.hpp"

// SASL (RFC 4422) for every protocol: PLAIN (RFC 4616), LOGIN, CRAM-MD5 (RFC 2195), SCRAM-SHA-1 (RFC 5802),
// SCRAM-SHA-256 (RFC 7677) and the -PLUS variants, bound to the TLS connection by tls-server-end-point (RFC 5929) or
// tls-exporter (RFC 9266).
//
// An exchange sees the bytes of the mechanism only: the protocol brings base64, the answer "*" and the limit on
// attempts (server/auth/attempt_limiter.hpp). Unknown users, users without a password and wrong passwords get the same
// answers after the same work.

namespace mox::login {

enum class Mechanism { plain, login, cram_md5, scram_sha1, scram_sha1_plus, scram_sha256, scram_sha256_plus };

// "SCRAM-SHA-256-PLUS"
[[nodiscard]] std::string_view name_of(Mechanism mechanism);
// In any case; nullopt for other names.
[[nodiscard]] std::optional<Mechanism> mechanism_named(std::string_view name);

// The connection, as far as it matters.
struct Channel {
    bool passwords_allowed = false;    // PLAIN and LOGIN: there is TLS, or the listener does without
    std::string tls_server_end_point;  // hash of the certificate (RFC 5929 section 4.1); empty: cannot be bound to
    std::string tls_exporter;          // 32 bytes, label "EXPORTER-Channel-Binding"; empty: cannot be bound to
    [[nodiscard]] bool can_bind() const { return !tls_server_end_point.empty() || !tls_exporter.empty(); }
};

// What to offer, strongest first.
[[nodiscard]] std::vector<Mechanism> offered_mechanisms(const Channel& channel);

// Who logged in.
struct Identity {
    std::string account;
    std::string address;  // canonical
    friend bool operator==(const Identity&, const Identity&) = default;
};

// What is known of the address that a client named.
struct Lookup {
    std::string address;                           // canonical, also of addresses that nobody has
    std::string account;                           // empty: nobody has the address
    std::string login_disabled;                    // not empty: the text that refuses the login of this account
    std::optional<auth::Credentials> credentials;  // absent: no password was set
};

// Finds users and what their passwords left. Called on the thread that calls an exchange; may block.
class Users {
public:
    virtual ~Users() = default;
    // Throws Error when it cannot be told now (a locked database).
    [[nodiscard]] virtual Lookup find(std::string_view address) = 0;
};

// What exchanges need; all of it outlives them. Not shared between threads, except what is behind `users`.
struct Environment {
    Users& users;
    Random& random;
    const Clock& clock;
    std::string hostname;
    // Makes up salts for users that are not there. It has to be the same after a restart, or these would change while
    // those of real users stay: derive it from receivedid.key.
    std::string secret;
    // The slow part of PLAIN and LOGIN; called as often for users that are not there.
    std::function<bool(const std::string& hash, std::string_view password)> matches = auth::bcrypt_matches;
};

enum class Failure {
    bad_credentials,  // wrong password, no such user, or no stored form of the password for this mechanism
    malformed,        // not what the mechanism's grammar says
    channel_binding,  // of a kind we do not have, to another channel, or the client was led to believe we have none
    other_identity,   // wants to act for somebody else
    needs_tls,        // PLAIN or LOGIN where passwords are not allowed
    login_disabled,   // the right password, but the account may not log in
};
// For metrics and auth.db: "badcreds", "badprotocol", "badchanbind", "badrole", "needstls", "logindisabled".
[[nodiscard]] std::string_view name_of(Failure failure);
// Whether it belongs into the limiter: guesses do, mistakes do not.
[[nodiscard]] bool is_guess(Failure failure);

struct Challenge {
    std::string bytes;  // to be sent; may be empty
};
struct Failed {
    Failure kind;
    std::string reason;  // for the log; never what a client sent as a password, never for the client
    std::string text;    // for the client, only with login_disabled: the configured text
};
using Step = std::variant<Challenge, Identity, Failed>;  // Identity: logged in

// One attempt to log in. After a step that is no Challenge it is over. Steps block: they look users up and compute
// hashes, so that they belong on a worker thread. They throw Error only when Users does.
class Exchange {
public:
    virtual ~Exchange() = default;
    // The first step, with the client's initial response where the protocol had one ("=" in base64 is an empty one).
    [[nodiscard]] Step begin(std::optional<std::string_view> initial_response);
    // The client's answer to a challenge. Longer ones than max_response_bytes are malformed.
    [[nodiscard]] Step respond(std::string_view response);

    static constexpr std::size_t max_response_bytes = 8192, max_noted_bytes = 320;

    // What the client named so far, for logs: any bytes, cut at 320; empty when it named nobody. And whose it is.
    [[nodiscard]] const std::string& login_address() const { return login_address_; }
    [[nodiscard]] const std::string& account() const { return account_; }

protected:
    [[nodiscard]] virtual Step start() = 0;  // no initial response
    [[nodiscard]] virtual bool client_goes_first() const { return true; }
    [[nodiscard]] virtual Step step(std::string_view response) = 0;
    void note(std::string_view login, const Lookup& found);

private:
    std::string login_address_, account_;
};

// Never null; a mechanism that the channel does not allow fails at its first step.
[[nodiscard]] std::unique_ptr<Exchange> make_exchange(Mechanism mechanism, const Channel& channel,
                                                      Environment& environment);

// A password as PLAIN has it, for LOGIN of IMAP and for web pages: an Identity or Failed. Blocks.
[[nodiscard]] Step check_password(std::string_view address, std::string_view password, Environment& environment);

}  // namespace mox::login
