#include "admin/account_data.hpp"

#include <catch2/catch.hpp>

#include "auth/credentials.hpp"
#include "common/admin/fixture.hpp"
#include "store/mailbox.hpp"

using namespace mox;
using namespace mox::admin;
using test::Installation;
using test::problem_of;

TEST_CASE("a password is stored as what follows from it, and replaces the one before", "[admin]") {
    const Installation host;
    const auto layout = datadir::create(host.dir / "data");
    const auto config = config::load(host.file);
    SystemRandom random;
    {
        auto account = open_account(config, layout, "ana");
        CHECK_FALSE(auth::load_credentials(account.database()));
        set_password(account, "correct horse", random);
        account.database().run(
            "INSERT INTO login_session (created, expires, session_token, csrf_token, login_address)"
            " VALUES (1, 2, x'00', x'00', 'ana@mox.example')");
    }
    auto account = open_account(config, layout, "ana");
    const auto first = auth::load_credentials(account.database());
    REQUIRE(first);
    CHECK(auth::bcrypt_matches(first->bcrypt, "correct horse"));
    REQUIRE(first->cram_md5);
    REQUIRE(first->scram_sha1);
    REQUIRE(first->scram_sha256);
    set_password(account, "battery staple", random);
    const auto second = auth::load_credentials(account.database());
    CHECK(auth::bcrypt_matches(second->bcrypt, "battery staple"));
    CHECK_FALSE(auth::bcrypt_matches(second->bcrypt, "correct horse"));
    CHECK(second->scram_sha256->salt != first->scram_sha256->salt);
    CHECK(account.database().value<int>("SELECT count(*) FROM login_session") == 0);
    CHECK(account.database().value<int>("SELECT count(*) FROM credential") == 1);
    CHECK(problem_of([&] { set_password(account, "short", random); }).code == Errc::usage);
    CHECK(auth::load_credentials(account.database()) == second);
}

TEST_CASE("credentials without those of a mechanism are read as such", "[admin]") {
    const Installation host;
    const auto layout = datadir::create(host.dir / "data");
    auto account = open_account(config::load(host.file), layout, "ana");
    const auth::Credentials only_bcrypt{.bcrypt = "$2b$...", .changed = 7};
    auth::save_credentials(account.database(), only_bcrypt);
    CHECK(auth::load_credentials(account.database()) == only_bcrypt);
}

TEST_CASE("accounts are made when they are configured", "[admin]") {
    const Installation host;
    const auto layout = datadir::create(host.dir / "data");
    const auto config = config::load(host.file);
    CHECK(problem_of([&] { (void)open_account(config, layout, "nobody"); }).code == Errc::not_found);
    CHECK(datadir::account_names(layout).empty());
    auto account = open_account(config, layout, "ben");
    CHECK(store::list_mailboxes(account.database()).size() == 6);
}

TEST_CASE("the password of the admin pages is a file", "[admin]") {
    const Installation host;
    SystemRandom random;
    CHECK_THAT(problem_of([&] { set_admin_password(config::load(host.file), "correct horse", random); }).text,
               Catch::Contains("has no AdminPasswordFile"));
    const Installation other("AdminPasswordFile: adminpasswd\n");
    const auto config = config::load(other.file);
    CHECK(problem_of([&] { set_admin_password(config, "short", random); }).code == Errc::usage);
    CHECK_FALSE(status_of(other.dir / "config/adminpasswd"));
    set_admin_password(config, "correct horse", random);
    const std::string hash = read_file(other.dir / "config/adminpasswd");
    CHECK(auth::bcrypt_matches(hash, "correct horse"));
    CHECK((status_of(other.dir / "config/adminpasswd")->st_mode & 0007) == 0);
    set_admin_password(config, "battery staple", random);
    CHECK(auth::bcrypt_matches(read_file(other.dir / "config/adminpasswd"), "battery staple"));
}

TEST_CASE("generated passwords can be set and differ", "[admin]") {
    SystemRandom random;
    const std::string one = generate_password(random), other = generate_password(random);
    CHECK(one.size() == 16);
    CHECK(one != other);
    CHECK(auth::password_problem(one).empty());
    CHECK(generate_password(random, 8).size() == 8);
}
