#include "server/auth/password_cache.hpp"

#include <catch2/catch.hpp>

#include "server/auth/fixture.hpp"

using namespace mox;
using namespace mox::login;

namespace {

struct Cached {
    FixedClock clock{1'795'343'645};
    SeededRandom random{3};
    int checks = 0;
    // In place of bcrypt: the hash is "h:" and the password.
    PasswordCache cache{clock, random, [this](const std::string& hash, std::string_view password) {
                            ++checks;
                            return hash == "h:" + std::string(password);
                        }};
};

}  // namespace

TEST_CASE("a right password is checked once in a while, a wrong one each time", "[sasl]") {
    Cached f;
    for (int i = 0; i < 3; ++i) CHECK(f.cache.matches("h:right", "right"));
    CHECK(f.checks == 1);
    for (int i = 0; i < 3; ++i) CHECK_FALSE(f.cache.matches("h:right", "wrong"));
    CHECK(f.checks == 4);
    CHECK(f.cache.size() == 1);

    f.clock.advance(std::chrono::seconds(PasswordCache::lifetime_seconds - 1));
    CHECK(f.cache.matches("h:right", "right"));
    CHECK(f.checks == 4);
    f.clock.advance(std::chrono::seconds(1));
    CHECK(f.cache.matches("h:right", "right"));
    CHECK(f.checks == 5);
    CHECK(f.cache.size() == 1);
}

TEST_CASE("a new password ends the time of the old one", "[sasl]") {
    Cached f;
    CHECK(f.cache.matches("h:old", "old"));
    CHECK_FALSE(f.cache.matches("h:new", "old"));
    CHECK(f.cache.matches("h:new", "new"));
    // Not even the same text with the border elsewhere.
    CHECK(f.cache.matches("h:ab", "ab"));
    CHECK_FALSE(f.cache.matches("h:a", "bab"));
}

TEST_CASE("a clock that jumps back makes no password last longer", "[sasl]") {
    Cached f;
    CHECK(f.cache.matches("h:right", "right"));
    f.clock.advance(std::chrono::hours(-24));
    CHECK(f.cache.matches("h:right", "right"));
    CHECK(f.checks == 2);
}

TEST_CASE("no more passwords are kept than a few thousand", "[sasl]") {
    Cached f;
    const auto login = [&](std::size_t i) {
        const std::string password = "password " + std::to_string(i);
        return f.cache.matches("h:" + password, password);
    };
    for (std::size_t i = 0; i < PasswordCache::most_entries + 100; ++i) REQUIRE(login(i));
    CHECK(f.cache.size() == PasswordCache::most_entries);
    const int before = f.checks;
    CHECK(login(PasswordCache::most_entries));
    CHECK(f.checks == before);
    CHECK(login(0));
    CHECK(f.checks == before + 1);
}

TEST_CASE("logins with the cache are those without it", "[sasl]") {
    test::LoginFixture f;
    SeededRandom random(1);
    PasswordCache cache(f.clock, random, f.environment.matches);
    f.environment.matches = [&](const std::string& hash, std::string_view password) {
        return cache.matches(hash, password);
    };
    CHECK(test::identity_of(check_password("mjl@mox.example", "testpass1234", f.environment)));
    CHECK(f.hashes == 1);
    CHECK(test::identity_of(check_password("mjl@mox.example", "testpass1234", f.environment)));
    CHECK(f.hashes == 1);
    CHECK(test::failure_of(check_password("mjl@mox.example", "testpass123", f.environment)) ==
          Failure::bad_credentials);
    CHECK(test::failure_of(check_password("other@mox.example", "testpass1234", f.environment)) ==
          Failure::bad_credentials);
    CHECK(f.hashes == 3);

    f.users.add("mjl@mox.example", "mjl", "another pass");
    CHECK(test::failure_of(check_password("mjl@mox.example", "testpass1234", f.environment)) ==
          Failure::bad_credentials);
    CHECK(test::identity_of(check_password("mjl@mox.example", "another pass", f.environment)));
}
