// SCRAM (RFC 5802, RFC 7677): both sides prove that they know what follows from the password.

#include <fmt/format.h>

#include "auth/scram.hpp"
#include "base/encoding.hpp"
#include "server/auth/exchanges.hpp"
#include "server/auth/scram_messages.hpp"

namespace mox::login {

namespace {

constexpr std::size_t nonce_bytes = 12;

Failed malformed(std::string reason) {
    return {Failure::malformed, std::move(reason), {}};
}

Mechanism mechanism_of(auth::Digest digest, Binding binding) {
    if (digest == auth::Digest::sha1)
        return binding == Binding::with ? Mechanism::scram_sha1_plus : Mechanism::scram_sha1;
    return binding == Binding::with ? Mechanism::scram_sha256_plus : Mechanism::scram_sha256;
}

class Scram final : public Exchange {
public:
    Scram(auth::Digest digest, Binding binding, Channel channel, Environment& environment)
        : digest_(digest),
          binding_(binding),
          channel_(std::move(channel)),
          environment_(environment) {}

protected:
    Step start() override { return Challenge{}; }
    Step step(std::string_view response) override {
        switch (next_) {
            case Next::client_first:
                return on_client_first(response);
            case Next::client_final:
                return on_client_final(response);
            case Next::acknowledgement:
                break;
        }
        if (!response.empty()) return malformed("an answer to the server's signature");
        return let_in(found_);
    }

private:
    enum class Next { client_first, client_final, acknowledgement };

    [[nodiscard]] std::optional<Failed> check_binding(const ClientFirst& first);
    // The user's keys, or made-up ones that are the same every time.
    [[nodiscard]] auth::ScramKeys keys_for_user();
    [[nodiscard]] Step on_client_first(std::string_view response);
    [[nodiscard]] Step on_client_final(std::string_view response);

    const auth::Digest digest_;
    const Binding binding_;
    const Channel channel_;
    Environment& environment_;
    Next next_ = Next::client_first;
    Lookup found_;
    bool has_keys_ = false;
    auth::ScramKeys keys_;
    std::string expected_channel_, client_first_bare_, server_first_, nonce_;
};

std::optional<Failed> Scram::check_binding(const ClientFirst& first) {
    expected_channel_ = first.gs2_header;
    if (binding_ == Binding::without) {
        if (first.flag == BindingFlag::bound) return malformed("channel binding without -PLUS");
        // Somebody in between has taken the -PLUS mechanisms from what we offered (RFC 5802 section 6).
        if (first.flag == BindingFlag::server_without && channel_.can_bind())
            return Failed{Failure::channel_binding, "the client was told that channel binding is not supported", {}};
        return std::nullopt;
    }
    if (first.flag != BindingFlag::bound) return malformed("-PLUS without channel binding");
    const std::string* data = nullptr;
    if (first.binding == "tls-exporter") data = &channel_.tls_exporter;
    if (first.binding == "tls-server-end-point") data = &channel_.tls_server_end_point;
    if (data == nullptr || data->empty())
        return Failed{Failure::channel_binding, "channel binding " + quote(first.binding) + " is not supported", {}};
    expected_channel_ += *data;
    return std::nullopt;
}

auth::ScramKeys Scram::keys_for_user() {
    const bool is_sha1 = digest_ == auth::Digest::sha1;
    if (found_.credentials && !found_.account.empty()) {
        const auto& stored = is_sha1 ? found_.credentials->scram_sha1 : found_.credentials->scram_sha256;
        if (stored && stored->iterations > 0) {
            has_keys_ = true;
            return *stored;
        }
    }
    const std::string label = (is_sha1 ? "SHA-1 " : "SHA-256 ") + found_.address;
    const auto made_up = [&](std::string_view what) {
        return auth::hmac(auth::Digest::sha256, environment_.secret, std::string(what) + label);
    };
    return {.salt = made_up("salt ").substr(0, auth::scram_salt_bytes),
            .iterations = is_sha1 ? auth::scram_sha1_iterations : auth::scram_sha256_iterations,
            .salted_password = made_up("password ").substr(0, auth::size_of(digest_))};
}

Step Scram::on_client_first(std::string_view response) {
    auto parsed = parse_client_first(response);
    if (const auto* problem = std::get_if<std::string>(&parsed)) return malformed(*problem);
    const auto& first = std::get<ClientFirst>(parsed);
    if (auto failed = check_binding(first)) return *failed;
    found_ = environment_.users.find(first.user);
    note(first.user, found_);
    if (!is_same_user(first.authorization, found_.address, environment_.users))
        return Failed{Failure::other_identity, "wants to act for another user", {}};
    keys_ = keys_for_user();
    std::array<std::byte, nonce_bytes> random{};
    environment_.random.fill(random);
    nonce_ = first.nonce + to_base64(random);
    client_first_bare_ = first.bare;
    server_first_ = fmt::format("r={},s={},i={}", nonce_, to_base64(as_bytes(keys_.salt)), keys_.iterations);
    next_ = Next::client_final;
    return Challenge{server_first_};
}

Step Scram::on_client_final(std::string_view response) {
    auto parsed = parse_client_final(response);
    if (const auto* problem = std::get_if<std::string>(&parsed)) return malformed(*problem);
    const auto& last = std::get<ClientFinal>(parsed);
    const std::string message = client_first_bare_ + "," + server_first_ + "," + last.without_proof;
    const std::string proof = auth::scram_client_proof(digest_, keys_.salted_password, message);
    const std::string signature = auth::scram_server_signature(digest_, keys_.salted_password, message);
    const bool is_right = auth::equal_in_constant_time(proof, last.proof);
    const bool is_nonce = auth::equal_in_constant_time(nonce_, last.nonce);
    const bool is_bound = auth::equal_in_constant_time(expected_channel_, last.channel);
    if (!is_right || !has_keys_)
        return Failed{Failure::bad_credentials, why_not(found_, mechanism_of(digest_, binding_), has_keys_), {}};
    if (!is_nonce) return Failed{Failure::bad_credentials, "the nonce is another one", {}};
    if (!is_bound) return Failed{Failure::channel_binding, "bound to another channel", {}};
    if (!found_.login_disabled.empty()) return let_in(found_);
    next_ = Next::acknowledgement;
    return Challenge{"v=" + to_base64(as_bytes(signature))};
}

}  // namespace

std::unique_ptr<Exchange> make_scram(auth::Digest digest, Binding binding, const Channel& channel,
                                     Environment& environment) {
    return std::make_unique<Scram>(digest, binding, channel, environment);
}

}  // namespace mox::login
