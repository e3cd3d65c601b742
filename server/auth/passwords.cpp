// PLAIN (RFC 4616) and LOGIN: the password itself goes over the line.

#include "server/auth/exchanges.hpp"

namespace mox::login {

namespace {

// Of no password that anybody knows; compared with where there is nothing to compare with.
const std::string nobody = "$2b$10$Tn4Yq0vN8yq1aYx0sQ5hC.6f7v9rjC6Z0lYxB3r5cWQ0p9mZyq2Zu";

bool matches(const Lookup& found, std::string_view password, Environment& environment) {
    const std::string& hash = found.credentials ? found.credentials->bcrypt : nobody;
    const auto prepared = auth::prepared_password(password);
    bool is_right = prepared && environment.matches(hash, *prepared);
    // Older versions hashed passwords as they came.
    if (!is_right && prepared != password) is_right = environment.matches(hash, password);
    return is_right && found.credentials && !found.account.empty();
}

Step compare(const Lookup& found, std::string_view password, Environment& environment) {
    if (matches(found, password, environment)) return let_in(found);
    return Failed{Failure::bad_credentials, why_not(found, Mechanism::plain, true), {}};
}

class Plain final : public Exchange {
public:
    explicit Plain(Environment& environment) : environment_(environment) {}

protected:
    Step start() override { return Challenge{}; }
    // message = [authzid] NUL authcid NUL passwd
    Step step(std::string_view response) override {
        const auto first = response.find('\0');
        const auto second = first == std::string_view::npos ? first : response.find('\0', first + 1);
        if (second == std::string_view::npos || response.find('\0', second + 1) != std::string_view::npos)
            return Failed{Failure::malformed, "not three parts between two NULs", {}};
        const auto authorization = response.substr(0, first);
        const auto user = response.substr(first + 1, second - first - 1);
        const Lookup found = environment_.users.find(user);
        note(user, found);
        if (!is_same_user(authorization, found.address, environment_.users))
            return Failed{Failure::other_identity, "wants to act for another user", {}};
        return compare(found, response.substr(second + 1), environment_);
    }

private:
    Environment& environment_;
};

// draft-murchison-sasl-login: two questions, two answers.
class Login final : public Exchange {
public:
    explicit Login(Environment& environment) : environment_(environment) {}

protected:
    Step start() override { return Challenge{"Username:"}; }
    Step step(std::string_view response) override {
        if (!found_) {
            found_ = environment_.users.find(response);
            note(response, *found_);
            return Challenge{"Password:"};
        }
        return compare(*found_, response, environment_);
    }

private:
    Environment& environment_;
    std::optional<Lookup> found_;
};

}  // namespace

std::unique_ptr<Exchange> make_plain(Environment& environment) {
    return std::make_unique<Plain>(environment);
}
std::unique_ptr<Exchange> make_login(Environment& environment) {
    return std::make_unique<Login>(environment);
}

Step check_password(std::string_view address, std::string_view password, Environment& environment) {
    return compare(environment.users.find(address), password, environment);
}

}  // namespace mox::login
