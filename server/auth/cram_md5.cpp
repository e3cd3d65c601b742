// CRAM-MD5 (RFC 2195): a challenge of the server, and its HMAC-MD5 with the password as the key.

#include "auth/cram_md5.hpp"

#include <fmt/format.h>

#include "base/encoding.hpp"
#include "server/auth/exchanges.hpp"

namespace mox::login {

namespace {

class CramMd5 final : public Exchange {
public:
    explicit CramMd5(Environment& environment) : environment_(environment) {}

protected:
    bool client_goes_first() const override { return false; }

    Step start() override {
        const Timestamp now = environment_.clock.now();
        std::array<std::byte, 8> number{};
        environment_.random.fill(number);
        challenge_ =
            fmt::format("<{}.{}.{:09}@{}>", to_hex(number), now.seconds, now.nanoseconds, environment_.hostname);
        return Challenge{challenge_};
    }

    // user SP digest
    Step step(std::string_view response) override {
        const auto blank = response.rfind(' ');
        if (blank == std::string_view::npos || blank == 0 || response.size() - blank - 1 != 32)
            return Failed{Failure::malformed, "not a user and a digest", {}};
        const auto user = response.substr(0, blank);
        const Lookup found = environment_.users.find(user);
        note(user, found);
        static const auth::CramMd5Keys nobody = auth::cram_md5_keys({});
        const bool has_keys = !found.account.empty() && found.credentials && found.credentials->cram_md5;
        const std::string right = auth::cram_md5_digest(has_keys ? *found.credentials->cram_md5 : nobody, challenge_);
        if (auth::equal_in_constant_time(right, ascii_lower(response.substr(blank + 1))) && has_keys)
            return let_in(found);
        return Failed{Failure::bad_credentials, why_not(found, Mechanism::cram_md5, has_keys), {}};
    }

private:
    Environment& environment_;
    std::string challenge_;
};

}  // namespace

std::unique_ptr<Exchange> make_cram_md5(Environment& environment) {
    return std::make_unique<CramMd5>(environment);
}

}  // namespace mox::login
