#pragma once

#include <map>
#include <string>

#include "auth/scram.hpp"
#include "base/encoding.hpp"
#include "server/auth/sasl.hpp"

namespace mox::test {

// Users in memory; counts what it is asked.
class FakeUsers final : public login::Users {
public:
    login::Lookup find(std::string_view address) override {
        ++questions;
        const std::string canonical = ascii_lower(address);
        const auto found = users.find(canonical);
        if (found == users.end()) return {.address = canonical, .account = {}, .login_disabled = {}, .credentials = {}};
        return found->second;
    }
    void add(const std::string& address, const std::string& account, const std::string& password) {
        SeededRandom random(users.size() + 1);
        users[address] = {.address = address,
                          .account = account,
                          .login_disabled = {},
                          .credentials = auth::derive_credentials(password, random, {.seconds = 1})};
    }
    std::map<std::string, login::Lookup> users;
    int questions = 0;
};

// Gives the bytes of a base64 text, then those of a seed.
class ScriptedRandom final : public Random {
public:
    explicit ScriptedRandom(std::string_view base64 = {}) : script_(from_base64(base64).value()) {}
    void fill(std::span<std::byte> bytes) override {
        for (auto& byte : bytes) {
            if (script_.empty()) {
                after_.fill(std::span(&byte, 1));
                continue;
            }
            byte = static_cast<std::byte>(script_.front());
            script_.erase(0, 1);
        }
    }

private:
    std::string script_;
    SeededRandom after_{7};
};

struct LoginFixture {
    FakeUsers users;
    ScriptedRandom random;
    FixedClock clock{1'795'343'645};
    int hashes = 0;  // how often bcrypt ran
    login::Environment environment{.users = users,
                                   .random = random,
                                   .clock = clock,
                                   .hostname = "mail.mox.example",
                                   .secret = "secret",
                                   .matches = [this](const std::string& hash, std::string_view password) {
                                       ++hashes;
                                       return auth::bcrypt_matches(hash, password);
                                   }};
    login::Channel channel{.passwords_allowed = true,
                           .tls_server_end_point = "end point hash",
                           .tls_exporter = "thirty-two bytes of the exporter"};

    explicit LoginFixture(std::string_view random_base64 = {}) : random(random_base64) {
        users.add("mjl@mox.example", "mjl", "testpass1234");
    }
    [[nodiscard]] std::unique_ptr<login::Exchange> start(login::Mechanism mechanism) {
        return login::make_exchange(mechanism, channel, environment);
    }
};

inline std::string challenge_of(const login::Step& step) {
    const auto* challenge = std::get_if<login::Challenge>(&step);
    return challenge != nullptr ? challenge->bytes : "(no challenge)";
}
inline std::optional<login::Identity> identity_of(const login::Step& step) {
    const auto* identity = std::get_if<login::Identity>(&step);
    return identity != nullptr ? std::optional(*identity) : std::nullopt;
}
inline std::optional<login::Failure> failure_of(const login::Step& step) {
    const auto* failed = std::get_if<login::Failed>(&step);
    return failed != nullptr ? std::optional(failed->kind) : std::nullopt;
}
inline std::string reason_of(const login::Step& step) {
    const auto* failed = std::get_if<login::Failed>(&step);
    return failed != nullptr ? failed->reason : "(not failed)";
}

// The other side of SCRAM.
struct ScramClient {
    auth::Digest digest = auth::Digest::sha256;
    std::string user = "mjl@mox.example", password = "testpass1234";
    std::string header = "n,,";  // gs2-header
    std::string channel = {};    // data of the binding
    std::string nonce = "clientnonce1234";
    std::string salt = {}, server_nonce = {}, expected_signature = {};
    std::int64_t iterations = 0;

    [[nodiscard]] std::string bare() const { return "n=" + user + ",r=" + nonce; }
    [[nodiscard]] std::string first() const { return header + bare(); }
    // Reads "r=...,s=...,i=...".
    void read(const std::string& server_first) {
        const auto value = [&](const std::string& key) {
            const auto at = ("," + server_first).find("," + key + "=");
            const auto start = at + key.size() + 1;
            return server_first.substr(start, server_first.find(',', start) - start);
        };
        server_nonce = value("r");
        salt = from_base64(value("s")).value();
        iterations = std::stoll(value("i"));
    }
    [[nodiscard]] std::string final_message(const std::string& server_first) {
        read(server_first);
        const std::string without_proof = "c=" + to_base64(as_bytes(header + channel)) + ",r=" + server_nonce;
        const std::string message = bare() + "," + server_first + "," + without_proof;
        const std::string salted = auth::pbkdf2(digest, password, salt, iterations);
        expected_signature = "v=" + to_base64(as_bytes(auth::scram_server_signature(digest, salted, message)));
        return without_proof + ",p=" + to_base64(as_bytes(auth::scram_client_proof(digest, salted, message)));
    }
    // The whole exchange up to the step after the last message that may be sent.
    [[nodiscard]] login::Step log_in(login::Exchange& exchange) {
        login::Step step = exchange.begin(first());
        if (!std::holds_alternative<login::Challenge>(step)) return step;
        step = exchange.respond(final_message(challenge_of(step)));
        if (!std::holds_alternative<login::Challenge>(step)) return step;
        if (challenge_of(step) != expected_signature) throw std::logic_error("the server's signature is wrong");
        return exchange.respond("");
    }
};

}  // namespace mox::test
