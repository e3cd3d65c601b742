#include "server/auth/sasl.hpp"

#include <algorithm>
#include <array>

#include "base/encoding.hpp"
#include "server/auth/exchanges.hpp"

namespace mox::login {

namespace {

struct Name {
    Mechanism mechanism;
    std::string_view name;
};
// Strongest first.
constexpr std::array mechanisms{
    Name{Mechanism::scram_sha256_plus, "SCRAM-SHA-256-PLUS"},
    Name{Mechanism::scram_sha256, "SCRAM-SHA-256"},
    Name{Mechanism::scram_sha1_plus, "SCRAM-SHA-1-PLUS"},
    Name{Mechanism::scram_sha1, "SCRAM-SHA-1"},
    Name{Mechanism::cram_md5, "CRAM-MD5"},
    Name{Mechanism::plain, "PLAIN"},
    Name{Mechanism::login, "LOGIN"},
};

// Empty when the channel allows it.
std::optional<Failed> refusal(Mechanism mechanism, const Channel& channel) {
    switch (mechanism) {
        case Mechanism::plain:
        case Mechanism::login:
            if (channel.passwords_allowed) return std::nullopt;
            return Failed{Failure::needs_tls, "a password in plain text without TLS", {}};
        case Mechanism::scram_sha1_plus:
        case Mechanism::scram_sha256_plus:
            if (channel.can_bind()) return std::nullopt;
            return Failed{Failure::channel_binding, "channel binding without TLS", {}};
        default:
            return std::nullopt;
    }
}

class Refusing final : public Exchange {
public:
    explicit Refusing(Failed why) : why_(std::move(why)) {}

protected:
    Step start() override { return why_; }
    Step step(std::string_view) override { return why_; }

private:
    Failed why_;
};

}  // namespace

std::string_view name_of(Mechanism mechanism) {
    return std::ranges::find(mechanisms, mechanism, &Name::mechanism)->name;
}

std::optional<Mechanism> mechanism_named(std::string_view name) {
    const auto found =
        std::ranges::find_if(mechanisms, [&](const Name& known) { return equal_ignoring_case(known.name, name); });
    return found == mechanisms.end() ? std::nullopt : std::optional(found->mechanism);
}

std::vector<Mechanism> offered_mechanisms(const Channel& channel) {
    std::vector<Mechanism> offered;
    for (const auto& known : mechanisms)
        if (!refusal(known.mechanism, channel)) offered.push_back(known.mechanism);
    return offered;
}

std::string_view name_of(Failure failure) {
    switch (failure) {
        case Failure::bad_credentials:
            return "badcreds";
        case Failure::malformed:
            return "badprotocol";
        case Failure::channel_binding:
            return "badchanbind";
        case Failure::other_identity:
            return "badrole";
        case Failure::needs_tls:
            return "needstls";
        case Failure::login_disabled:
            return "logindisabled";
    }
    return {};
}

bool is_guess(Failure failure) {
    return failure == Failure::bad_credentials || failure == Failure::channel_binding;
}

Step Exchange::begin(std::optional<std::string_view> initial_response) {
    if (!initial_response) return start();
    if (!client_goes_first())
        return Failed{Failure::malformed, "an initial response where the server speaks first", {}};
    return respond(*initial_response);
}

Step Exchange::respond(std::string_view response) {
    if (response.size() > max_response_bytes) return Failed{Failure::malformed, "a response that is too long", {}};
    return step(response);
}

void Exchange::note(std::string_view login, const Lookup& found) {
    login_address_ = login.substr(0, max_noted_bytes);
    account_ = found.account;
}

std::unique_ptr<Exchange> make_exchange(Mechanism mechanism, const Channel& channel, Environment& environment) {
    if (const auto why = refusal(mechanism, channel)) return std::make_unique<Refusing>(*why);
    switch (mechanism) {
        case Mechanism::plain:
            return make_plain(environment);
        case Mechanism::login:
            return make_login(environment);
        case Mechanism::cram_md5:
            return make_cram_md5(environment);
        case Mechanism::scram_sha1:
            return make_scram(auth::Digest::sha1, Binding::without, channel, environment);
        case Mechanism::scram_sha1_plus:
            return make_scram(auth::Digest::sha1, Binding::with, channel, environment);
        case Mechanism::scram_sha256:
            return make_scram(auth::Digest::sha256, Binding::without, channel, environment);
        case Mechanism::scram_sha256_plus:
            return make_scram(auth::Digest::sha256, Binding::with, channel, environment);
    }
    return nullptr;
}

std::string why_not(const Lookup& found, Mechanism mechanism, bool has_credential) {
    if (found.account.empty()) return "no such address";
    if (!found.credentials) return "the account has no password";
    if (!has_credential)
        return "the stored password lacks what " + std::string(name_of(mechanism)) + " needs; set it again";
    return "wrong password";
}

Step let_in(const Lookup& found) {
    if (!found.login_disabled.empty())
        return Failed{Failure::login_disabled, "login of the account is disabled", found.login_disabled};
    return Identity{found.account, found.address};
}

bool is_same_user(std::string_view authorization, const std::string& own, Users& users) {
    return authorization.empty() || users.find(authorization).address == own;
}

}  // namespace mox::login
