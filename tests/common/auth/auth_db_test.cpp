#include "auth/auth_db.hpp"

#include <catch2/catch.hpp>

#include "support/database_checks.hpp"
#include "support/temp_dir.hpp"

using namespace mox;
using namespace mox::auth;

namespace {

constexpr std::int64_t midnight = 1'700'006'400;

struct Fixture {
    test::TempDir dir;
    datadir::Layout layout = datadir::create(dir / "data");
    db::Database database = open_auth(layout, {.access = db::Access::create});
};

LoginAttempt attempt_at(std::int64_t time, const std::string& account, const std::string& result) {
    return {.first = time, .last = time, .account = account, .remote_ip = "192.0.2.1", .result = result};
}

}  // namespace

TEST_CASE("equal logins of one day are counted in one row", "[auth]") {
    Fixture f;
    add_login_attempt(f.database, attempt_at(midnight + 1, "mjl", "badcreds"));
    add_login_attempt(f.database, attempt_at(midnight + 9, "mjl", "badcreds"));
    add_login_attempt(f.database, attempt_at(midnight - 1, "mjl", "badcreds"));
    add_login_attempt(f.database, attempt_at(midnight + 5, "mjl", "ok"));
    add_login_attempt(f.database, attempt_at(midnight + 2, "", "badcreds"));
    const auto found = login_attempts(f.database, "mjl", 0);
    REQUIRE(found.size() == 3);
    CHECK(found[0].last == midnight + 9);
    CHECK(found[0].first == midnight + 1);
    CHECK(found[0].count == 2);
    CHECK(found[1].result == "ok");
    CHECK(login_attempts(f.database, std::nullopt, 0).size() == 4);
    CHECK(login_attempts(f.database, std::nullopt, 2).size() == 2);
    CHECK(login_attempts(f.database, "", 0).size() == 1);
    CHECK(f.database.value<int>("SELECT failed FROM login_attempt_state WHERE account = 'mjl'") == 2);
    CHECK(forget_login_attempts(f.database, midnight) == 1);
    CHECK(f.database.value<int>("SELECT failed FROM login_attempt_state WHERE account = 'mjl'") == 1);
}

TEST_CASE("a TLS public key is there once, until it is removed", "[auth]") {
    Fixture f;
    const TlsPublicKey key{.fingerprint = "abc",
                           .created = midnight,
                           .type = "ecdsa-p256",
                           .name = "laptop",
                           .no_imap_preauth = true,
                           .certificate_der = std::string("\x30\x00\xff", 3),
                           .account = "mjl",
                           .login_address = "mjl@mox.example"};
    add_tls_public_key(f.database, key);
    CHECK(test::error_of([&] { add_tls_public_key(f.database, key); }) == Errc::failed);
    const auto found = tls_public_keys(f.database);
    REQUIRE(found.size() == 1);
    CHECK(found[0].certificate_der == key.certificate_der);
    CHECK(found[0].no_imap_preauth);
    CHECK(test::problems_of(f.database).empty());
    CHECK(remove_tls_public_key(f.database, "abc"));
    CHECK_FALSE(remove_tls_public_key(f.database, "abc"));
}

TEST_CASE("an account to be removed is remembered once", "[auth]") {
    Fixture f;
    add_account_removal(f.database, "old");
    add_account_removal(f.database, "old");
    CHECK(account_removals(f.database) == std::vector<std::string>{"old"});
    CHECK(test::problems_of(f.database).empty());
    CHECK(finish_account_removal(f.database, "old"));
    CHECK_FALSE(finish_account_removal(f.database, "old"));
}

TEST_CASE("auth.db opens twice, seals what cannot be made again and refuses a newer version", "[auth]") {
    Fixture f;
    CHECK(test::tables_without_seal(f.database) == std::vector<std::string>{"login_attempt", "login_attempt_state"});
    CHECK(test::schema_trouble(f.dir / "other.db", auth_schema()).empty());
}
